-- Threads: one handling of a conversation by people, from when they get the floor until the bot has it again. A number's
-- process writes them with the turn that opens and closes them; who is to answer may also be said by API.
CREATE TABLE threads (
    id               uuid PRIMARY KEY,
    workspace_id     uuid NOT NULL REFERENCES workspaces,
    number_id        uuid NOT NULL,
    conversation_id  uuid NOT NULL,
    opened_at        timestamptz NOT NULL,
    how              text NOT NULL,             -- handed_off | taken_over
    opened_by        text NOT NULL,             -- as transcripts name people; `flow …` where a flow handed over
    flow             text NOT NULL DEFAULT '',  -- where the bot stood
    step             text NOT NULL DEFAULT '',
    team             text NOT NULL DEFAULT '',
    assignee         text NOT NULL DEFAULT '',  -- as transcripts name people; empty: nobody yet
    assigned         jsonb NOT NULL DEFAULT '[]', -- each time: {at, by, assignee, team}
    closed_at        timestamptz,
    closed_by        text NOT NULL DEFAULT '',
    outcome          text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX threads_open ON threads (number_id, conversation_id) WHERE closed_at IS NULL;
CREATE INDEX threads_conversation ON threads (conversation_id, opened_at, id);
CREATE INDEX threads_waiting ON threads (workspace_id, opened_at, id) WHERE closed_at IS NULL;
CREATE INDEX threads_all ON threads (workspace_id, opened_at, id);
CREATE INDEX threads_assignee ON threads (workspace_id, assignee, opened_at, id);
CREATE INDEX threads_team ON threads (workspace_id, team, opened_at, id) WHERE team <> '';
CREATE INDEX threads_number ON threads (workspace_id, number_id, opened_at, id);

-- Those that people have now. Since when is not a column: since the conversation last moved, at the latest.
INSERT INTO threads (id, workspace_id, number_id, conversation_id, opened_at, how, opened_by, flow, step, team)
SELECT gen_random_uuid(), workspace_id, number_id, id, updated_at, 'handed_off', '', flow, step, team
FROM conversations WHERE status = 'handed_off';

GRANT SELECT, UPDATE ON threads TO chatloom_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON threads TO chatloom_runtime;

ALTER TABLE threads ENABLE ROW LEVEL SECURITY;
ALTER TABLE threads FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON threads TO chatloom_owner USING (true);
CREATE POLICY runtime ON threads TO chatloom_runtime USING (true);
CREATE POLICY api ON threads TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
