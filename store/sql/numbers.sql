-- load --
-- A number as its process needs it.
SELECT id, workspace_id, name, channel, account, settings, secrets, desired, bot_id, bot_version, slots
FROM numbers
WHERE id = %(number)s AND removed_at IS NULL

-- wanted --
-- What is desired of a number, which version it serves, what webhook endpoints want to be told of it, and the canary.
SELECT n.desired, n.bot_id, coalesce(n.bot_version, b.published_version), ARRAY(
    SELECT DISTINCT type FROM webhook_endpoints w, unnest(w.types) AS type
    WHERE w.workspace_id = n.workspace_id AND w.disabled_at IS NULL AND (w.numbers = '{}' OR n.id = ANY(w.numbers))
), c.id, c.version, c.percent,
    (SELECT max(a.updated_at) FROM custom_actions a WHERE a.workspace_id = n.workspace_id)
FROM numbers n LEFT JOIN bots b ON b.id = n.bot_id
LEFT JOIN canaries c ON c.bot_id = n.bot_id AND c.ended_at IS NULL AND n.bot_version IS NULL
WHERE n.id = %(number)s AND n.removed_at IS NULL

-- running --
-- The numbers that should run; and whether, since one failed, people changed or resumed it or gave it an order.
SELECT id, state = 'stopped' OR EXISTS (
    SELECT FROM number_orders o WHERE o.number_id = n.id AND o.taken_at IS NULL AND o.made_at > n.state_since
)
FROM numbers n WHERE removed_at IS NULL AND desired = 'running' ORDER BY id

-- report --
-- What a number's process says of itself. Its supervisor may stop it for a pause of which it has not heard.
WITH said AS (
    SELECT id, CASE WHEN %(state)s = 'stopped' AND desired = 'paused' THEN 'paused' ELSE %(state)s END AS state
    FROM numbers WHERE id = %(number)s
)
UPDATE numbers n SET state = said.state, state_why = %(why)s, why_code = %(why_code)s, why_facts = %(why_facts)s,
    state_since = now()
FROM said
WHERE n.id = said.id AND (n.state, n.state_why) IS DISTINCT FROM (said.state, %(why)s)

-- report_down --
-- A number failed, and its session with it; whoever serves it meanwhile knows better. Whose it is, if so.
WITH down AS (
    UPDATE numbers n SET state = 'failed', state_why = %(why)s, why_code = %(why_code)s, why_facts = %(why_facts)s,
        state_since = now()
    WHERE id = %(number)s AND removed_at IS NULL AND desired = 'running'
      AND NOT EXISTS (SELECT FROM leases l WHERE l.number_id = n.id AND l.expires_at > clock_timestamp())
    RETURNING id, workspace_id
), session AS (
    UPDATE sessions s SET state = 'failed', why = %(why)s, why_code = %(why_code)s, why_facts = %(why_facts)s,
        until = NULL, pairing = NULL, version = version + 1,
        since = CASE s.state WHEN 'failed' THEN s.since ELSE now() END, updated_at = now()
    FROM down WHERE s.number_id = down.id
    RETURNING s.number_id, s.workspace_id
), history AS (
    INSERT INTO session_states (number_id, workspace_id, state, why, why_code, why_facts)
    SELECT number_id, workspace_id, 'failed', %(why)s, %(why_code)s, %(why_facts)s FROM session
)
SELECT workspace_id FROM down

-- data_key --
-- The wrapped data key of a workspace.
SELECT wrapped FROM data_keys WHERE workspace_id = %(workspace)s

-- secrets --
-- The sealed secrets that flows may name.
SELECT name, value FROM secrets WHERE workspace_id = %(workspace)s AND name = ANY(%(names)b::text[])

-- pushed --
-- The files of a bot's version, and the schemas of the events that it names.
SELECT files, event_schemas FROM bot_versions WHERE bot_id = %(bot)s AND version = %(version)s

-- open_runs --
-- How many runs are under way.
SELECT count(*) FROM runs WHERE number_id = %(number)s AND ended_at IS NULL
