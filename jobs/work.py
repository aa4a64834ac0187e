"""The worker: runs every job of this folder at its pace, each alone in its own loop.

A job that fails is logged and tried again; several workers may run side by side, since each job takes a lock.
"""

import asyncio
import importlib
import logging
import pkgutil
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import jobs
from jobs.job import Desk, Job
from keys.master import MasterKeys
from schemas.problems import Misuse, Outside
from store.directory import SealerShelf
from store.live import Live
from store.notify import Notifier
from store.pool import Database, pool

log = logging.getLogger(__name__)

NOT_JOBS = ("job", "work", "ordered_work", "export_formats")
RETRY_S = 5.0


class JobNamedTwice(Misuse):
    """Two files have one job."""

    code = "jobs.named_twice"
    sentence = "There are two jobs {name!r}."


def found() -> list[Job]:
    """The jobs of this folder, by file name. Raises `JobNamedTwice`."""
    names = sorted(
        each.name
        for each in pkgutil.iter_modules(jobs.__path__)
        if not each.ispkg and each.name not in NOT_JOBS
    )
    all_jobs: list[Job] = [importlib.import_module(f"jobs.{name}").JOB for name in names]
    for job in all_jobs:
        if sum(other.name == job.name for other in all_jobs) > 1:
            raise JobNamedTwice(name=job.name)
    return all_jobs


async def work(
    database: Database,
    masters: MasterKeys,
    home: Path,
    stop: asyncio.Event,
    allow_private: bool = False,
    redis_url: str = "",
) -> None:
    """Run all jobs until `stop`. `database` connects as role `runtime`; `home` is the folder of media and exports.

    `allow_private`: whether webhooks may call private addresses. `redis_url`: where live views hear of jobs.
    """
    async with pool(database, least=0, most=2) as connections:
        notifier = Notifier(connections)
        live = Live(redis_url)
        desk = Desk(connections, SealerShelf(masters), notifier, masters, home, allow_private, live, stop)
        telling = asyncio.create_task(live.run())
        tasks = [asyncio.create_task(_again_and_again(job, desk, stop)) for job in found()]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await live.settle()
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await desk.notifier.close()


async def _again_and_again(job: Job, desk: Desk, stop: asyncio.Event) -> None:
    while not stop.is_set():
        pause = job.every_s * random.uniform(0.9, 1.1)
        try:
            while await job.do(desk) and not stop.is_set():
                pass
        except Outside as problem:
            log.info("job %s waits: %s", job.name, problem)
            pause = RETRY_S
        except Exception:
            log.exception("job %s failed", job.name)
            pause = max(RETRY_S, job.every_s)
        await _sleep(stop, pause)


async def _sleep(stop: asyncio.Event, seconds: float) -> Any:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
