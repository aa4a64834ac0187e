-- Webhooks out. What is told is written in the transaction of what it tells, and only where an endpoint wants it.

CREATE TABLE webhook_endpoints (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL,
    url           text NOT NULL,
    secret        bytea NOT NULL,                  -- sealed
    old_secret    bytea,                           -- sealed; signs too, until old_until
    old_until     timestamptz,
    types         text[] NOT NULL,
    numbers       uuid[] NOT NULL DEFAULT '{}',    -- only what is told of these; empty: of all
    bots          uuid[] NOT NULL DEFAULT '{}',
    made_by       text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    failing_since timestamptz,                     -- no try has succeeded since
    disabled_at   timestamptz,
    disabled_why  text NOT NULL DEFAULT ''
);
CREATE INDEX webhook_endpoints_workspace ON webhook_endpoints (workspace_id, id);

-- What happened. Its data is sealed where it holds what people said, else in clear (`facts`).
CREATE TABLE webhook_events (
    id               uuid PRIMARY KEY,
    workspace_id     uuid NOT NULL REFERENCES workspaces,
    type             text NOT NULL,
    number_id        uuid,
    bot_id           uuid,
    conversation_id  uuid,
    at               timestamptz NOT NULL,
    data             bytea,
    facts            jsonb,
    CHECK ((data IS NULL) <> (facts IS NULL))
);
CREATE INDEX webhook_events_at ON webhook_events (at);
CREATE INDEX webhook_events_conversation ON webhook_events (conversation_id) WHERE conversation_id IS NOT NULL;

-- An event on its way to one endpoint. In a lane (a conversation, else a number, else a bot) one goes after another.
CREATE TABLE webhook_deliveries (
    seq           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    endpoint_id   uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    event_id      uuid NOT NULL REFERENCES webhook_events ON DELETE CASCADE,
    lane          uuid NOT NULL,
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempt       integer NOT NULL DEFAULT 0,
    due_at        timestamptz NOT NULL DEFAULT now(),
    claimed_until timestamptz,
    status        integer,                         -- of the last answer
    error         text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now(),
    done_at       timestamptz
) WITH (fillfactor = 70);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_lane ON webhook_deliveries (endpoint_id, lane, seq) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_latest ON webhook_deliveries (endpoint_id, seq);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event_id);

CREATE TABLE webhook_tries (
    delivery_seq  bigint NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    attempt       integer NOT NULL,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    at            timestamptz NOT NULL DEFAULT now(),
    took_ms       integer NOT NULL,
    status        integer,
    error         text NOT NULL DEFAULT '',
    exchange      bytea NOT NULL,                  -- sealed JSON: the request's URL and headers, the answer's head and start
    PRIMARY KEY (delivery_seq, attempt)
);

-- Tell endpoints what is no secret. Whoever writes the row tells with it, in the same transaction.
CREATE FUNCTION tell_endpoints(
    workspace uuid, kind text, number uuid, bot uuid, lane uuid, facts jsonb
) RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
    WITH wanted AS (
        SELECT w.id FROM webhook_endpoints w
        WHERE w.workspace_id = workspace AND w.disabled_at IS NULL AND kind = ANY(w.types)
          AND (number IS NULL OR w.numbers = '{}' OR number = ANY(w.numbers))
          AND (w.bots = '{}' OR bot = ANY(w.bots))
    ), event AS (
        INSERT INTO webhook_events (id, workspace_id, type, number_id, bot_id, at, facts)
        SELECT gen_random_uuid(), workspace, kind, number, bot, now(), facts WHERE EXISTS (SELECT FROM wanted)
        RETURNING id
    )
    INSERT INTO webhook_deliveries (workspace_id, endpoint_id, event_id, lane)
    SELECT workspace, wanted.id, event.id, lane FROM wanted, event
$$;

CREATE FUNCTION tell_number_state() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM tell_endpoints(NEW.workspace_id, 'number.state', NEW.id, NEW.bot_id, NEW.id, jsonb_build_object(
        'number', jsonb_build_object('id', NEW.id, 'name', NEW.name), 'state', NEW.state, 'why', NEW.state_why,
        'before', OLD.state));
    RETURN NULL;
END $$;
CREATE TRIGGER numbers_told AFTER UPDATE OF state, state_why ON numbers FOR EACH ROW
    WHEN ((OLD.state, OLD.state_why) IS DISTINCT FROM (NEW.state, NEW.state_why)) EXECUTE FUNCTION tell_number_state();

CREATE FUNCTION tell_bot_published() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM tell_endpoints(NEW.workspace_id, 'bot.published', NULL, NEW.id, NEW.id, jsonb_build_object(
        'bot', jsonb_build_object('id', NEW.id, 'name', NEW.name), 'version', NEW.published_version,
        'before', OLD.published_version));
    RETURN NULL;
END $$;
CREATE TRIGGER bots_told AFTER UPDATE OF published_version ON bots FOR EACH ROW
    WHEN (OLD.published_version IS DISTINCT FROM NEW.published_version AND NEW.published_version IS NOT NULL)
    EXECUTE FUNCTION tell_bot_published();

GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoints TO chatloom_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_events, webhook_deliveries, webhook_tries
    TO chatloom_api, chatloom_runtime;
GRANT SELECT ON webhook_endpoints TO chatloom_runtime;
GRANT UPDATE (failing_since, disabled_at, disabled_why) ON webhook_endpoints TO chatloom_runtime;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['webhook_endpoints', 'webhook_events', 'webhook_deliveries', 'webhook_tries'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;
