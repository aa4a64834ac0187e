-- What guards the tables: partitions, roles' rights, row-level security, versions that do not change.

-- Three months ahead, and the month before (a row belongs to the month of its id, which may be yesterday's).
-- A partition is filled and attached, not created in place: attaching lets reads and writes of the parent
-- pass. Rows that the default partition has already taken for the month move with it.
CREATE FUNCTION ensure_partitions() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    parent text;
    first date;
    part text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('chatloom.partitions'));
    FOREACH parent IN ARRAY ARRAY['events', 'messages', 'message_refs'] LOOP
        FOR ahead IN -1..3 LOOP
            first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead))::date;
            part := parent || to_char(first, '_"y"YYYY"m"MM');
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            -- A message is updated when it is sent and reported on: room on its page keeps that off the indexes.
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)'
                           ' WITH (fillfactor = %s)', part, parent, CASE parent WHEN 'messages' THEN 70 ELSE 100 END);
            EXECUTE format('WITH moved AS (DELETE FROM %I WHERE month = %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
                           parent || '_default', first, part);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, part, first, (first + interval '1 month')::date);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION ensure_partitions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_partitions() TO chatloom_runtime;

CREATE TABLE events_default PARTITION OF events DEFAULT;
CREATE TABLE messages_default PARTITION OF messages DEFAULT;
CREATE TABLE message_refs_default PARTITION OF message_refs DEFAULT;
SELECT ensure_partitions();

CREATE FUNCTION bot_version_is_immutable() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (OLD.bot_id, OLD.version, OLD.workspace_id, OLD.hash, OLD.files, OLD.created_at)
       IS DISTINCT FROM (NEW.bot_id, NEW.version, NEW.workspace_id, NEW.hash, NEW.files, NEW.created_at) THEN
        RAISE EXCEPTION 'a version of a bot never changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bot_versions_immutable BEFORE UPDATE ON bot_versions
    FOR EACH ROW EXECUTE FUNCTION bot_version_is_immutable();

-- Rights. Nobody holds any on the partitions themselves: they are reached by their parent, with its policies.
GRANT USAGE ON SCHEMA public TO chatloom_api, chatloom_door, chatloom_runtime;
GRANT SELECT ON alembic_version TO chatloom_api, chatloom_door, chatloom_runtime;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO chatloom_api, chatloom_runtime;
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT oid FROM pg_class WHERE relispartition AND relkind = 'r' LOOP
        EXECUTE format('REVOKE ALL ON %s FROM chatloom_api, chatloom_runtime', part);
    END LOOP;
END $$;

GRANT INSERT, UPDATE ON workspaces, data_keys, bots, bot_versions, numbers TO chatloom_api;
GRANT INSERT, UPDATE, DELETE ON apps, secrets, media, contacts, identities TO chatloom_api;
GRANT INSERT ON inbox, contact_changes TO chatloom_api;
GRANT UPDATE (state, attempt, due_at, sending_since, error_code, error, created_at) ON outbox TO chatloom_api;
GRANT DELETE ON quarantine TO chatloom_api;

GRANT SELECT ON apps, numbers, data_keys TO chatloom_door;
GRANT INSERT ON inbox, receipts, quarantine TO chatloom_door;

GRANT INSERT, UPDATE, DELETE ON
    leases, contacts, identities, conversations, inbox, events, messages, message_refs, outbox, receipts,
    timers, action_calls, runs, quarantine, contact_changes, media TO chatloom_runtime;
GRANT UPDATE (state, state_why, state_since) ON numbers TO chatloom_runtime;

-- Row-level security, forced: it hides rows from the owner and from SECURITY DEFINER functions too, so each
-- role has its policy. A setting that a SET LOCAL has let go of is '', which is no uuid: hence NULLIF.
DO $$
DECLARE
    name text;
    key text;
BEGIN
    FOR name, key IN
        SELECT c.relname, CASE c.relname WHEN 'workspaces' THEN 'id' ELSE 'workspace_id' END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relname <> 'alembic_version'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api USING (%I = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)',
            name, key);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['inbox', 'receipts', 'quarantine'] LOOP
        EXECUTE format('CREATE POLICY door ON %I FOR INSERT TO chatloom_door WITH CHECK (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['apps', 'numbers', 'data_keys'] LOOP
        EXECUTE format('CREATE POLICY door ON %I FOR SELECT TO chatloom_door USING (true)', name);
    END LOOP;
END $$;
