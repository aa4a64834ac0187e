"""What webhook endpoints were told is kept 30 days, with the log of its deliveries."""

import datetime as dt

from jobs.job import Desk, Job
from store import webhooks

AGE = dt.timedelta(days=30)
EVENTS = 1_000


async def do(desk: Desk) -> bool:
    """Forget a batch. True while there is more."""
    return await webhooks.prune(desk.pool, AGE, EVENTS) >= EVENTS


JOB = Job("webhook_pruning", 6 * 3600.0, do)
