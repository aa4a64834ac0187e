"""Processed inbox rows are kept 35 days: providers repeat up to 7, offline queues up to 30."""

import datetime as dt

from jobs.job import Desk, Job
from store import chores

AGE = dt.timedelta(days=35)


async def do(desk: Desk) -> bool:
    """Forget what is older."""
    await chores.prune_inbox(desk.pool, AGE)
    return False


JOB = Job("inbox_pruning", 6 * 3600.0, do)
