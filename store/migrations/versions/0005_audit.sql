-- Who did what. A row is written with what it tells of, in one transaction, and never changes after. A job chains a
-- workspace's rows afterwards: it gives each its place and a hash over the one before, so no request waits for it.
CREATE TABLE audit (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    at            timestamptz NOT NULL DEFAULT now(),
    who_kind      text NOT NULL CHECK (who_kind IN ('operator', 'person', 'api_key')),
    who_id        uuid,                            -- of the person or the key; NULL: the operator
    who_name      text NOT NULL,
    address       text NOT NULL DEFAULT '',        -- where the request came from
    action        text NOT NULL,                   -- noun.verb
    target_id     text NOT NULL DEFAULT '',
    target_name   text NOT NULL DEFAULT '',
    changes       jsonb NOT NULL DEFAULT '{}',
    place         bigint,                          -- in the chain, from 1 without gaps; NULL: not chained yet
    hash          bytea
);
CREATE UNIQUE INDEX audit_chain ON audit (workspace_id, place) WHERE place IS NOT NULL;
CREATE INDEX audit_open ON audit (workspace_id, id) WHERE place IS NULL;
CREATE INDEX audit_latest ON audit (workspace_id, id);
CREATE INDEX audit_who ON audit (workspace_id, who_name, id);
CREATE INDEX audit_action ON audit (workspace_id, action, id);
CREATE INDEX audit_target ON audit (workspace_id, target_id, id) WHERE target_id <> '';
CREATE INDEX audit_target_name ON audit (workspace_id, target_name, id) WHERE target_name <> '';

-- The two ends of a chain, each signed by a key that the database does not hold. `start`: up to this place rows
-- were deleted when their time was over, and the next one's hash follows this one. `head`: the last one chained.
CREATE TABLE audit_marks (
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    kind          text NOT NULL CHECK (kind IN ('start', 'head')),
    place         bigint NOT NULL,
    hash          bytea NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    key_id        text NOT NULL,                   -- the master key from which the signing key is derived
    signature     bytea NOT NULL,
    PRIMARY KEY (workspace_id, kind)
);

CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.place IS NOT NULL AND EXISTS (
            SELECT FROM audit_marks m
            WHERE m.workspace_id = OLD.workspace_id AND m.kind = 'start' AND m.place >= OLD.place
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the audit only grows' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.place IS NOT NULL OR NEW.place IS NULL OR NEW.hash IS NULL
       OR (OLD.id, OLD.workspace_id, OLD.at, OLD.who_kind, OLD.who_id, OLD.who_name, OLD.address, OLD.action,
           OLD.target_id, OLD.target_name, OLD.changes)
       IS DISTINCT FROM
          (NEW.id, NEW.workspace_id, NEW.at, NEW.who_kind, NEW.who_id, NEW.who_name, NEW.address, NEW.action,
           NEW.target_id, NEW.target_name, NEW.changes) THEN
        RAISE EXCEPTION 'the audit only grows' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_only_grows();

GRANT SELECT ON audit, audit_marks TO chatloom_api, chatloom_runtime;
GRANT INSERT ON audit TO chatloom_api;
GRANT UPDATE (place, hash), DELETE ON audit TO chatloom_runtime;
GRANT INSERT, UPDATE ON audit_marks TO chatloom_runtime;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['audit', 'audit_marks'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;
