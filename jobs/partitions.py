"""Partitions exist three months ahead: one cannot be added once the default partition holds its rows."""

from jobs.job import Desk, Job
from store import chores


async def do(desk: Desk) -> bool:
    """Make what is missing."""
    await chores.ensure_partitions(desk.pool)
    return False


JOB = Job("partitions", 24 * 3600.0, do)
