"""workspace: whose numbers, bots and people these are."""

from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, epilog


def register(app: typer.Typer) -> None:
    """Add `workspace`."""
    workspace = typer.Typer(help="The workspace: its name, its key, how much is in it.", no_args_is_help=True)
    app.add_typer(workspace, name="workspace")
    workspace.command(epilog=epilog("chatloom workspace show"))(show)
    workspace.command(epilog=epilog('chatloom workspace name "Da Chatloom"'))(name)


def show(server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Print its name and id, when its key was made and sealed, and how many numbers, bots and people it has."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.get("/workspace"), as_json)


def name(
    new: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    server: Server = "",
    key: Key = "",
) -> None:
    """Name it. Nothing else changes by that."""
    with Client.of(settings.load(), server, key) as api:
        found = api.patch("/workspace", {"name": new})
    output.say(f"The workspace is called {found['name']}.")
