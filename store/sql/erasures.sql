-- due --
-- Erasures to sweep: those that were ordered, and those whose late results are to go, once every session has forgotten.
SELECT id, workspace_id, ordered_at, swept_at, places, names FROM erasures
WHERE closed_at IS NULL AND (
    swept_at IS NULL OR (
        swept_at < now() - %(late)s AND NOT EXISTS (
            SELECT FROM session_erasures s JOIN numbers n ON n.id = s.number_id
            WHERE s.contact_id = erasures.id AND s.done_at IS NULL AND n.removed_at IS NULL
        )
    )
)
ORDER BY ordered_at LIMIT %(limit)s

-- held --
-- Whether a number that lives has not let go of the contact yet.
SELECT EXISTS (
    SELECT FROM inbox i JOIN leases l ON l.number_id = i.number_id AND l.slot = i.slot AND l.expires_at > now()
    WHERE i.number_id = ANY(%(numbers)b::uuid[]) AND i.source_id = ANY(%(sources)b::text[]) AND i.done_at IS NULL
)

-- again --
-- Contacts whom messages that were on their way when it was ordered have made anew.
SELECT contact_id FROM identities
WHERE workspace_id = %(workspace)s AND blind = ANY(%(blinds)b::bytea[]) AND contact_id < %(before)s

-- places --
-- The conversations of contacts.
SELECT c.number_id, c.id, n.removed_at IS NULL FROM conversations c JOIN numbers n ON n.id = c.number_id
WHERE c.contact_id = ANY(%(contacts)b::uuid[])

-- nameless --
-- Take contacts' names away.
DELETE FROM identities WHERE contact_id = ANY(%(contacts)b::uuid[])

-- contacts --
-- Take contacts away.
DELETE FROM contacts WHERE workspace_id = %(workspace)s AND id = ANY(%(contacts)b::uuid[])

-- letting_go --
-- Tell numbers to let go of conversations.
INSERT INTO inbox (number_id, source_id, workspace_id, event_id, conversation_id, kind, received_at, payload)
SELECT t.number, %(source)s, %(workspace)s, t.event, t.conversation, %(kind)s, now(), ''
FROM unnest(%(numbers)b::uuid[], %(events)b::uuid[], %(conversations)b::uuid[]) AS t (number, event, conversation)
ON CONFLICT (number_id, source_id) DO UPDATE
SET conversation_id = excluded.conversation_id, received_at = excluded.received_at, payload = '', done_at = NULL

-- extend --
-- More conversations to sweep, from the beginning.
UPDATE erasures SET places = places || %(places)s::jsonb, swept_at = NULL WHERE id = %(id)s

-- remember --
-- Sessions have met him again meanwhile.
UPDATE session_erasures SET done_at = NULL WHERE contact_id = %(id)s

-- messages --
-- Messages of a conversation, with all that is found by them: refs, letters, reports, and how they came.
WITH gone AS (
    DELETE FROM messages WHERE (number_id, month, id) IN (
        SELECT number_id, month, id FROM messages
        WHERE conversation_id = %(conversation)s AND number_id = %(number)s LIMIT %(limit)s
    ) RETURNING id, month, provider_id
), refs AS (
    DELETE FROM message_refs r USING gone
    WHERE r.number_id = %(number)s AND r.provider_id = gone.provider_id AND r.month = gone.month
), letters AS (
    DELETE FROM outbox o USING gone WHERE o.number_id = %(number)s AND o.message_id = gone.id
), reports AS (
    DELETE FROM receipts r USING gone
    WHERE r.number_id = %(number)s
      AND (r.message_id = gone.id OR (gone.provider_id <> '' AND r.provider_id = gone.provider_id))
), came AS (
    DELETE FROM inbox i USING gone WHERE i.number_id = %(number)s AND i.source_id = 'wa:' || gone.provider_id
)
SELECT count(*) FROM gone

-- events --
-- Events of a conversation, and how those came that said something.
WITH gone AS (
    DELETE FROM events WHERE (number_id, month, id) IN (
        SELECT number_id, month, id FROM events
        WHERE conversation_id = %(conversation)s AND number_id = %(number)s LIMIT %(limit)s
    ) RETURNING 1
)
SELECT count(*) FROM gone

-- message_words --
-- By what its messages were found.
DELETE FROM message_words WHERE conversation_id = %(conversation)s AND number_id = %(number)s

-- timers --
-- Timers of a conversation.
DELETE FROM timers WHERE number_id = %(number)s AND conversation_id = %(conversation)s

-- action_calls --
-- Calls of a conversation, with what they asked and were answered.
DELETE FROM action_calls WHERE conversation_id = %(conversation)s AND number_id = %(number)s

-- runs --
-- Runs of a conversation, with what they collected.
DELETE FROM runs WHERE conversation_id = %(conversation)s AND number_id = %(number)s

-- conversation_notes --
-- What people noted beside a conversation.
DELETE FROM conversation_notes WHERE conversation_id = %(conversation)s AND number_id = %(number)s

-- conversation_tasks --
-- What people were to do about a conversation.
DELETE FROM conversation_tasks WHERE conversation_id = %(conversation)s AND number_id = %(number)s

-- reply_drafts --
-- What people began to write in a conversation.
DELETE FROM reply_drafts WHERE conversation_id = %(conversation)s AND number_id = %(number)s

-- threads --
-- How people handled a conversation.
DELETE FROM threads WHERE conversation_id = %(conversation)s AND number_id = %(number)s

-- new_contacts --
-- That a number wrote first.
DELETE FROM new_contacts WHERE number_id = %(number)s AND conversation_id = %(conversation)s

-- webhook_events --
-- What endpoints were told, with its deliveries and their log.
DELETE FROM webhook_events WHERE conversation_id = %(conversation)s

-- quarantine --
-- What was kept aside of a conversation.
DELETE FROM quarantine WHERE conversation_id = %(conversation)s

-- inbox --
-- What waits for a conversation, but for the word to let go of it.
DELETE FROM inbox
WHERE number_id = %(number)s AND done_at IS NULL AND conversation_id = %(conversation)s AND kind <> %(kind)s

-- conversations --
-- The conversation itself.
DELETE FROM conversations WHERE number_id = %(number)s AND id = %(conversation)s

-- media_uses --
-- The files that a conversation's messages brought.
DELETE FROM media_uses WHERE conversation_id = %(conversation)s RETURNING ref

-- media_unused --
-- Those of these files that no other message brought.
SELECT m.ref FROM media m
WHERE m.workspace_id = %(workspace)s AND m.ref = ANY(%(refs)b::text[])
  AND NOT EXISTS (
      SELECT FROM media_uses u
      JOIN messages k ON k.number_id = u.number_id AND k.month = u.month AND k.id = u.message_id
      WHERE u.workspace_id = m.workspace_id AND u.ref = m.ref
  )

-- contact_changes --
-- Changes of contacts that nobody applied yet.
DELETE FROM contact_changes WHERE contact_id = ANY(%(contacts)b::uuid[])

-- numbers --
-- All numbers of a workspace, those that were removed too.
SELECT id FROM numbers WHERE workspace_id = %(workspace)s ORDER BY id

-- waiting --
-- What waits at a number for a turn and names its contact itself.
SELECT source_id, event_id, payload FROM inbox
WHERE number_id = %(number)s AND done_at IS NULL AND conversation_id IS NULL AND received_at <= %(at)s
  AND source_id > %(after)s ORDER BY source_id LIMIT %(limit)s

-- drop_waiting --
-- Of that, what comes from the contact.
DELETE FROM inbox WHERE number_id = %(number)s AND source_id = ANY(%(keys)b::text[])

-- kept_aside --
-- What a workspace has in quarantine.
SELECT id, payload FROM quarantine WHERE workspace_id = %(workspace)s AND id > %(after)s ORDER BY id LIMIT %(limit)s

-- drop_kept_aside --
-- Of that, what names the contact.
DELETE FROM quarantine WHERE workspace_id = %(workspace)s AND id = ANY(%(keys)b::uuid[])

-- answers --
-- Answers that are kept for who repeats a request, whomever they name: who does hears that it was done.
UPDATE idempotency SET answer = NULL WHERE workspace_id = %(workspace)s AND answer IS NOT NULL

-- exports --
-- Files of exports, which may hold anybody of the workspace: their time is over, and what is being written begins anew.
UPDATE jobs SET
    file_until = CASE WHEN state = 'running' THEN file_until ELSE now() END,
    state = CASE WHEN state = 'running' THEN 'waiting' ELSE state END,
    attempt = attempt + CASE WHEN state = 'running' THEN 1 ELSE 0 END,
    held_until = CASE WHEN state = 'running' THEN NULL ELSE held_until END
WHERE workspace_id = %(workspace)s AND kind = 'export' AND started_at <= %(at)s
  AND (file_until > now() OR (state = 'running' AND NOT cancel_asked))

-- swept --
-- All was gone once.
UPDATE erasures SET swept_at = now(), removed = %(removed)s::jsonb || removed WHERE id = %(id)s

-- session_erasures --
-- That sessions were to forget him: they have.
DELETE FROM session_erasures WHERE contact_id = %(id)s

-- closed --
-- What came late is gone too: only that it was done is kept.
UPDATE erasures SET closed_at = now(), places = '[]', names = NULL WHERE id = %(id)s
