-- What people keep beside a conversation. The contact sees neither.
CREATE TABLE conversation_notes (
    id               uuid PRIMARY KEY,
    workspace_id     uuid NOT NULL REFERENCES workspaces,
    number_id        uuid NOT NULL,
    conversation_id  uuid NOT NULL,
    body             bytea NOT NULL,            -- sealed
    by               text NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    edited_at        timestamptz
);
CREATE INDEX conversation_notes_conversation ON conversation_notes (conversation_id, id);

CREATE TABLE conversation_tasks (
    id               uuid PRIMARY KEY,
    workspace_id     uuid NOT NULL REFERENCES workspaces,
    number_id        uuid NOT NULL,
    conversation_id  uuid NOT NULL,
    body             bytea NOT NULL,            -- sealed
    user_id          uuid REFERENCES users ON DELETE SET NULL,
    due_at           timestamptz,
    by               text NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    done_at          timestamptz,
    done_by          text NOT NULL DEFAULT ''
);
CREATE INDEX conversation_tasks_conversation ON conversation_tasks (conversation_id, id);
CREATE INDEX conversation_tasks_open ON conversation_tasks (workspace_id, id) WHERE done_at IS NULL;
CREATE INDEX conversation_tasks_user ON conversation_tasks (user_id, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON conversation_notes, conversation_tasks TO chatloom_api;
GRANT SELECT, DELETE ON conversation_notes, conversation_tasks TO chatloom_runtime;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['conversation_notes', 'conversation_tasks'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;
