"""serve: the API, the webhook doors, the web UI, the simulator's page."""

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
    """Serve the API, the webhook doors, the web UI and the simulator's page. Any number may run side by side."""
    import asyncio
    import gc

    from cli import client, stopping
    from cli.database import configured
    from cli.listening import address, listen
    from cli.metrics_folder import share_metrics

    loaded = settings.load()
    logs.set_up(loaded.log_level, loaded.log_format)
    configured(loaded)
    share_metrics(loaded)
    import uvloop

    from cli import serving

    config = serving.api_config(loaded)
    listener = listen(host or loaded.host, loaded.port if port < 0 else port)

    def begun(url: str) -> None:
        # A full round over all modules and routes takes 0.15 s, in which no webhook is answered.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        output.say(f"Serving at {url}")

    async def run() -> None:
        stop = asyncio.Event()
        stopping.on_signals(stop)
        url = address(listener)
        client.note(loaded.home, url)
        await serving.serve(config, listener, stop, lambda: begun(url))

    uvloop.run(run())
