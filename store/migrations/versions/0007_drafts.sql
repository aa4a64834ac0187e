-- Drafts of bots: the latest states of each, so that who saved over another can merge, and the texts in them.

-- The state with the highest `seq` is the draft. `manifest` maps path to the tag of its text.
CREATE TABLE draft_states (
    bot_id        uuid NOT NULL REFERENCES bots,
    seq           integer NOT NULL,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    etag          text NOT NULL,
    manifest      jsonb NOT NULL,
    base_version  integer,                      -- the version that it began as, or last became
    at            timestamptz NOT NULL DEFAULT now(),
    by            text NOT NULL,
    PRIMARY KEY (bot_id, seq)
);

CREATE TABLE draft_texts (
    bot_id        uuid NOT NULL REFERENCES bots,
    tag           text NOT NULL,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    text          text NOT NULL,
    PRIMARY KEY (bot_id, tag)
);

GRANT SELECT, INSERT, DELETE ON draft_states, draft_texts TO chatloom_api;
GRANT UPDATE (base_version) ON draft_states TO chatloom_api;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['draft_states', 'draft_texts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;
