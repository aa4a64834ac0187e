-- Contacts as the workspace keeps them: declared fields, tags, erasures; schemas of posted events.

-- What the data of a posted event must look like, by the event's name.
CREATE TABLE event_schemas (
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL,
    data_schema   jsonb NOT NULL,               -- JSON Schema 2020-12
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, name)
);

-- Which fields a contact's profile may have. Their values are sealed in the profile.
CREATE TABLE contact_fields (
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL,
    type          text NOT NULL CHECK (type IN ('string', 'integer', 'number', 'boolean', 'date')),
    title         text NOT NULL DEFAULT '',
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, name)
);

ALTER TABLE contacts ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
CREATE INDEX contacts_workspace ON contacts (workspace_id, id);
CREATE INDEX contacts_tags ON contacts USING gin (tags);

-- Contacts that are to be forgotten, or were: who ordered it, and how many rows went. Nothing of the contact but his id.
CREATE TABLE erasures (
    id            uuid PRIMARY KEY,             -- the contact's
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    ordered_by    text NOT NULL,
    ordered_at    timestamptz NOT NULL DEFAULT now(),
    swept_at      timestamptz,                  -- when all was first gone
    closed_at     timestamptz,                  -- when what came late was gone too
    conversations jsonb NOT NULL DEFAULT '[]',  -- [[number, conversation]]
    names         bytea,                        -- sealed: how channels named him, until it is closed
    removed       jsonb NOT NULL DEFAULT '{}'   -- table -> rows
);
CREATE INDEX erasures_open ON erasures (ordered_at) WHERE closed_at IS NULL;
CREATE INDEX erasures_workspace ON erasures (workspace_id, id);

GRANT SELECT ON event_schemas, contact_fields, erasures TO chatloom_api, chatloom_runtime;
GRANT INSERT, UPDATE, DELETE ON event_schemas, contact_fields TO chatloom_api;
GRANT INSERT ON erasures TO chatloom_api;
GRANT UPDATE ON erasures TO chatloom_runtime;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['event_schemas', 'contact_fields', 'erasures'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;
