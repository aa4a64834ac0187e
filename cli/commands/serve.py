"""serve: the API, the webhook doors, the simulator's page."""

from typing import Annotated

import typer

from cli import logs, output, settings
from cli.output import epilog


def register(app: typer.Typer) -> None:
    """Add `serve`."""
    app.command(epilog=epilog("CHATLOOM_HOST=0.0.0.0 chatloom serve"))(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on. [env: CHATLOOM_HOST]")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on. [env: CHATLOOM_PORT]")] = -1,
) -> None:
    """Serve the API, the webhook doors and the simulator's page. Any number may run side by side."""
    import asyncio

    import uvloop

    from cli import client, serving, stopping
    from cli.number_process import NoDatabase

    loaded = settings.load()
    logs.set_up(loaded.log_level, loaded.log_format)
    if not loaded.database_url:
        raise NoDatabase
    serving.metrics_folder(loaded)
    config = serving.api_config(loaded)
    listener = serving.listen(host or loaded.host, loaded.port if port < 0 else port)

    async def run() -> None:
        stop = asyncio.Event()
        stopping.on_signals(stop)
        url = serving.address(listener)
        client.note(loaded.home, url)
        await serving.serve(config, listener, stop, lambda: output.say(f"Serving at {url}"))

    uvloop.run(run())
