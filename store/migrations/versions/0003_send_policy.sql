-- What a number's send policy counts and remembers, and what became of messages after they were sent.

-- Contacts that the number wrote to though they had not written: a day's budget counts them.
CREATE TABLE new_contacts (
    number_id        uuid NOT NULL REFERENCES numbers,
    conversation_id  uuid NOT NULL,
    workspace_id     uuid NOT NULL REFERENCES workspaces,
    at               timestamptz NOT NULL,      -- of the latest time that it was new
    PRIMARY KEY (number_id, conversation_id)
);

-- Until when the channel lets a number write to nobody new. `since` is the day on which its warm-up began.
CREATE TABLE send_policies (
    number_id     uuid PRIMARY KEY REFERENCES numbers,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    since         timestamptz NOT NULL,
    held_until    timestamptz
);

GRANT SELECT ON new_contacts, send_policies TO chatloom_api, chatloom_runtime;
GRANT INSERT, UPDATE, DELETE ON new_contacts, send_policies TO chatloom_runtime;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['new_contacts', 'send_policies'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;

-- `amended`: its writer changed it or took it back (edited | deleted). `resends`: how often it went out anew
-- because no delivery report came. A new status: unconfirmed, between sent and failed.
ALTER TABLE messages ADD COLUMN amended text NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN resends smallint NOT NULL DEFAULT 0;
