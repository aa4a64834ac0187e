-- due --
-- Schedules whose time has come, to be changed.
SELECT id, workspace_id, cron, zone, args, new_only, covered_until, made_by FROM export_schedules
WHERE next_at <= %(now)s AND NOT paused ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED

-- order --
-- The job of an export that is due.
INSERT INTO jobs (id, workspace_id, kind, args, made_by, made_at)
VALUES (%(job)s, %(workspace)s, 'export', %(args)s, %(by)s, %(now)s)

-- move_on --
-- A schedule whose job is ordered: when the next one is, and from when on it reads.
UPDATE export_schedules SET next_at = %(next)s, last_at = %(now)s, last_job = %(job)s, covered_until = %(now)s
WHERE id = %(id)s

-- put_off --
-- A schedule that cannot be ordered now: when it is tried again.
UPDATE export_schedules SET next_at = %(next)s WHERE id = %(id)s
