-- declared --
-- The kinds of steps that integrations declared in a bot's workspace.
SELECT c.name, c.input_schema, c.outcomes, c.result_schema, c.answer_within_s
FROM custom_actions c JOIN bots b ON b.workspace_id = c.workspace_id
WHERE b.id = %(bot)s
ORDER BY c.name

-- target --
-- Where a custom action is called, and what signs.
SELECT id, url, secret, CASE WHEN old_until > now() THEN old_secret END
FROM custom_actions
WHERE workspace_id = %(workspace)s AND name = %(name)s
