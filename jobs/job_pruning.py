"""Files that jobs made are deleted when their time is over; jobs themselves are forgotten after 90 days."""

import asyncio
import datetime as dt

from jobs.job import Desk, Job
from store import export_files, jobs

AGE = dt.timedelta(days=90)


async def do(desk: Desk) -> bool:
    """Delete what nobody wants any more, what dead workers left included."""
    await jobs.forget(desk.pool, AGE)
    there = await asyncio.to_thread(export_files.found, desk.exports)
    wanted = await jobs.wanted_files(desk.pool, {job for job, _ in there}) if there else set()
    for job, attempt in there:
        if (job, attempt) not in wanted:
            await asyncio.to_thread(export_files.drop, desk.exports, job, attempt)
    return False


JOB = Job("job_pruning", 300.0, do)
