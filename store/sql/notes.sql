-- write --
-- Notes of flows.
INSERT INTO conversation_notes (number_id, workspace_id, id, conversation_id, body, by, created_at)
SELECT %(number)s, %(workspace)s, t.* FROM unnest(
    %(ids)b::uuid[], %(conversations)b::uuid[], %(bodies)b::bytea[], %(writers)b::text[], %(times)b::timestamptz[]
) AS t
ON CONFLICT DO NOTHING

-- open_tasks --
-- Tasks of flows. A team is found by a name that it has, else by one that it had; who is not known is nobody.
INSERT INTO conversation_tasks (
    number_id, workspace_id, id, conversation_id, body, by, created_at, due_at, team_id, user_id
)
SELECT %(number)s, %(workspace)s, t.id, t.conversation, t.body, t.writer, t.at, t.due,
    (
        SELECT m.id FROM teams m
        WHERE m.workspace_id = %(workspace)s AND (m.name = t.team OR t.team = ANY(m.former))
        ORDER BY m.name <> t.team LIMIT 1
    ),
    (SELECT u.id FROM users u WHERE u.workspace_id = %(workspace)s AND u.email = t.person)
FROM unnest(
    %(ids)b::uuid[], %(conversations)b::uuid[], %(bodies)b::bytea[], %(writers)b::text[], %(times)b::timestamptz[],
    %(due)b::timestamptz[], %(teams)b::text[], %(people)b::text[]
) AS t (id, conversation, body, writer, at, due, team, person)
ON CONFLICT DO NOTHING
