-- A task may be a team's. Flows write notes and open tasks, for people whom they call by address.
ALTER TABLE conversation_tasks ADD COLUMN team_id uuid REFERENCES teams ON DELETE SET NULL;
CREATE INDEX conversation_tasks_team ON conversation_tasks (team_id, id);

GRANT INSERT ON conversation_notes, conversation_tasks TO chatloom_runtime;
GRANT SELECT (id, workspace_id, email) ON users TO chatloom_runtime;
CREATE POLICY runtime ON users FOR SELECT TO chatloom_runtime USING (true);
