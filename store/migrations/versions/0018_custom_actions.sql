-- Kinds of steps that an integration declared, and where it is called for them.
CREATE TABLE custom_actions (
    id               uuid PRIMARY KEY,
    workspace_id     uuid NOT NULL REFERENCES workspaces,
    name             text NOT NULL,
    title            text NOT NULL DEFAULT '',
    description      text NOT NULL DEFAULT '',
    input_schema     jsonb NOT NULL,            -- JSON Schema 2020-12 of what a step gives
    ui_schema        jsonb NOT NULL DEFAULT '{}',
    outcomes         text[] NOT NULL,
    result_schema    jsonb,                     -- of what an answer brings; NULL: any
    answer_within_s  integer NOT NULL,          -- for an answer that comes later
    url              text NOT NULL,
    secret           bytea NOT NULL,            -- sealed
    old_secret       bytea,                     -- sealed; signs too until old_until
    old_until        timestamptz,
    made_by          text NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, name)
);

GRANT SELECT ON custom_actions TO chatloom_api, chatloom_runtime;
GRANT INSERT, UPDATE, DELETE ON custom_actions TO chatloom_api;

ALTER TABLE custom_actions ENABLE ROW LEVEL SECURITY;
ALTER TABLE custom_actions FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON custom_actions TO chatloom_owner USING (true);
CREATE POLICY runtime ON custom_actions TO chatloom_runtime USING (true);
CREATE POLICY api ON custom_actions TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
