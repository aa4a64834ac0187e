-- Months that nobody keeps any more go as whole partitions: no row is touched, and the space is free at once.
-- Whoever reads or writes comes first: where the lock is not to be had within a second, it is tried another time.
CREATE FUNCTION drop_partitions(before date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    part text;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('chatloom.partitions'));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('events'::regclass, 'messages'::regclass, 'message_refs'::regclass)
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
REVOKE ALL ON FUNCTION drop_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_partitions(date) TO chatloom_runtime;

-- `created_at` is when a blob was kept last: the same bytes may come again.
CREATE INDEX media_age ON media (workspace_id, created_at);
