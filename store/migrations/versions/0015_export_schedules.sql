-- Exports that are made again and again: when, of what, and from when the next one is.
CREATE TABLE export_schedules (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL,
    cron          text NOT NULL,
    zone          text NOT NULL,
    args          jsonb NOT NULL,                  -- what a job's have, but for since and until
    new_only      boolean NOT NULL,                -- each begins where the one before ended
    covered_until timestamptz,                     -- where the last one ended
    next_at       timestamptz NOT NULL,
    last_at       timestamptz,
    last_job      uuid,                            -- jobs are forgotten some day
    made_by       text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, name)
);
CREATE INDEX export_schedules_due ON export_schedules (next_at);

GRANT SELECT, INSERT, DELETE ON export_schedules TO chatloom_api;
GRANT SELECT ON export_schedules TO chatloom_runtime;
GRANT UPDATE (covered_until, next_at, last_at, last_job) ON export_schedules TO chatloom_runtime;

ALTER TABLE export_schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE export_schedules FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON export_schedules TO chatloom_owner USING (true);
CREATE POLICY runtime ON export_schedules TO chatloom_runtime USING (true);
CREATE POLICY api ON export_schedules TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
