"""Exports that somebody wants again and again are ordered when they are due."""

from jobs.job import Desk, Job
from store import export_schedules


async def do(desk: Desk) -> bool:
    """Order a batch. True while there may be more."""
    return await export_schedules.order_due(desk.pool) == export_schedules.BATCH


JOB = Job("export_schedules", 10.0, do)
