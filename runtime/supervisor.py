"""The supervisor: keeps this host's numbers running, a process each, or several in one.

Children come from a forkserver that has loaded the modules, but neither connections, the expression engine
nor a driver: a Go runtime does not survive a fork. Each child holds an end of a pipe: when it closes, because
the supervisor is gone, the child drains.

**Failures.** A number that fails is started again, alone: the others in its process do not notice. A process
that dies takes its numbers with it; they come back in two processes of half the size. So whoever kills
processes is alone after a few deaths, and the others are served. Pauses grow with the failures of the last
half hour; after so many the number is given up, loudly, until it is ordered to go on (`numbers.running` says
what counts as an order) or this supervisor is started anew.
"""

import asyncio
import contextlib
import logging
import math
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from uuid import UUID

from keys.master import MasterKeys
from runtime import metrics
from runtime.child import Ended, Here, Leave, Order, Serve, Stop, child
from runtime.duty import Ending
from runtime.settings import RuntimeSettings
from schemas.reasons import NONE, Reason, because, reason
from store import leases, notify, numbers
from store.live import Live
from store.numbers import Due
from store.pool import Connection, connect
from store.problems import DatabaseUnreachable

log = logging.getLogger(__name__)

POLL_S = 5.0
SOON_S = 1.0
CLOSE_S = 5.0

PRELOAD = ["runtime.child"]

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How a number that fails is tried again: `tries` failures within `within_s` seconds, and it is given up."""

    tries: int = 10
    within_s: float = 1800.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0

    def pause(self, failures: int) -> float:
        """Seconds to wait after the last of so many failures."""
        return min(self.longest_pause_s, self.first_pause_s * 2 ** (failures - 1))


@dataclass(slots=True, eq=False)
class _Process:
    """A child. `company` is how many numbers it may hold; `leave_by`: it drains, and is killed then."""

    process: ForkServerProcess
    pipe: Pipe
    company: int
    numbers: set[UUID] = field(default_factory=set[UUID])
    owner: str = ""
    leave_by: float | None = None
    why: Reason = NONE


@dataclass(slots=True)
class _Number:
    """A number that should run. `company`: the most numbers in its next process."""

    company: int
    failures: list[float] = field(default_factory=list[float])
    not_before: float = 0.0
    process: _Process | None = None
    leaving: bool = False
    given_up: bool = False


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
    """One host's."""

    def __init__(
        self,
        settings: RuntimeSettings,
        masters: MasterKeys,
        numbers_per_process: int = 1,
        begin: Callable[[], None] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._settings = settings
        self._masters = masters
        self._share = max(1, numbers_per_process)
        self._begin = begin
        self._patience = patience or Patience()
        self._drain_s = settings.drain_s + CLOSE_S
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOAD)
        self._numbers: dict[UUID, _Number] = {}
        self._processes: list[_Process] = []
        self._down: dict[UUID, Reason] = {}
        self._dead: list[str] = []
        self._stopping = False
        self._changed = asyncio.Event()
        self._live = Live(settings.redis_url)

    def running(self) -> dict[UUID, int]:
        """The process of each number."""
        return {number: one.process.process.pid or 0 for number, one in self._numbers.items() if one.process}

    async def run(self, stop: asyncio.Event) -> None:
        """Keep numbers running until `stop`, then drain the children."""
        watching = asyncio.create_task(self._watch())
        stopping = asyncio.create_task(stop.wait())
        telling = asyncio.create_task(self._live.run())
        try:
            await asyncio.wait((watching, stopping), return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
        finally:
            self._stopping = True
            for task in (watching, stopping, telling):
                task.cancel()
            await asyncio.gather(watching, stopping, telling, return_exceptions=True)
            await self._drain()

    async def _watch(self) -> None:
        pause_s = SOON_S
        while True:
            try:
                async with await connect(self._settings.database, direct=True) as conn:
                    await notify.listen(conn, notify.NUMBERS)
                    while True:
                        await self._tell(conn)
                        self._fit(await numbers.running(conn))
                        pause_s = SOON_S
                        await self._until_something(conn)
            except DatabaseUnreachable as problem:
                log.warning("the numbers cannot be read: %s; those that run go on", problem)
                await asyncio.sleep(pause_s)
                pause_s = min(POLL_S, pause_s * 2)

    async def _tell(self, conn: Connection) -> None:
        """Free what dead processes held, and write why numbers are down."""
        while self._dead:
            await leases.release_all(conn, self._dead[0])
            del self._dead[0]
        for number, why in list(self._down.items()):
            workspace = await numbers.report_down(conn, number, why)
            if workspace is not None:
                self._live.publish_number(workspace, number)
            if self._down[number] == why:
                del self._down[number]

    async def _until_something(self, conn: Connection) -> None:
        """A notification, the end of a child or a number, the end of a pause or of a drain, or the poll."""
        self._changed.clear()
        ends = [one.leave_by for one in self._processes if one.leave_by is not None]
        ends += [one.not_before for one in self._numbers.values() if not (one.process or one.given_up)]
        pause = max(0.05, min([POLL_S, *(at - time.monotonic() for at in ends)]))
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

    # What should run, and what runs.

    def _fit(self, wanted: Sequence[Due]) -> None:
        """Start what should run, let go what should not, and what is too large or too slow to leave."""
        now = time.monotonic()
        for number in set(self._numbers) - {one.id for one in wanted}:
            self._not_wanted(number)
        for process in self._processes:
            self._weigh(process)
            if process.leave_by is not None and process.leave_by <= now:
                self._kill(process)
        placed: dict[_Process, list[UUID]] = {}
        for due in wanted:
            one = self._numbers.setdefault(due.id, _Number(self._share))
            if due.ordered and one.failures and one.process is None and due.id not in self._down:
                log.info("number %s was ordered to go on", due.id)
                self._forgive(due.id, one)
            if one.process is None and not one.given_up and one.not_before <= now:
                placed.setdefault(self._place(due.id, one), []).append(due.id)
        for process, group in placed.items():
            self._order(process, Serve(tuple(group)))
            log.info("process %s serves %d numbers more", process.process.pid, len(group))

    def _not_wanted(self, number: UUID) -> None:
        one = self._numbers[number]
        if one.process is None:
            metrics.given_up.labels(str(number)).set(0)
            del self._numbers[number]
        elif not one.leaving:
            one.leaving = True
            self._order(one.process, Leave(number))

    def _forgive(self, number: UUID, one: _Number) -> None:
        one.failures.clear()
        one.not_before = 0.0
        one.given_up = False
        metrics.given_up.labels(str(number)).set(0)

    def _place(self, number: UUID, one: _Number) -> _Process:
        """A process with room among its equals, or a new one."""
        if not self._recent(one):
            one.company = self._share
        for process in self._processes:
            room = process.leave_by is None and len(process.numbers) < process.company
            if room and process.company == one.company:
                break
        else:
            process = self._start(one.company)
        process.numbers.add(number)
        one.process = process
        return process

    def _start(self, company: int) -> _Process:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=child, args=(self._settings, self._masters, theirs, self._begin)
        )
        process.start()
        theirs.close()
        one = _Process(process, ours, company)
        self._processes.append(one)
        loop = asyncio.get_running_loop()
        loop.add_reader(process.sentinel, self._gone, one)
        loop.add_reader(ours.fileno(), self._hear, one)
        return one

    def _order(self, process: _Process, order: Order) -> None:
        with contextlib.suppress(OSError):  # it died: its end is heard of next
            process.pipe.send(order)

    def _let_go(self, process: _Process, why: Reason = NONE) -> None:
        """Ask a process to drain. `why`: it is a failure of its numbers."""
        process.why = why
        process.leave_by = time.monotonic() + self._drain_s
        self._order(process, Stop())

    def _kill(self, process: _Process) -> None:
        log.error("process %s did not leave in time and is killed", process.process.pid)
        process.leave_by = math.inf
        process.process.kill()

    def _weigh(self, process: _Process) -> None:
        """Let a process go that holds more memory than is allowed."""
        limit = self._settings.memory_mb
        if not limit or process.leave_by is not None:
            return
        held = resident_mb(process.process.pid or 0)
        if held > limit:
            why = reason("number.memory", held_mb=round(held), limit_mb=limit)
            log.error(
                "process %s with %d numbers: %s", process.process.pid, len(process.numbers), why.sentence
            )
            metrics.restarts.labels("memory").inc()
            self._let_go(process, why)

    # What children say, and how they end.

    def _hear(self, process: _Process) -> None:
        """Take a child's reports; the end of the pipe is the end of the process, which `_gone` sees."""
        try:
            while process.pipe.poll():
                self._take(process, process.pipe.recv())
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(process.pipe.fileno())

    def _take(self, process: _Process, report: Here | Ended) -> None:
        match report:
            case Here(owner):
                process.owner = owner
            case Ended(number, ending, why) if process.leave_by is None:
                self._number_ended(process, number, ending, why)
            case Ended():
                return  # all of them are looked at when the process is gone
        self._changed.set()

    def _number_ended(self, process: _Process, number: UUID, ending: Ending | None, why: Reason) -> None:
        process.numbers.discard(number)
        one = self._numbers[number]
        one.process = None
        wanted, one.leaving = not one.leaving, False
        one.not_before = time.monotonic() + SOON_S
        if ending in (None, Ending.REMOVED):  # one that is really removed is not wanted either
            metrics.restarts.labels("failed").inc()
            company = one.company if not self._recent(one) else 1
            self._failed(number, one, reason("number.not_there") if why == NONE else why, company)
        elif ending is Ending.STOPPED and wanted:
            self._let_go(process)  # somebody else asked it to end
            return
        if not process.numbers:
            self._let_go(process)

    def _gone(self, process: _Process) -> None:
        """A process has ended: start its numbers again, unless that was wanted."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(process.process.sentinel)
        self._hear(process)
        loop.remove_reader(process.pipe.fileno())
        process.pipe.close()
        process.process.join()
        self._processes.remove(process)
        code = process.process.exitcode
        left = [(number, self._numbers[number]) for number in process.numbers]
        if code != 0 and process.owner:
            self._dead.append(process.owner)
        crashed = process.leave_by is None or code != 0
        if left and crashed and not self._stopping:
            log.error("process %s with %d numbers ended (%s)", process.process.pid, len(left), code)
            metrics.restarts.labels("died").inc()
        else:
            log.info("process %s ended (%s)", process.process.pid, code)
        why = process.why
        if why == NONE and crashed:
            why = reason("number.process_ended", exit_code=code)
        for number, one in left:
            one.process, one.leaving = None, False
            one.not_before = time.monotonic()
            if why != NONE and not self._stopping:
                self._failed(number, one, why, max(1, math.ceil(len(left) / 2)))
        self._changed.set()

    def _failed(self, number: UUID, one: _Number, why: Reason, company: int) -> None:
        """Say so, and try again later, in a process of at most `company` numbers; or give up."""
        one.failures = [*self._recent(one), time.monotonic()]
        one.company = company
        count = len(one.failures)
        if count < self._patience.tries:
            pause = self._patience.pause(count)
            one.not_before = time.monotonic() + pause
            self._down[number] = because(why, "number.tried_again", failures=count, pause_s=round(pause))
            return
        one.given_up = True
        metrics.given_up.labels(str(number)).set(1)
        minutes = math.ceil(self._patience.within_s / 60)
        self._down[number] = because(why, "number.given_up", failures=count, minutes=minutes)
        log.error("number %s is given up after %d failures: %s", number, count, why.sentence)

    def _recent(self, one: _Number) -> list[float]:
        since = time.monotonic() - self._patience.within_s
        return [at for at in one.failures if at > since]

    async def _drain(self) -> None:
        """Let all children go, and kill those that do not leave."""
        for process in self._processes:
            if process.leave_by is None:
                self._let_go(process)
        await self._until_gone(self._drain_s)
        for process in self._processes:
            self._kill(process)
        await self._until_gone(CLOSE_S)
        if self._dead:
            try:
                async with await connect(self._settings.database, direct=True) as conn:
                    await self._tell(conn)
            except DatabaseUnreachable:
                log.warning("the leases of killed processes run out by themselves")

    async def _until_gone(self, limit_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self._processes:
                    self._changed.clear()
                    await self._changed.wait()


def resident_mb(pid: int) -> float:
    """The memory that a process holds, in megabytes; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / _MB


async def _first(conn: Connection, timeout_s: float) -> None:
    async with contextlib.aclosing(notify.heard(conn, timeout_s)) as channels:
        async for _ in channels:
            return
