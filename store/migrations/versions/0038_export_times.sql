-- When a schedule makes its exports can be changed.
GRANT UPDATE (cron, zone) ON export_schedules TO chatloom_api;
