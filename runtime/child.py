"""A supervisor's child: one or several numbers in a process that drains when its supervisor's pipe closes."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection as Pipe
from uuid import UUID

from keys.master import MasterKeys
from runtime.engine import flows_engine
from runtime.process import Ending, run_number
from runtime.settings import RuntimeSettings

log = logging.getLogger(__name__)

LEASE_LOST = 3


def child(
    settings: RuntimeSettings,
    masters: MasterKeys,
    numbers: Sequence[UUID],
    supervisor: Pipe,
    begin: Callable[[], None] | None,
) -> None:
    """Serve `numbers` until SIGTERM or the end of the pipe. `begin` sets up logging."""
    import uvloop

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to hear
    if begin is not None:
        begin()
    sys.setswitchinterval(0.0005)
    sys.exit(uvloop.run(_serve(settings, masters, numbers, supervisor)))


async def _serve(
    settings: RuntimeSettings, masters: MasterKeys, numbers: Sequence[UUID], supervisor: Pipe
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(supervisor.fileno(), _hung_up, loop, supervisor, stop)
    engine = flows_engine()
    tasks = [asyncio.create_task(run_number(settings, masters, one, engine, stop)) for one in numbers]
    try:
        endings = await asyncio.gather(*tasks)
    except BaseException:
        stop.set()  # one number's fault: the others leave in good order, and all start again
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    return LEASE_LOST if Ending.LEASE_LOST in endings else 0


def _hung_up(loop: asyncio.AbstractEventLoop, supervisor: Pipe, stop: asyncio.Event) -> None:
    """The supervisor never writes: a readable pipe is one that was closed."""
    loop.remove_reader(supervisor.fileno())
    stop.set()
