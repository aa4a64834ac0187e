"""supervise: keep this host's numbers running."""

from typing import Annotated

import typer

from cli import logs, settings
from cli.output import epilog


def register(app: typer.Typer) -> None:
    """Add `supervise`."""
    app.command(epilog=epilog("chatloom supervise", "chatloom supervise --numbers-per-process 50"))(supervise)


def supervise(
    numbers_per_process: Annotated[
        int, typer.Option(help="How many numbers share a process. [env: CHATLOOM_NUMBERS_PER_PROCESS]")
    ] = 0,
    until_eof: Annotated[
        bool, typer.Option("--until-eof", hidden=True, help="Stop when standard input ends.")
    ] = False,
) -> None:
    """Keep all numbers that should run running on this host, a process each, or several in one.

    A number that fails is tried again after pauses that grow; after ten failures in half an hour it is given up,
    until it is changed or resumed. SIGTERM drains all numbers within 20 seconds.
    """
    import asyncio
    import os
    from functools import partial

    import uvloop

    from cli import stopping
    from cli.metrics_folder import serve_metrics, share_metrics

    loaded = settings.load()
    logs.set_up(loaded.log_level, loaded.log_format)
    share_metrics(loaded)
    from cli.number_process import runtime_settings
    from keys.master import load_master_keys
    from runtime.supervisor import supervise as run_numbers

    serve_metrics(loaded)
    masters = load_master_keys(loaded.home, os.environ, create=False)

    async def run() -> None:
        stop = asyncio.Event()
        stopping.on_signals(stop)
        if until_eof:
            stopping.on_end_of_input(stop)
        share = numbers_per_process or loaded.numbers_per_process
        begin = partial(logs.set_up, loaded.log_level, loaded.log_format)
        await run_numbers(runtime_settings(loaded), masters, stop, numbers_per_process=share, begin=begin)

    uvloop.run(run())
