-- What the sentence says, as a code and its facts (schemas/reasons.py). Empty where there is only a sentence.
ALTER TABLE numbers ADD COLUMN why_code text NOT NULL DEFAULT '', ADD COLUMN why_facts jsonb NOT NULL DEFAULT '{}';
ALTER TABLE number_states ADD COLUMN why_code text NOT NULL DEFAULT '', ADD COLUMN why_facts jsonb NOT NULL DEFAULT '{}';
ALTER TABLE sessions ADD COLUMN why_code text NOT NULL DEFAULT '', ADD COLUMN why_facts jsonb NOT NULL DEFAULT '{}';
ALTER TABLE session_states ADD COLUMN why_code text NOT NULL DEFAULT '', ADD COLUMN why_facts jsonb NOT NULL DEFAULT '{}';
GRANT UPDATE (why_code, why_facts) ON numbers TO chatloom_runtime;

CREATE OR REPLACE FUNCTION note_number_state() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO number_states (number_id, workspace_id, desired, state, why, why_code, why_facts)
    VALUES (NEW.id, NEW.workspace_id, CASE WHEN NEW.removed_at IS NULL THEN NEW.desired ELSE 'removed' END,
            NEW.state, NEW.state_why, NEW.why_code, NEW.why_facts);
    RETURN NULL;
END $$;

-- A code belongs to its sentence: who writes another sentence without a code (a process of the release before, too) takes
-- the code away.
CREATE FUNCTION forget_reason() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.why_code := '';
    NEW.why_facts := '{}';
    RETURN NEW;
END $$;
CREATE TRIGGER numbers_reason BEFORE UPDATE ON numbers FOR EACH ROW
    WHEN (OLD.state_why <> NEW.state_why AND OLD.why_code = NEW.why_code AND OLD.why_facts = NEW.why_facts)
    EXECUTE FUNCTION forget_reason();
CREATE TRIGGER sessions_reason BEFORE UPDATE ON sessions FOR EACH ROW
    WHEN (OLD.why <> NEW.why AND OLD.why_code = NEW.why_code AND OLD.why_facts = NEW.why_facts)
    EXECUTE FUNCTION forget_reason();
