-- alone --
-- Whether nobody else does this job at this moment; held until the transaction ends.
SELECT pg_try_advisory_xact_lock(hashtext(%(name)s))

-- partitions --
-- Make the partitions of the months ahead.
SELECT ensure_partitions()

-- prune --
-- Forget processed inbox rows that no provider repeats any more, a batch at a time.
DELETE FROM inbox WHERE (number_id, source_id) IN (
    SELECT number_id, source_id FROM inbox
    WHERE number_id = %(number)s AND done_at < now() - %(age)s LIMIT %(limit)s
)

-- numbers --
-- All numbers, those that were removed too.
SELECT id FROM numbers ORDER BY id

-- changes --
-- What conversations wrote of their contacts, in the order in which it was written.
SELECT c.number_id, c.id, c.workspace_id, coalesce(k.merged_into, c.contact_id), c.conversation_id, c.fields, c.at, c.tags
FROM contact_changes c LEFT JOIN contacts k ON k.id = c.contact_id ORDER BY c.at, c.id LIMIT %(limit)s

-- profile --
-- A contact's profile, to be changed.
SELECT profile, written FROM contacts WHERE id = %(contact)s FOR UPDATE

-- write_profile --
-- A contact's profile, changed.
UPDATE contacts SET profile = %(profile)s, language = %(language)s, written = %(written)s::jsonb, updated_at = now()
WHERE id = %(contact)s

-- write_tags --
-- A contact's tags: some put on, some taken off.
UPDATE contacts SET updated_at = now(), tags = ARRAY(
    SELECT tag FROM unnest(tags || %(added)s::text[]) AS tag
    WHERE tag <> ALL (%(removed)s::text[]) GROUP BY tag ORDER BY tag
)
WHERE id = %(contact)s

-- conversations --
-- The contact's conversations, by the numbers of the workspace.
SELECT number_id, id, slot FROM conversations
WHERE number_id IN (SELECT id FROM numbers WHERE workspace_id = %(workspace)s) AND contact_id = %(contact)s

-- settled --
-- A change that has reached the profile and the other conversations.
DELETE FROM contact_changes WHERE number_id = %(number)s AND id = %(id)s

-- forget_requests --
-- Requests whose Idempotency-Key counts no more.
DELETE FROM idempotency WHERE claimed_at < now() - %(age)s
