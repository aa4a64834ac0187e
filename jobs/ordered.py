"""Jobs that somebody ordered (`store/jobs.py`) are done: one file a kind in `jobs/kinds/`, with `do`.

    async def do(work: Work) -> Outcome

At most `MOST` at a time in one worker. While one is done, the database hears every few seconds that its worker
lives; a worker that could not say so in time stops, since another may have taken the job as its next attempt. A kind
begins anew then, so what it leaves behind is named by the attempt.
"""

import asyncio
import importlib
import logging
import os
import pkgutil
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache

import jobs.kinds
from jobs.job import Desk, Job
from jobs.ordered_work import Stopped, Work
from schemas.problems import Outside, Problem
from store import jobs as table
from store.jobs import HOLD, Claimed, Heard, Outcome

log = logging.getLogger(__name__)

MOST = 2
LOOK_S = 1.0
BEAT_S = 2.0  # so often the database hears that its worker lives, and people how far it is
FAULT = "A fault of ours. The worker's log has the details."


@cache
def kinds() -> Mapping[str, Callable[[Work], Awaitable[Outcome]]]:
    """What does jobs of each kind, by the kind's name, which is the file's."""
    names = sorted(each.name for each in pkgutil.iter_modules(jobs.kinds.__path__))
    return {name: importlib.import_module(f"jobs.kinds.{name}").do for name in names}


async def do(desk: Desk) -> bool:
    """Do what waits, until nothing does."""
    owner = f"{socket.gethostname()}:{os.getpid()}"
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            claimed: Claimed | None = None
            if len(running) < MOST and not desk.stop.is_set():
                claimed = await table.claim(desk.pool, desk.shelf, owner, list(kinds()))
            if claimed is not None:
                running.add(asyncio.create_task(_done(Work(desk, claimed))))
                continue
            if not running:
                return False
            ended, running = await asyncio.wait(running, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _done(work: Work) -> None:
    """Do one, and write how it ended."""
    job = work.job
    log.info("job %s of kind %s, attempt %s", job.id, job.kind, job.attempt)
    _tell(work, "begun")
    task = asyncio.ensure_future(kinds()[job.kind](work))
    try:
        await _held(work, task)
        how = task.result()
    except Stopped as stopped:
        if str(stopped) == "stop":
            await table.let_go(work.desk.pool, job)
            return
        how = Outcome("cancelled")
    except Outside as problem:  # its time runs out, and it is tried again
        log.warning("job %s is tried again: %s", job.id, problem)
        return
    except Problem as problem:
        how = Outcome("failed", error=str(problem))
    except OSError as error:
        how = Outcome("failed", error=f"The worker's disk refuses: {error.strerror}.")
    except Exception:
        log.exception("job %s of kind %s failed", job.id, job.kind)
        how = Outcome("failed", error=FAULT)
    if work.stopped == "lost" or not await table.settle(work.desk.pool, job, how, work.progress, work.total):
        log.warning("job %s went to another worker: what this one made is thrown away", job.id)
        return
    _tell(work, how.state)


def _tell(work: Work, kind: str) -> None:
    """Live views hear what becomes of it."""
    work.desk.live.tell(work.job.workspace, "jobs", kind, job=work.job.id)


async def _held(work: Work, task: "asyncio.Future[Outcome]") -> None:
    """Say that we live until the task has ended, and tell it when it shall end."""
    lives_until = time.monotonic() + HOLD.total_seconds()
    told = work.progress, work.total
    stopping = asyncio.create_task(work.desk.stop.wait())
    try:
        while not task.done():
            asked = {task} if work.stopped else {task, stopping}
            await asyncio.wait(asked, timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                work.stopped = work.stopped or "stop"
            now = time.monotonic()
            try:
                heard = await table.beat(work.desk.pool, work.job, work.progress, work.total)
            except Outside:
                if now > lives_until:
                    work.stopped = "lost"
                continue
            if heard is Heard.go_on:
                lives_until = now + HOLD.total_seconds()
                if told != (work.progress, work.total):
                    told = work.progress, work.total
                    _tell(work, "progress")
            else:
                work.stopped = "cancel" if heard is Heard.cancel else "lost"
    finally:
        stopping.cancel()
        if not task.done():  # we are cancelled ourselves
            task.cancel()


JOB = Job("ordered", 1.0, do)
