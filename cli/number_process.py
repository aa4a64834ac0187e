"""The process of one number: light on purpose, since there may be hundreds. No API, no typer, no SQLModel.

`chatloom number ID` becomes this: `python -m cli.number_process ID`. It may be process 1 of a container.
"""

import asyncio
import gc
import os
import signal
import sys
from uuid import UUID

from cli import logs, settings
from cli.metrics_folder import serve_metrics, share_metrics
from cli.settings import Settings
from keys.master import load_master_keys
from runtime.settings import RuntimeSettings
from schemas.problems import Problem, Refused
from store.pool import Database
from store.roles import url_for

STOPPED, FAILED, USAGE, NOT_HERE = 0, 1, 2, 5


class NoDatabase(Refused):
    """No URL is configured."""

    code = "settings.no_database"
    sentence = "DATABASE_URL is not set. `chatloom up` brings its own database; other processes need one."


def database(loaded: Settings) -> Database:
    """The database as role `runtime`. Raises `NoDatabase`."""
    if not loaded.database_url:
        raise NoDatabase
    return Database(
        url_for(loaded.database_url, "runtime"),
        url_for(loaded.direct_url, "runtime"),
        loaded.prepare_threshold,
    )


def runtime_settings(loaded: Settings) -> RuntimeSettings:
    """What numbers' processes are started with."""
    return RuntimeSettings(
        database=database(loaded),
        home=loaded.home.absolute(),
        sessions=loaded.sessions_folder,
        sessions_live=loaded.sessions_live_folder,
        redis_url=loaded.redis_url,
        lease_s=loaded.lease_s,
        renew_s=loaded.lease_s / 5,
        send_attempts=max(1, loaded.send_attempts),
        allow_private_targets=loaded.allow_private_webhooks,
        memory_mb=loaded.process_memory_mb,
        public_url=loaded.public_url or loaded.server_url,
    )


async def run(loaded: Settings, number: UUID) -> int:
    """Serve `number` until SIGTERM or SIGINT. Returns how the process ends."""
    from runtime.engine import flows_engine
    from runtime.process import Ending, run_number

    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    masters = load_master_keys(loaded.home, os.environ, create=False)
    ending = await run_number(runtime_settings(loaded), masters, number, flows_engine(), stop)
    if ending is Ending.REMOVED:
        sys.stderr.write(f"error: number {number} is not there, or its channel or its bot's version is not\n")
        return NOT_HERE
    return FAILED if ending is Ending.LEASE_LOST else STOPPED


def main() -> int:
    """Read the command line and the environment, and serve."""
    signal.signal(signal.SIGTERM, _leave)
    import uvloop

    try:
        number = UUID(sys.argv[1])
    except (IndexError, ValueError):
        sys.stderr.write("usage: chatloom number ID (the id is a UUID: see `chatloom numbers list`)\n")
        return USAGE
    sys.setswitchinterval(0.0005)
    gc.set_threshold(20_000, 20, 20)  # a full round over modules takes tens of milliseconds
    try:
        loaded = settings.load()
        logs.set_up(loaded.log_level, loaded.log_format)
        share_metrics(loaded)
        serve_metrics(loaded)
        return uvloop.run(run(loaded, number))
    except Problem as problem:
        sys.stderr.write(f"error: {problem}\n")
        return NOT_HERE


def _leave(signum: int, frame: object) -> None:
    """SIGTERM before there is anything to drain. Process 1 would ignore it if nobody took it."""
    sys.exit(STOPPED)


if __name__ == "__main__":
    sys.exit(main())
