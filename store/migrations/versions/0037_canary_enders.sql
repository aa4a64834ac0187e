-- Who ended a canary; empty for those that ended before this was kept.
ALTER TABLE canaries ADD COLUMN ended_by text NOT NULL DEFAULT '';
GRANT UPDATE (ended_by) ON canaries TO chatloom_api;
