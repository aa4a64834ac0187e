-- waiting --
-- Workspaces whose entries wait for their place, or whose marks an older master key signed.
SELECT workspace_id FROM audit WHERE place IS NULL
UNION SELECT workspace_id FROM audit_marks WHERE key_id <> %(key)s

-- mark --
-- One end of a workspace's chain.
SELECT place, hash, key_id, signature FROM audit_marks WHERE workspace_id = %(workspace)s AND kind = %(kind)s

-- set_mark --
-- Move one end of a workspace's chain.
INSERT INTO audit_marks (workspace_id, kind, place, hash, key_id, signature)
VALUES (%(workspace)s, %(kind)s, %(place)s, %(hash)s, %(key)s, %(signature)s)
ON CONFLICT (workspace_id, kind) DO UPDATE
SET place = excluded.place, hash = excluded.hash, key_id = excluded.key_id, signature = excluded.signature, at = now()

-- open --
-- The oldest entries that wait for their place.
SELECT id, workspace_id, at, who_kind, who_id, who_name, address, action, target_id, target_name, changes
FROM audit WHERE workspace_id = %(workspace)s AND place IS NULL ORDER BY id LIMIT %(limit)s

-- chain --
-- Entries get their places and hashes.
UPDATE audit SET place = %(after)s::bigint + given.nth, hash = given.hash
FROM unnest(%(ids)b::uuid[], %(hashes)b::bytea[]) WITH ORDINALITY AS given (id, hash, nth)
WHERE audit.id = given.id AND audit.place IS NULL

-- first_kept --
-- The first place of a chain that is not older than a moment; NULL: all are.
SELECT min(place) FROM audit
WHERE workspace_id = %(workspace)s AND place > %(after)s AND at >= %(before)s

-- last --
-- The last place up to one, and its hash.
SELECT place, hash FROM audit
WHERE workspace_id = %(workspace)s AND place > %(after)s AND place <= %(most)s ORDER BY place DESC LIMIT 1

-- count_old --
-- How many entries are older than a moment.
SELECT count(*) FROM audit WHERE workspace_id = %(workspace)s AND place IS NOT NULL AND at < %(before)s

-- forget --
-- Delete entries up to where the chain now begins.
DELETE FROM audit WHERE workspace_id = %(workspace)s AND place <= %(most)s
