"""The supervisor: keeps this host's numbers running, a process each.

Children come from a forkserver that has loaded the modules, but neither connections, the expression engine
nor a driver: a Go runtime does not survive a fork. A child that ends is started again, after a pause that
grows while it keeps ending. Each child holds the reading end of a pipe: when it closes, because the
supervisor wants that or is gone, the child drains.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerProcess
from uuid import UUID

from store import notify, numbers
from store.pool import Connection, Database, connect
from store.problems import DatabaseUnreachable

log = logging.getLogger(__name__)

POLL_S = 5.0
STEADY_S = 60.0
LONGEST_PAUSE_S = 60.0
DRAIN_S = 25.0
KILL_S = 5.0

Target = Callable[[Sequence[UUID], Pipe], None]


@dataclass(slots=True)
class _Child:
    process: ForkServerProcess
    pipe: Pipe
    began: float


class Supervisor:
    """One host's. `target` is what a child runs; `preload` the modules that the forkserver loads for all."""

    def __init__(self, database: Database, target: Target, preload: list[str]) -> None:
        self._database = database
        self._target = target
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(preload)
        self._children: dict[UUID, _Child] = {}
        self._pauses: dict[UUID, float] = {}
        self._not_before: dict[UUID, float] = {}
        self._changed = asyncio.Event()

    def running(self) -> dict[UUID, int]:
        """The process of each number."""
        return {number: child.process.pid or 0 for number, child in self._children.items()}

    async def run(self, stop: asyncio.Event) -> None:
        """Keep numbers running until `stop`, then drain the children."""
        watching = asyncio.create_task(self._watch())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((watching, stopping), return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
        finally:
            for task in (watching, stopping):
                task.cancel()
            await asyncio.gather(watching, stopping, return_exceptions=True)
            await self._drain()

    async def _watch(self) -> None:
        while True:
            try:
                async with await connect(self._database, direct=True) as conn:
                    await notify.listen(conn, notify.NUMBERS)
                    while True:
                        self._fit(await numbers.running(conn))
                        await self._until_something(conn)
            except DatabaseUnreachable as problem:
                log.warning("the numbers cannot be read: %s; those that run go on", problem)
                await asyncio.sleep(1.0)

    async def _until_something(self, conn: Connection) -> None:
        """A notification, the end of a child, the end of a pause, or the poll."""
        self._changed.clear()
        waits = [at - time.monotonic() for at in self._not_before.values()]
        pause = max(0.05, min([POLL_S, *waits]))
        listening = asyncio.create_task(_first(conn, pause))
        changed = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait((listening, changed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
            if listening.done():
                listening.result()
            else:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    def _fit(self, wanted: Sequence[UUID]) -> None:
        """Start what should run, let go what should not."""
        now = time.monotonic()
        for number in set(self._children) - set(wanted):
            self._let_go(number)
        for number in set(self._not_before) - set(wanted):
            del self._not_before[number]
        for number in wanted:
            if number not in self._children and self._not_before.get(number, 0.0) <= now:
                self._not_before.pop(number, None)
                self._start(number)

    def _start(self, number: UUID) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=self._target, args=([number], theirs), name=f"number {number}")
        process.start()
        theirs.close()
        self._children[number] = _Child(process, ours, time.monotonic())
        asyncio.get_running_loop().add_reader(process.sentinel, self._ended, number)
        log.info("number %s runs in process %s", number, process.pid)

    def _ended(self, number: UUID) -> None:
        child = self._children.pop(number)
        asyncio.get_running_loop().remove_reader(child.process.sentinel)
        child.process.join()
        child.pipe.close()
        lived = time.monotonic() - child.began
        pause = 1.0 if lived > STEADY_S else min(LONGEST_PAUSE_S, self._pauses.get(number, 0.5) * 2)
        self._pauses[number] = pause
        self._not_before[number] = time.monotonic() + pause
        log.info("the process of number %s ended (%s)", number, child.process.exitcode)
        self._changed.set()

    def _let_go(self, number: UUID) -> None:
        with contextlib.suppress(OSError):
            self._children[number].pipe.close()

    async def _drain(self) -> None:
        for number in list(self._children):
            self._let_go(number)
        for limit_s, end in ((DRAIN_S, "terminate"), (KILL_S, "kill"), (KILL_S, "")):
            until = time.monotonic() + limit_s
            while self._children and time.monotonic() < until:
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), until - time.monotonic())
            for child in self._children.values():
                if end:
                    getattr(child.process, end)()


async def _first(conn: Connection, timeout_s: float) -> None:
    async with contextlib.aclosing(notify.heard(conn, timeout_s)) as channels:
        async for _ in channels:
            return
