"""conversations: what was said, found by its words."""

from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, epilog

SETTING = "/message-search"


def register(app: typer.Typer) -> None:
    """Add `conversations`."""
    talks = typer.Typer(help="Conversations, found by what was said.", no_args_is_help=True)
    app.add_typer(talks, name="conversations")
    talks.command(
        epilog=epilog(
            "chatloom conversations search prenotaz rossi",
            "chatloom conversations search 'order 1234' --number demo --json",
        )
    )(search)
    talks.command(
        epilog=epilog("chatloom conversations searchable", "chatloom conversations searchable --on")
    )(searchable)


def search(
    words: Annotated[
        list[str],
        typer.Argument(help="All must occur in a message: whole, or by their first three letters or more."),
    ],
    number: Annotated[str, typer.Option(help="Of one number only.")] = "",
    conversation: Annotated[str, typer.Option(help="Of one conversation only, by its id.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Find messages by what they say, the latest first, where the workspace allows it (see searchable)."""
    with Client.of(settings.load(), server, key) as api:
        wanted = {"number": number or None, "conversation": conversation or None}
        rows = api.pages("/messages", limit, text=" ".join(words), **wanted)
    if not as_json:
        rows = [{**row, "said": "".join(piece["text"] for piece in row["snippet"])} for row in rows]
    output.show(rows, as_json, ["created_at", "name", "direction", "said", "conversation"])


def searchable(
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Turn it on or off. Left out: show it.")
    ] = None,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Whether messages can be found by what they say. On, keyed digests of their words are kept beside them:
    who has the database without its keys sees which messages share words, not which words."""
    with Client.of(settings.load(), server, key) as api:
        if on is None:
            said = api.get(SETTING)
        else:
            said = api.call("PUT", SETTING, {"on": on}, {"If-Match": "*"})
    output.show(said, as_json)
