-- Contacts who were erased, for each number whose linked phone's session may remember them: its process alone can look there.
CREATE TABLE session_erasures (
    contact_id    uuid NOT NULL REFERENCES erasures,
    number_id     uuid NOT NULL REFERENCES numbers,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    done_at       timestamptz,
    PRIMARY KEY (contact_id, number_id)
);
CREATE INDEX session_erasures_open ON session_erasures (number_id) WHERE done_at IS NULL;
CREATE INDEX session_erasures_workspace ON session_erasures (workspace_id);

GRANT SELECT ON session_erasures TO chatloom_api, chatloom_runtime;
GRANT INSERT ON session_erasures TO chatloom_api;
GRANT UPDATE, DELETE ON session_erasures TO chatloom_runtime;

ALTER TABLE session_erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON session_erasures TO chatloom_owner USING (true);
CREATE POLICY runtime ON session_erasures TO chatloom_runtime USING (true);
CREATE POLICY api ON session_erasures TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
