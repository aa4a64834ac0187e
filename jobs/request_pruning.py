"""Answers that are kept for requests with an Idempotency-Key go after a day."""

import datetime as dt

from jobs.job import Desk, Job
from store import chores

AGE = dt.timedelta(hours=24)


async def do(desk: Desk) -> bool:
    """Forget what is older."""
    await chores.forget_requests(desk.pool, AGE)
    return False


JOB = Job("request_pruning", 3600.0, do)
