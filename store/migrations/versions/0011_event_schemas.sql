-- What the data of a posted event must look like, by the event's name.
CREATE TABLE event_schemas (
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL,
    data_schema   jsonb NOT NULL,               -- JSON Schema 2020-12
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, name)
);

GRANT SELECT ON event_schemas TO chatloom_api, chatloom_runtime;
GRANT INSERT, UPDATE, DELETE ON event_schemas TO chatloom_api;

ALTER TABLE event_schemas ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_schemas FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON event_schemas TO chatloom_owner USING (true);
CREATE POLICY runtime ON event_schemas TO chatloom_runtime USING (true);
CREATE POLICY api ON event_schemas TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
