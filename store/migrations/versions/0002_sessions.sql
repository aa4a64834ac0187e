-- Sessions of numbers that are linked with a phone: where each stands, what became of it, and what admins order.

CREATE TABLE sessions (
    number_id         uuid PRIMARY KEY REFERENCES numbers,
    workspace_id      uuid NOT NULL REFERENCES workspaces,
    slot              smallint NOT NULL DEFAULT 0,
    state             text NOT NULL DEFAULT 'unlinked',
    why               text NOT NULL DEFAULT '',
    until             timestamptz,
    account           bytea,                    -- sealed: who is linked; NULL: nobody
    pairing           bytea,                    -- sealed JSON {qr, code}, while one is shown
    vault_generation  bigint,                   -- the highest known: an older vault is refused
    vault_records     bigint,
    spool_depth       integer NOT NULL DEFAULT 0,
    version           bigint NOT NULL DEFAULT 0,-- grows with every change that people see
    since             timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- What became of a session, a row for each change of state.
CREATE TABLE session_states (
    number_id     uuid NOT NULL REFERENCES numbers,
    seq           bigint GENERATED ALWAYS AS IDENTITY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    state         text NOT NULL,
    why           text NOT NULL DEFAULT '',
    at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (number_id, seq)
);
CREATE INDEX session_states_at ON session_states (at);

-- What admins want of a session. The number's process takes each once, and writes what came of it.
CREATE TABLE number_orders (
    number_id     uuid NOT NULL REFERENCES numbers,
    id            uuid NOT NULL,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    kind          text NOT NULL CHECK (kind IN ('pair', 'stop_pairing', 'restart', 'log_out')),
    args          bytea,                        -- sealed JSON object
    made_at       timestamptz NOT NULL DEFAULT now(),
    by            text NOT NULL,
    taken_at      timestamptz,
    done_at       timestamptz,
    error_code    text NOT NULL DEFAULT '',
    error         text NOT NULL DEFAULT '',
    PRIMARY KEY (number_id, id)
);
CREATE INDEX number_orders_open ON number_orders (number_id, made_at) WHERE done_at IS NULL;
CREATE INDEX number_orders_at ON number_orders (made_at);

GRANT SELECT ON sessions, session_states, number_orders TO chatloom_api, chatloom_runtime;
GRANT INSERT ON number_orders TO chatloom_api;
GRANT INSERT, UPDATE, DELETE ON sessions, session_states TO chatloom_runtime;
GRANT UPDATE, DELETE ON number_orders TO chatloom_runtime;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sessions', 'session_states', 'number_orders'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;
