-- Conversations in which a message failed. An index on `status` would be written by each message's every state; the code
-- of an error is written by failures alone.
CREATE INDEX messages_failed ON messages (workspace_id, created_at, conversation_id) WHERE error_code <> '';
