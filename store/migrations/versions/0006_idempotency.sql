-- Requests that bear an Idempotency-Key: who repeats one within a day gets the same answer, and nothing is done twice.
-- A request takes a claim before it begins; `done` is set in the transaction that does what was asked, by the claim.
CREATE TABLE idempotency (
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    caller        text NOT NULL,                   -- one's keys are one's own: an answer may hold what is shown once
    key           bytea NOT NULL,                  -- SHA-256 of what was sent as the key
    request       bytea NOT NULL,                  -- SHA-256 of method, path, query and body
    claim         uuid NOT NULL,
    claimed_at    timestamptz NOT NULL DEFAULT now(),
    done          boolean NOT NULL DEFAULT false,
    answer        bytea,                           -- sealed: status, headers and body
    PRIMARY KEY (workspace_id, caller, key)
);
CREATE INDEX idempotency_age ON idempotency (claimed_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency TO chatloom_api;
GRANT SELECT, DELETE ON idempotency TO chatloom_runtime;

ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON idempotency TO chatloom_owner USING (true);
CREATE POLICY runtime ON idempotency TO chatloom_runtime USING (true);
CREATE POLICY api ON idempotency TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
