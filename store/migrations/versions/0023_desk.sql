-- What somebody has begun to write to a contact, and not sent.
CREATE TABLE reply_drafts (
    user_id          uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    conversation_id  uuid NOT NULL,
    workspace_id     uuid NOT NULL REFERENCES workspaces,
    number_id        uuid NOT NULL,
    body             bytea NOT NULL,            -- sealed
    updated_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, conversation_id)
);
CREATE INDEX reply_drafts_conversation ON reply_drafts (conversation_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON reply_drafts TO chatloom_api;
GRANT SELECT, DELETE ON reply_drafts TO chatloom_runtime;
GRANT INSERT ON media_uses TO chatloom_api;  -- files that people attach

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['reply_drafts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;
