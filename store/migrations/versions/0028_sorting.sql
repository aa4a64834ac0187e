-- Orders that people ask lists for. Who a contact is may be sealed, when he last changed is not.
CREATE INDEX bots_made ON bots (workspace_id, id);
CREATE INDEX numbers_made ON numbers (workspace_id, id) WHERE removed_at IS NULL;
CREATE INDEX users_name ON users (workspace_id, name, id);
CREATE INDEX users_address ON users (workspace_id, email);
CREATE INDEX api_keys_name ON api_keys (workspace_id, name, id) WHERE revoked_at IS NULL;
CREATE INDEX contacts_changed ON contacts (workspace_id, updated_at, id) WHERE merged_into IS NULL;
