"""A supervisor's child: a process for one or several numbers, each a task of its own.

The supervisor says by the pipe what to serve and what to leave; the child says how each number ended. One
number's fault ends that number only. When the pipe closes, the supervisor is gone, and the child drains.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from uuid import UUID

from keys.master import MasterKeys
from runtime import owner
from runtime.duty import Ending
from runtime.engine import flows_engine
from runtime.premises import Premises, premises
from runtime.process import serve_number
from runtime.settings import RuntimeSettings
from schemas.reasons import NONE, Reason, of_error

log = logging.getLogger(__name__)

THREADS = 64


@dataclass(frozen=True, slots=True)
class Serve:
    """Order: serve these as well."""

    numbers: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """Order: leave this one in good order; the others go on."""

    number: UUID


@dataclass(frozen=True, slots=True)
class Stop:
    """Order: leave all, and end."""


@dataclass(frozen=True, slots=True)
class Here:
    """Report: the process is ready, and holds leases under this name."""

    owner: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Report: a number is served no longer. `ending` None: it failed by `why`."""

    number: UUID
    ending: Ending | None
    why: Reason = NONE


Order = Serve | Leave | Stop
Report = Here | Ended


def child(
    settings: RuntimeSettings, masters: MasterKeys, supervisor: Pipe, begin: Callable[[], None] | None
) -> None:
    """Serve what the supervisor orders, until it says stop, SIGTERM or the end of the pipe. `begin` sets up logging."""
    import uvloop

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to hear
    if begin is not None:
        begin()
    sys.setswitchinterval(0.0005)
    gc.set_threshold(20_000, 20, 20)  # a full round over modules takes tens of milliseconds
    uvloop.run(_serve(settings, masters, supervisor))


async def _serve(settings: RuntimeSettings, masters: MasterKeys, supervisor: Pipe) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # The default has a few threads for all numbers together: one that is slow to close would hold up the others.
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "number"))
    async with premises(settings) as here:
        numbers = _Numbers(settings, masters, supervisor, here, stop)
        loop.add_reader(supervisor.fileno(), numbers.hear)
        numbers.tell(Here(owner.owner_name()))
        await stop.wait()
        await numbers.leave()


class _Numbers:
    """The numbers of this process."""

    def __init__(
        self,
        settings: RuntimeSettings,
        masters: MasterKeys,
        supervisor: Pipe,
        here: Premises,
        stop: asyncio.Event,
    ) -> None:
        self._settings = settings
        self._masters = masters
        self._supervisor = supervisor
        self._here = here
        self._stop = stop
        self._engine = flows_engine()
        self._served: dict[UUID, tuple[asyncio.Event, asyncio.Task[None]]] = {}

    def hear(self) -> None:
        """Take an order."""
        try:
            order: Order = self._supervisor.recv()
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._supervisor.fileno())
            self._stop.set()
            return
        match order:
            case Serve(numbers):
                for number in numbers:
                    self._serve(number)
            case Leave(number):
                if number in self._served:
                    self._served[number][0].set()
            case Stop():
                self._stop.set()

    def tell(self, report: Report) -> None:
        """Say something to the supervisor, if it is still there."""
        with contextlib.suppress(OSError):
            self._supervisor.send(report)

    async def leave(self) -> None:
        """Leave all numbers, side by side."""
        for stop, _ in self._served.values():
            stop.set()
        await asyncio.gather(*(task for _, task in self._served.values()))

    def _serve(self, number: UUID) -> None:
        stop = asyncio.Event()
        if self._stop.is_set():
            stop.set()
        self._served[number] = stop, asyncio.create_task(self._run(number, stop))

    async def _run(self, number: UUID, stop: asyncio.Event) -> None:
        try:
            ending = await serve_number(self._settings, self._masters, number, self._engine, self._here, stop)
            report = Ended(number, ending)
        except Exception as error:
            log.exception("number %s failed", number)
            report = Ended(number, None, of_error(error))
        del self._served[number]
        self.tell(report)
