-- What conversations are filtered by, without an index that each turn writes: flow, version and status change when a run
-- begins, ends or enters another flow. That costs PostgreSQL 8 µs more there (13 to 21), and nothing at turns within a run.
-- The step changes with almost every turn: an index that holds it was measured to cost 12 µs and half as much WAL again
-- each time, so a step is looked for within its flow.
CREATE INDEX conversations_status ON conversations (workspace_id, number_id, status, stirred);
CREATE INDEX conversations_flow ON conversations (workspace_id, number_id, flow, stirred) WHERE flow <> '';
CREATE INDEX conversations_version ON conversations (workspace_id, number_id, version, stirred)
    WHERE version IS NOT NULL;
DROP INDEX conversations_handed_off;            -- the one on status serves that too

-- Tasks by when they are due; those without a date last.
ALTER TABLE conversation_tasks ADD COLUMN due timestamptz NOT NULL
    GENERATED ALWAYS AS (coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz)) STORED;
CREATE INDEX conversation_tasks_due ON conversation_tasks (workspace_id, due, id) WHERE done_at IS NULL;
CREATE INDEX conversation_tasks_due_once ON conversation_tasks (workspace_id, due, id) WHERE done_at IS NOT NULL;
