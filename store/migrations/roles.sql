-- Run before the revisions, each time, as whoever migrates: a superuser, or a plain user with CREATEROLE who
-- owns the database. Creates what is missing and nothing else. Roles belong to the server, not to the
-- database, so another database of ours may be creating them at this moment.

DO $$
DECLARE
    name text;
    member boolean;
BEGIN
    FOREACH name IN ARRAY ARRAY['chatloom_owner', 'chatloom_api', 'chatloom_door', 'chatloom_runtime'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- made by somebody else since we looked
            END;
        END IF;
        -- Since PostgreSQL 16 the right to become a role is a right of its own, apart from administering it.
        IF current_setting('server_version_num')::integer >= 160000 THEN
            EXECUTE 'SELECT pg_has_role(current_user, $1, ''SET'')' INTO member USING name;
        ELSE
            member := pg_has_role(current_user, name, 'MEMBER');
        END IF;
        IF NOT member THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', name);
        END IF;
    END LOOP;
END $$;

-- A stopped owner of a number must not block its heir: its transactions end before its lease does. The
-- setting counts for who logs in as the role; store/roles.py passes it for those who only become it.
DO $$
DECLARE
    setting text := CASE WHEN current_setting('server_version_num')::integer >= 170000
                         THEN 'transaction_timeout' ELSE 'idle_in_transaction_session_timeout' END;
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
        WHERE r.rolname = 'chatloom_runtime' AND s.setdatabase = 0 AND setting || '=5s' = ANY (s.setconfig)
    ) THEN
        EXECUTE format('ALTER ROLE chatloom_runtime SET %I = %L', setting, '5s');
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'chatloom_runtime belongs to another administrator: its timeout is left as it is';
    WHEN internal_error THEN
        RAISE NOTICE 'another database is setting the timeout of chatloom_runtime at this moment';
END $$;

DO $$
BEGIN
    IF NOT has_schema_privilege('chatloom_owner', 'public', 'CREATE') THEN
        GRANT USAGE, CREATE ON SCHEMA public TO chatloom_owner;
    END IF;
END $$;
