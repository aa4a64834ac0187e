-- What became of a number, a row for each change of what people want and of what its process says.
CREATE TABLE number_states (
    number_id     uuid NOT NULL REFERENCES numbers,
    seq           bigint GENERATED ALWAYS AS IDENTITY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    desired       text NOT NULL,
    state         text NOT NULL,
    why           text NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (number_id, seq)
);
CREATE INDEX number_states_at ON number_states (at);

GRANT SELECT, INSERT ON number_states TO chatloom_api, chatloom_runtime;
GRANT DELETE ON number_states TO chatloom_runtime;

ALTER TABLE number_states ENABLE ROW LEVEL SECURITY;
ALTER TABLE number_states FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON number_states TO chatloom_owner USING (true);
CREATE POLICY runtime ON number_states TO chatloom_runtime USING (true);
CREATE POLICY api ON number_states TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);

-- Whoever changes a number notes it, in the same transaction.
CREATE FUNCTION note_number_state() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO number_states (number_id, workspace_id, desired, state, why)
    VALUES (NEW.id, NEW.workspace_id, CASE WHEN NEW.removed_at IS NULL THEN NEW.desired ELSE 'removed' END,
            NEW.state, NEW.state_why);
    RETURN NULL;
END $$;
CREATE TRIGGER numbers_made AFTER INSERT ON numbers FOR EACH ROW EXECUTE FUNCTION note_number_state();
CREATE TRIGGER numbers_changed AFTER UPDATE ON numbers FOR EACH ROW
    WHEN ((OLD.desired, OLD.state, OLD.state_why, OLD.removed_at)
          IS DISTINCT FROM (NEW.desired, NEW.state, NEW.state_why, NEW.removed_at))
    EXECUTE FUNCTION note_number_state();

-- While an app's secrets change, those before open too.
ALTER TABLE apps ADD COLUMN old_secrets bytea, ADD COLUMN old_until timestamptz;
