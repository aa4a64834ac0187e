"""The entry of a number's process: light, so that hundreds fit on a host.

`python -m cli.number_process ID` is what `chatloom number ID` runs; a supervisor's children come in by
`child`. Neither typer, fastapi nor sqlmodel is imported here, nor by anything that this imports.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from uuid import UUID

import uvloop

from cli import logs
from cli import settings as cli_settings
from cli.settings import Settings
from keys.master import load_master_keys
from runtime.engine import flows_engine
from runtime.process import Ending, run_number
from runtime.settings import RuntimeSettings
from schemas.problems import Problem
from store.pool import Database
from store.roles import url_for

log = logging.getLogger(__name__)

LEASE_LOST = 3
PRELOAD = ["cli.number_process"]


def runtime_settings(settings: Settings) -> RuntimeSettings:
    """What the environment's settings mean to a number's process."""
    return RuntimeSettings(
        database=Database(
            url_for(settings.database_url, "runtime"),
            url_for(settings.direct_url, "runtime"),
            settings.prepare_threshold,
        ),
        home=settings.home,
        redis_url=settings.redis_url,
        allow_private_targets=settings.allow_private_webhooks,
    )


def child(numbers: Sequence[UUID], supervisor: Connection) -> None:
    """A supervisor's child: serve until told to stop, or until the supervisor is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to hear
    sys.exit(uvloop.run(_serve(numbers, supervisor)))


async def _serve(numbers: Sequence[UUID], supervisor: Connection | None = None) -> int:
    settings = cli_settings.load()
    logs.set_up(settings.log_level, settings.log_format)
    sys.setswitchinterval(0.0005)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT) if supervisor is None else (signal.SIGTERM,):
        loop.add_signal_handler(number, stop.set)
    if supervisor is not None:
        loop.add_reader(supervisor.fileno(), lambda: _hung_up(loop, supervisor, stop))
    masters = load_master_keys(settings.home, os.environ, create=False)
    engine = flows_engine()
    given = runtime_settings(settings)
    endings = await asyncio.gather(*(run_number(given, masters, one, engine, stop) for one in numbers))
    return LEASE_LOST if Ending.LEASE_LOST in endings else 0


def _hung_up(loop: asyncio.AbstractEventLoop, supervisor: Connection, stop: asyncio.Event) -> None:
    """The supervisor never writes: a readable pipe is one that was closed."""
    loop.remove_reader(supervisor.fileno())
    stop.set()


def main(arguments: Sequence[str]) -> int:
    """Serve one number until SIGTERM. Returns the exit status: 3 where another process took the number over."""
    try:
        return uvloop.run(_serve([UUID(one) for one in arguments]))
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
