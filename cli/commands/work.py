"""work: the background jobs."""

import typer

from cli import logs, settings
from cli.output import epilog


def register(app: typer.Typer) -> None:
    """Add `work`."""
    app.command(epilog=epilog("chatloom work"))(work)


def work() -> None:
    """Run the background jobs: webhooks out, exports, erasures, contact changes, the audit's chain, retention, search in messages, pruning. Any number may run."""
    import asyncio
    import os

    import uvloop

    from cli import stopping
    from cli.database import database
    from jobs.work import work as run_jobs
    from keys.master import load_master_keys

    loaded = settings.load()
    logs.set_up(loaded.log_level, loaded.log_format)
    masters = load_master_keys(loaded.home, os.environ, create=False)

    async def run() -> None:
        stop = asyncio.Event()
        stopping.on_signals(stop)
        home, private = loaded.home.absolute(), loaded.allow_private_webhooks
        await run_jobs(database(loaded, "runtime"), masters, home, stop, private, loaded.redis_url)

    uvloop.run(run())
