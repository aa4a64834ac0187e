-- bury --
-- Jobs that nobody holds and nobody should take again: one that is to be cancelled, one whose workers keep dying.
UPDATE jobs SET
    state = CASE WHEN cancel_asked THEN 'cancelled' ELSE 'failed' END,
    error = CASE WHEN cancel_asked THEN '' ELSE 'Its workers died or were stopped, ' || attempt || ' times.' END,
    ended_at = now(), held_until = NULL
WHERE state = 'running' AND held_until < now() AND (cancel_asked OR attempt >= %(most)s)

-- claim --
-- The oldest job that waits, or whose worker fell silent.
UPDATE jobs SET state = 'running', attempt = attempt + 1, owner = %(owner)s, held_until = now() + %(hold)s,
    started_at = coalesce(started_at, now()), progress = 0, total = NULL
WHERE id = (
    SELECT id FROM jobs
    WHERE state IN ('waiting', 'running') AND kind = ANY(%(kinds)s) AND (state = 'waiting' OR held_until < now())
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, workspace_id, kind, args, attempt

-- beat --
-- The worker lives; whether it shall stop. No row: somebody else has taken the job.
UPDATE jobs SET held_until = now() + %(hold)s, progress = %(progress)s, total = %(total)s::bigint
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND held_until > now()
RETURNING cancel_asked

-- settle --
-- How a job ended, if it is still this attempt's.
UPDATE jobs SET state = %(state)s, progress = %(progress)s, total = %(total)s, result = %(result)s, error = %(error)s,
    file_until = now() + %(keep)s::interval, ended_at = now(), held_until = NULL
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running'
RETURNING id

-- let_go --
-- A worker that is to stop leaves the job to the next one.
UPDATE jobs SET state = 'waiting', held_until = NULL
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running'

-- files --
-- The attempts of these jobs whose files are still wanted.
SELECT id, attempt FROM jobs
WHERE id = ANY(%(ids)s) AND (state IN ('waiting', 'running') OR (state = 'done' AND file_until > now()))

-- forget_files --
-- Files whose time is over: their jobs say so.
UPDATE jobs SET file_until = NULL WHERE file_until <= now()

-- forget --
-- Jobs that ended long ago.
DELETE FROM jobs WHERE ended_at < now() - %(age)s AND file_until IS NULL
