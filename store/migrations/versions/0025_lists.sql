-- Retention reaches what people keep beside conversations.
CREATE INDEX conversation_notes_workspace ON conversation_notes (workspace_id, id);
CREATE INDEX conversation_tasks_done ON conversation_tasks (workspace_id, id) WHERE done_at IS NOT NULL;
CREATE INDEX reply_drafts_workspace ON reply_drafts (workspace_id, updated_at);

-- What waits for people is found among very many. A column of its own, since an index on `status` would be written by
-- every turn that begins or ends a run: this one changes when people come and go.
ALTER TABLE conversations ADD COLUMN handed_off boolean NOT NULL GENERATED ALWAYS AS (status = 'handed_off') STORED;
CREATE INDEX conversations_handed_off ON conversations (workspace_id, number_id, stirred) WHERE handed_off;
CREATE INDEX conversations_team ON conversations (workspace_id, number_id, team, stirred) WHERE team <> '';
