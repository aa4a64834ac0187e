"""dead-letters: messages that could not be sent."""

from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, epilog


def register(app: typer.Typer) -> None:
    """Add `dead-letters`."""
    letters = typer.Typer(help="Messages whose last retry failed.", no_args_is_help=True)
    app.add_typer(letters, name="dead-letters")
    letters.command("list", epilog=epilog("chatloom dead-letters list --number demo"))(listing)
    letters.command(epilog=epilog("chatloom dead-letters show MESSAGE"))(show)
    letters.command(
        epilog=epilog("chatloom dead-letters retry MESSAGE", "chatloom dead-letters retry --number demo")
    )(retry)


def listing(
    number: Annotated[str, typer.Option(help="Of one number only.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 100,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """List dead letters, the oldest first."""
    with Client.of(settings.load(), server, key) as api:
        rows = api.pages("/dead-letters", limit, number=number or None)
    output.show(rows, as_json, ["message", "number", "created_at", "attempt", "error_code", "error"])


def show(
    message: Annotated[str, typer.Argument(help="The message's id.")],
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Show a dead letter, with what it says."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.get(f"/dead-letters/{message}"), as_json)


def retry(
    messages: Annotated[list[str] | None, typer.Argument(help="Ids of messages.")] = None,
    number: Annotated[str, typer.Option(help="All of this number.")] = "",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Send dead letters again."""
    if not messages and not number:
        raise typer.BadParameter("name messages, or a number with --number")
    with Client.of(settings.load(), server, key) as api:
        body = {"messages": messages or [], "number": number or None}
        output.show(api.post("/dead-letters/retry", body), as_json)
