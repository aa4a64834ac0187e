-- Templates, as the channel has them: read from it, never changed here.
CREATE TABLE message_templates (
    number_id     uuid NOT NULL REFERENCES numbers,
    name          text NOT NULL,
    language      text NOT NULL,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    status        text NOT NULL,               -- as the channel says: APPROVED, PENDING, REJECTED, PAUSED …
    category      text NOT NULL DEFAULT '',
    provider_id   text NOT NULL DEFAULT '',
    components    jsonb NOT NULL DEFAULT '[]',
    synced_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (number_id, name, language)
);
CREATE INDEX message_templates_workspace ON message_templates (workspace_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON message_templates TO chatloom_api;
GRANT SELECT ON message_templates TO chatloom_runtime;

ALTER TABLE message_templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_templates FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON message_templates TO chatloom_owner USING (true);
CREATE POLICY runtime ON message_templates TO chatloom_runtime USING (true);
CREATE POLICY api ON message_templates TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
