-- Erasing contacts.

-- Contacts that are to be forgotten, or were: who ordered it, and how many rows went. In the end nothing of the
-- contact is left but an id that leads nowhere.
CREATE TABLE erasures (
    id            uuid PRIMARY KEY,             -- the contact's
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    ordered_by    text NOT NULL,
    ordered_at    timestamptz NOT NULL DEFAULT now(),
    swept_at      timestamptz,                  -- when all was first gone
    closed_at     timestamptz,                  -- when what came late was gone too
    places        jsonb NOT NULL DEFAULT '[]',  -- [[number, conversation]], until it is closed
    names         bytea,                        -- sealed: how channels named him, until it is closed
    removed       jsonb NOT NULL DEFAULT '{}'   -- table -> rows
);
CREATE INDEX erasures_open ON erasures (ordered_at) WHERE closed_at IS NULL;
CREATE INDEX erasures_workspace ON erasures (workspace_id, id);

-- Which messages a blob of `media` belongs to: the same bytes, sent by two, are one blob.
CREATE TABLE media_uses (
    workspace_id     uuid NOT NULL REFERENCES workspaces,
    ref              text NOT NULL,
    message_id       uuid NOT NULL,
    number_id        uuid NOT NULL,
    month            date NOT NULL,               -- of the message, which retention may have dropped
    conversation_id  uuid NOT NULL,
    PRIMARY KEY (workspace_id, ref, message_id)
);
CREATE INDEX media_uses_conversation ON media_uses (conversation_id);

-- What is deleted by conversation, or by contact, is found so.
CREATE INDEX action_calls_conversation ON action_calls (conversation_id);
CREATE INDEX runs_conversation ON runs (conversation_id);
CREATE INDEX contact_changes_contact ON contact_changes (contact_id);
CREATE INDEX quarantine_conversation ON quarantine (conversation_id) WHERE conversation_id IS NOT NULL;

GRANT SELECT ON erasures, media_uses TO chatloom_api, chatloom_runtime;
GRANT INSERT ON erasures TO chatloom_api;
GRANT UPDATE ON erasures TO chatloom_runtime;
GRANT INSERT, DELETE ON media_uses TO chatloom_runtime;
GRANT UPDATE (answer) ON idempotency TO chatloom_runtime;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['erasures', 'media_uses'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;
