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

from keys.master import MasterKeys
from runtime.child import child
from runtime.settings import RuntimeSettings
from store import notify, numbers
from store.pool import Connection, connect
from store.problems import DatabaseUnreachable

log = logging.getLogger(__name__)

POLL_S = 5.0
STEADY_S = 60.0
LONGEST_PAUSE_S = 60.0
DRAIN_S = 25.0
KILL_S = 5.0

PRELOAD = ["runtime.child"]


@dataclass(slots=True)
class _Child:
    process: ForkServerProcess
    pipe: Pipe
    numbers: tuple[UUID, ...]
    began: float


async def supervise(
    settings: RuntimeSettings,
    masters: MasterKeys,
    stop: asyncio.Event,
    *,
    numbers_per_process: int = 1,
    begin: Callable[[], None] | None = None,
) -> None:
    """Keep all numbers that should run running, until `stop`; then drain them.

    `begin` is called first in each child (it must be importable there), for example to set up logging.
    """
    await Supervisor(settings, masters, numbers_per_process, begin).run(stop)


class Supervisor:
    """One host's. Numbers are put together when they first run, and stay together."""

    def __init__(
        self,
        settings: RuntimeSettings,
        masters: MasterKeys,
        numbers_per_process: int = 1,
        begin: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._masters = masters
        self._share = max(1, numbers_per_process)
        self._begin = begin
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOAD)
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
                async with await connect(self._settings.database, direct=True) as conn:
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
        for one in self._each():
            if not set(one.numbers) & set(wanted):
                self._let_go(one)  # a pause of one among several is that number's own to see
        for number in set(self._not_before) - set(wanted):
            del self._not_before[number]
        due = [
            number
            for number in wanted
            if number not in self._children and self._not_before.get(number, 0.0) <= now
        ]
        for first in range(0, len(due), self._share):
            self._start(tuple(due[first : first + self._share]))

    def _start(self, group: tuple[UUID, ...]) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=child, args=(self._settings, self._masters, group, theirs, self._begin)
        )
        process.start()
        theirs.close()
        one = _Child(process, ours, group, time.monotonic())
        for number in group:
            self._not_before.pop(number, None)
            self._children[number] = one
        asyncio.get_running_loop().add_reader(process.sentinel, self._ended, one)
        log.info("process %s runs %d numbers", process.pid, len(group))

    def _ended(self, one: _Child) -> None:
        asyncio.get_running_loop().remove_reader(one.process.sentinel)
        one.process.join()
        one.pipe.close()
        now = time.monotonic()
        for number in one.numbers:
            del self._children[number]
            steady = now - one.began > STEADY_S
            pause = 1.0 if steady else min(LONGEST_PAUSE_S, self._pauses.get(number, 0.5) * 2)
            self._pauses[number] = pause
            self._not_before[number] = now + pause
        log.info("process %s ended (%s)", one.process.pid, one.process.exitcode)
        self._changed.set()

    def _each(self) -> list[_Child]:
        return list({id(one): one for one in self._children.values()}.values())

    def _let_go(self, one: _Child) -> None:
        with contextlib.suppress(OSError):
            one.pipe.close()

    async def _drain(self) -> None:
        for one in self._each():
            self._let_go(one)
        for limit_s, end in ((DRAIN_S, "terminate"), (KILL_S, "kill"), (KILL_S, "")):
            until = time.monotonic() + limit_s
            while self._children and time.monotonic() < until:
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), until - time.monotonic())
            for one in self._each():
                if end:
                    getattr(one.process, end)()


async def _first(conn: Connection, timeout_s: float) -> None:
    async with contextlib.aclosing(notify.heard(conn, timeout_s)) as channels:
        async for _ in channels:
            return
