-- keys --
-- The wrapped data key of each workspace.
SELECT workspace_id, wrapped FROM data_keys

-- apps --
-- Each app with its sealed secrets, and those before while they count.
SELECT id, workspace_id, name, channel, secrets, CASE WHEN old_until > now() THEN old_secrets END FROM apps

-- numbers --
-- Each number in service, by what the vendor calls it.
SELECT id, workspace_id, channel, account, app_id, slots FROM numbers WHERE removed_at IS NULL
