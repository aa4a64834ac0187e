"""simulator: a link to a simulated number's chat page."""

from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, epilog


def register(app: typer.Typer) -> None:
    """Add `simulator`."""
    app.command(epilog=epilog("chatloom simulator demo"))(simulator)


def simulator(
    number: Annotated[str, typer.Argument(help="A number of channel simulator.")] = "demo",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Print a link that opens a simulated number's chat page, once."""
    with Client.of(settings.load(), server, key) as api:
        link = api.post(f"/numbers/{number}/simulator-links")
    if as_json:
        output.show(link, True)
    else:
        output.say(link["url"])
