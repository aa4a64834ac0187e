-- Tags that flows put on contacts travel to the workspace's profile as other changes do.
ALTER TABLE contact_changes ADD COLUMN tags jsonb NOT NULL DEFAULT '{}';  -- tag -> whether it is put on or taken off
