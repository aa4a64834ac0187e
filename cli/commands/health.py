"""health: whether the server answers, for containers and scripts."""

from typing import Annotated

import typer

from cli import output, settings
from cli.output import epilog

LIMIT_S = 2.5


def register(app: typer.Typer) -> None:
    """Add `health`."""
    app.command(epilog=epilog("chatloom health --ready"))(health)


def health(
    ready: Annotated[
        bool, typer.Option("--ready", help="Ask also whether its database answers. Ends with 1 if not.")
    ] = False,
    server: output.Server = "",
) -> None:
    """Ask whether the server lives. Ends with 0 if it does, with 4 if nobody answers."""
    import urllib.error
    import urllib.request
    from http.client import HTTPException

    from cli.client import Client, ServerUnreachable

    loaded = settings.load()
    asked = Client.server_of(loaded, server) if server or loaded.server else loaded.server_url
    url = f"{asked}/health/{'ready' if ready else 'live'}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=LIMIT_S) as answer:
            output.say(answer.read().decode())
    except urllib.error.HTTPError as refused:
        output.say(refused.read().decode())
        raise typer.Exit(output.FAILED) from refused
    except (OSError, HTTPException, ValueError) as error:
        raise ServerUnreachable(server=url, why=str(getattr(error, "reason", error))) from error
