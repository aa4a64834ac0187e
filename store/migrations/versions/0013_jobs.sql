-- Jobs that somebody orders, such as exports. A worker holds one for a short while and says again and again that it
-- lives; one whose worker fell silent is taken by another, as its next attempt. Only the last attempt may write.
CREATE TABLE jobs (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    kind          text NOT NULL,
    args          jsonb NOT NULL DEFAULT '{}',
    state         text NOT NULL DEFAULT 'waiting'
                  CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    progress      bigint NOT NULL DEFAULT 0,       -- of `total`
    total         bigint,
    result        jsonb,
    error         text NOT NULL DEFAULT '',
    made_by       text NOT NULL,
    made_at       timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    ended_at      timestamptz,
    cancel_asked  boolean NOT NULL DEFAULT false,
    attempt       integer NOT NULL DEFAULT 0,
    owner         text NOT NULL DEFAULT '',
    held_until    timestamptz,
    file_until    timestamptz                      -- NULL: it has no file
) WITH (fillfactor = 70);
CREATE INDEX jobs_open ON jobs (id) WHERE state IN ('waiting', 'running');
CREATE INDEX jobs_latest ON jobs (workspace_id, id);
CREATE INDEX jobs_kind ON jobs (workspace_id, kind, id);
CREATE INDEX jobs_files ON jobs (file_until) WHERE file_until IS NOT NULL;
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;

GRANT SELECT, INSERT ON jobs TO chatloom_api;
GRANT UPDATE (state, cancel_asked, ended_at, file_until) ON jobs TO chatloom_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO chatloom_runtime;

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON jobs TO chatloom_owner USING (true);
CREATE POLICY runtime ON jobs TO chatloom_runtime USING (true);
CREATE POLICY api ON jobs TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
