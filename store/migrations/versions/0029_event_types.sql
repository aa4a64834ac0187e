-- The schemas of the events that a version names, as they were registered when it was pushed: it is compiled with these for
-- ever. Versions from before were compiled without any, and stay so.
ALTER TABLE bot_versions ADD COLUMN event_schemas jsonb NOT NULL DEFAULT '{}';

CREATE OR REPLACE FUNCTION bot_version_is_immutable() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (OLD.bot_id, OLD.version, OLD.workspace_id, OLD.hash, OLD.files, OLD.event_schemas, OLD.created_at)
       IS DISTINCT FROM
       (NEW.bot_id, NEW.version, NEW.workspace_id, NEW.hash, NEW.files, NEW.event_schemas, NEW.created_at) THEN
        RAISE EXCEPTION 'a version of a bot never changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
