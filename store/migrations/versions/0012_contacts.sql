-- Contacts as the workspace keeps them: which fields a profile may have, tags, and when each field was written.

-- Which fields a contact's profile may have. Their values are sealed in the profile.
CREATE TABLE contact_fields (
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL,
    type          text NOT NULL CHECK (type IN ('string', 'integer', 'number', 'boolean', 'date')),
    pii           boolean NOT NULL DEFAULT true,   -- says who he is: lists leave it out
    title         text NOT NULL DEFAULT '',
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, name)
);

ALTER TABLE contacts ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
ALTER TABLE contacts ADD COLUMN written jsonb NOT NULL DEFAULT '{}';  -- field -> when, as its last writer said
CREATE INDEX contacts_workspace ON contacts (workspace_id, id);
CREATE INDEX contacts_tags ON contacts USING gin (tags);

GRANT SELECT ON contact_fields TO chatloom_api, chatloom_runtime;
GRANT INSERT, UPDATE, DELETE ON contact_fields TO chatloom_api;

ALTER TABLE contact_fields ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_fields FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON contact_fields TO chatloom_owner USING (true);
CREATE POLICY runtime ON contact_fields TO chatloom_runtime USING (true);
CREATE POLICY api ON contact_fields TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
