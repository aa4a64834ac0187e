-- Who was found to be somebody else: he stays, empty, for the conversations that cannot be the other one's, since that
-- one has one with the same number.
ALTER TABLE contacts ADD COLUMN merged_into uuid REFERENCES contacts ON DELETE CASCADE;
CREATE INDEX contacts_merged ON contacts (merged_into) WHERE merged_into IS NOT NULL;

GRANT UPDATE (contact_id) ON conversations TO chatloom_api;
