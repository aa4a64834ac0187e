-- unconfirmed --
-- Messages that the channel took and nobody reported on, though the contact was active afterwards: he wrote, or
-- got a later one. A report may be late by the grace.
SELECT m.id, m.resends FROM messages m
WHERE m.number_id = %(number)s AND m.month = ANY(%(months)b::date[]) AND m.id >= %(first)s AND m.slot = %(slot)s
  AND m.direction = 'out' AND m.status = 'sent' AND m.by <> %(owner)s AND m.status_at < %(before)s
  AND EXISTS (
    SELECT FROM messages n
    WHERE n.number_id = %(number)s AND n.month = ANY(%(months)b::date[]) AND n.conversation_id = m.conversation_id
      AND (n.created_at, n.place) > (m.created_at, m.place)
      AND CASE n.direction
          WHEN 'in' THEN n.created_at > m.status_at AND n.created_at < %(before)s
          ELSE n.status IN ('delivered', 'read') AND n.status_at < %(before)s
      END
  )
ORDER BY m.id
LIMIT %(limit)s

-- resend --
-- Queue messages again that are unconfirmed still, each once.
WITH again AS (
    UPDATE messages m SET resends = m.resends + 1
    FROM unnest(%(months)b::date[], %(ids)b::uuid[]) AS t (month, id)
    WHERE m.number_id = %(number)s AND m.month = t.month AND m.id = t.id AND m.status = 'unconfirmed' AND m.resends = 0
    RETURNING m.id, m.conversation_id
)
INSERT INTO outbox (number_id, workspace_id, slot, message_id, conversation_id, state, attempt, due_at, created_at)
SELECT %(number)s, %(workspace)s, %(slot)s, id, conversation_id, 'queued', 1, now(), now() FROM again ORDER BY id
ON CONFLICT DO NOTHING
