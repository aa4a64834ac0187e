"""What sessions of linked phones said is kept 90 days, and at most 5,000 changes of a number's state."""

import datetime as dt

from jobs.job import Desk, Job
from store import chores

AGE = dt.timedelta(days=90)
MOST = 5_000


async def do(desk: Desk) -> bool:
    """Forget what is older."""
    await chores.prune_sessions(desk.pool, AGE, MOST)
    return False


JOB = Job("session_pruning", 6 * 3600.0, do)
