-- How many days a workspace keeps things. NULL, or no row: for good.
CREATE TABLE retention (
    workspace_id   uuid PRIMARY KEY REFERENCES workspaces,
    messages_days  integer CHECK (messages_days BETWEEN 1 AND 36500),
    data_days      integer CHECK (data_days BETWEEN 1 AND 36500),
    audit_days     integer CHECK (audit_days BETWEEN 1 AND 36500),
    updated_at     timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT ON retention TO chatloom_api, chatloom_runtime;
GRANT INSERT, UPDATE ON retention TO chatloom_api;

ALTER TABLE retention ENABLE ROW LEVEL SECURITY;
ALTER TABLE retention FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON retention TO chatloom_owner USING (true);
CREATE POLICY runtime ON retention TO chatloom_runtime USING (true);
CREATE POLICY api ON retention TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
