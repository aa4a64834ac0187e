"""supervise: keep this host's numbers running."""

from typing import Annotated

import typer

from cli import logs, settings
from cli.output import epilog


def register(app: typer.Typer) -> None:
    """Add `supervise`."""
    app.command(epilog=epilog("chatloom supervise"))(supervise)


def supervise(
    until_eof: Annotated[
        bool, typer.Option("--until-eof", hidden=True, help="Stop when standard input ends.")
    ] = False,
) -> None:
    """Keep all numbers that should run running on this host, a process each."""
    import asyncio

    import uvloop

    from cli import stopping
    from cli.database import database
    from cli.number_process import PRELOAD, child
    from runtime.supervisor import Supervisor

    loaded = settings.load()
    logs.set_up(loaded.log_level, loaded.log_format)

    async def run() -> None:
        stop = asyncio.Event()
        stopping.on_signals(stop)
        if until_eof:
            stopping.on_end_of_input(stop)
        await Supervisor(database(loaded, "runtime"), child, PRELOAD).run(stop)

    uvloop.run(run())
