-- introduce --
-- Contacts that were new when the number wrote to them.
INSERT INTO new_contacts (number_id, workspace_id, conversation_id, at)
SELECT %(number)s, %(workspace)s, t.conversation, t.at
FROM unnest(%(conversations)b::uuid[], %(times)b::timestamptz[]) AS t (conversation, at)
ON CONFLICT (number_id, conversation_id) DO UPDATE SET at = excluded.at

-- warm --
-- When the number first wrote to anybody new: its warm-up counts from then.
INSERT INTO send_policies (number_id, workspace_id, since) VALUES (%(number)s, %(workspace)s, %(since)s)
ON CONFLICT DO NOTHING

-- hold --
-- The channel takes no messages to new contacts until then.
INSERT INTO send_policies (number_id, workspace_id, since, held_until)
VALUES (%(number)s, %(workspace)s, now(), %(until)s)
ON CONFLICT (number_id) DO UPDATE SET held_until = excluded.held_until

-- load --
-- Since when the warm-up counts, and until when new contacts are not written to.
SELECT since, held_until FROM send_policies WHERE number_id = %(number)s

-- new_contacts --
-- The contacts that were new since a moment.
SELECT conversation_id, at FROM new_contacts WHERE number_id = %(number)s AND at >= %(since)s

-- explain --
-- Why messages wait.
UPDATE messages m SET error_code = w.code, error = w.why
FROM unnest(%(months)b::date[], %(ids)b::uuid[], %(codes)b::text[], %(whys)b::text[]) AS w (month, id, code, why)
WHERE m.number_id = %(number)s AND m.month = w.month AND m.id = w.id AND m.status IN ('queued', 'sending')
