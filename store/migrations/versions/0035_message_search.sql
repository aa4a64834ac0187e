-- Search in what was said, for workspaces that want it. Texts are sealed: a message is found by keyed digests of its words.

-- Whether a workspace wants it; no row: no. Where not `wanted`, what was indexed is being deleted, and then the row goes.
CREATE TABLE message_search (
    workspace_id  uuid PRIMARY KEY REFERENCES workspaces,
    wanted        boolean NOT NULL,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    seen_by       xid8,                         -- transactions before this may not know yet what is wanted
    month         date,                         -- messages stored before it was turned on are indexed month by month back,
    number_id     uuid,                         -- number by number, from the latest back: these are done, and those of this
    before        uuid,                         -- number since this message
    filled        bigint NOT NULL DEFAULT 0,    -- how many of them were read
    filled_at     timestamptz                   -- all were
);

-- The words of a message and their beginnings, as HMACs by the workspace's key, 64 bits each, sorted. NULL: it waits to be
-- read. A message without words has no row.
CREATE TABLE message_words (
    number_id        uuid NOT NULL,
    month            date NOT NULL,
    id               uuid NOT NULL,
    workspace_id     uuid NOT NULL,
    conversation_id  uuid NOT NULL,
    words            bigint[],
    PRIMARY KEY (number_id, month, id)
) PARTITION BY RANGE (month);
CREATE INDEX message_words_words ON message_words USING gin (words) WHERE words IS NOT NULL;
CREATE INDEX message_words_waiting ON message_words (id) WHERE words IS NULL;
CREATE INDEX message_words_conversation ON message_words (conversation_id);
CREATE TABLE message_words_default PARTITION OF message_words DEFAULT;

CREATE OR REPLACE FUNCTION ensure_partitions() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    parent text;
    first date;
    part text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('chatloom.partitions'));
    FOREACH parent IN ARRAY ARRAY['events', 'messages', 'message_refs', 'message_words'] LOOP
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
SELECT ensure_partitions();

-- Months of which there are messages already.
DO $$
DECLARE part text;
BEGIN
    FOR part IN
        SELECT right(c.relname, 8) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'messages'::regclass AND c.relname ~ '_y\d{4}m\d{2}$'
          AND to_regclass('message_words_' || right(c.relname, 8)) IS NULL
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF message_words FOR VALUES FROM (%L) TO (%L)', 'message_words_' || part,
                       to_date(part, '"y"YYYY"m"MM'), (to_date(part, '"y"YYYY"m"MM') + interval '1 month')::date);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION drop_partitions(before date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    part text;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('chatloom.partitions'));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('events'::regclass, 'messages'::regclass, 'message_refs'::regclass, 'message_words'::regclass)
          AND c.relname ~ '_y\d{4}m\d{2}$' AND to_date(right(c.relname, 7), 'YYYY"m"MM') < before
        ORDER BY 1
    LOOP
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
EXCEPTION WHEN lock_not_available THEN
    RETURN 0;
END $$;

-- Messages of one month that hold all these words, the latest first. A function of the owner's, since row-level security
-- keeps operators that are not leakproof, as this of arrays, from using their index; so it looks at the workspace itself.
CREATE FUNCTION find_messages(
    wanted bigint[], of_month date, before uuid, of_numbers uuid[], of_conversation uuid, most integer
) RETURNS TABLE (number_id uuid, id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT w.number_id, w.id FROM message_words w
    WHERE w.workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid
      AND w.words @> wanted AND w.words IS NOT NULL AND w.month = of_month AND w.id < before
      AND NOT w.number_id <> ALL(of_numbers)
      AND (of_conversation IS NULL OR w.conversation_id = of_conversation)
    ORDER BY w.id DESC LIMIT most
$$;
REVOKE ALL ON FUNCTION find_messages(bigint[], date, uuid, uuid[], uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_messages(bigint[], date, uuid, uuid[], uuid, integer) TO chatloom_api;

GRANT SELECT, INSERT, UPDATE ON message_search TO chatloom_api;
GRANT SELECT, UPDATE, DELETE ON message_search TO chatloom_runtime;
GRANT SELECT ON message_words TO chatloom_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON message_words TO chatloom_runtime;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['message_search', 'message_words'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;
