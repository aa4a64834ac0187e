-- open --
-- People have the floor. A turn computed twice opens once.
INSERT INTO threads (
    id, workspace_id, number_id, conversation_id, opened_at, how, opened_by, flow, step, team, assignee, assigned
)
VALUES (
    %(id)s, %(workspace)s, %(number)s, %(conversation)s, %(at)s, %(how)s, %(by)s, %(flow)s, %(step)s, %(team)s,
    %(assignee)s, %(assigned)s
)
ON CONFLICT DO NOTHING

-- assign --
-- Somebody else answers now.
UPDATE threads SET assignee = %(assignee)s, team = %(team)s, assigned = assigned || %(assigned)s::jsonb
WHERE number_id = %(number)s AND conversation_id = %(conversation)s AND closed_at IS NULL

-- close --
-- The bot has the floor again, or nobody needs it.
UPDATE threads SET closed_at = %(at)s, closed_by = %(by)s, outcome = %(outcome)s
WHERE number_id = %(number)s AND conversation_id = %(conversation)s AND closed_at IS NULL
