"""quarantine: what was taken but could not be understood or processed."""

from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, epilog


def register(app: typer.Typer) -> None:
    """Add `quarantine`."""
    quarantine = typer.Typer(help="What could not be understood or processed.", no_args_is_help=True)
    app.add_typer(quarantine, name="quarantine")
    quarantine.command("list", epilog=epilog("chatloom quarantine list"))(listing)
    quarantine.command(epilog=epilog("chatloom quarantine show ENTRY --content"))(show)


def listing(
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 100,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """List entries, the latest first."""
    with Client.of(settings.load(), server, key) as api:
        rows = api.pages("/quarantine", limit)
    output.show(rows, as_json, ["id", "received_at", "kind", "number", "error"])


def show(
    entry: Annotated[str, typer.Argument(help="The entry's id.")],
    content: Annotated[
        bool, typer.Option("--content", help="Also what it holds: may be what people said.")
    ] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Show an entry."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.get(f"/quarantine/{entry}", content=content), as_json)
