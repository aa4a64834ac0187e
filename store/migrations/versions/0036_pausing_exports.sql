-- A schedule of exports can be paused: nothing is ordered until it goes on.
ALTER TABLE export_schedules ADD COLUMN paused boolean NOT NULL DEFAULT false;
GRANT UPDATE (paused, next_at) ON export_schedules TO chatloom_api;
