"""exports: conversations, contacts and collected data as files."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, epilog

COLUMNS = ["id", "what", "format", "number", "bot", "state", "progress", "total", "made_by", "made_at", "file_until"]  # fmt: skip
LOOK_S = 0.5


def register(app: typer.Typer) -> None:
    """Add `exports`."""
    exports = typer.Typer(help="Exports of what was said, known and collected.", no_args_is_help=True)
    app.add_typer(exports, name="exports")
    examples = (
        "chatloom exports start data --bot table-booking --to bookings.csv",
        "chatloom exports start conversations --format parquet --since 2026-11-01T00:00:00Z",
    )
    exports.command(epilog=epilog(*examples))(start)
    exports.command("list", epilog=epilog("chatloom exports list"))(listing)
    exports.command(epilog=epilog("chatloom exports download 0192f3a4-… --to talks.csv"))(download)
    exports.command(epilog=epilog("chatloom exports delete 0192f3a4-…"))(delete)


def start(
    what: Annotated[str, typer.Argument(help="conversations, contacts or data.", metavar="WHAT")],
    kind: Annotated[str, typer.Option("--format", help="csv, jsonl or parquet.")] = "csv",
    number: Annotated[str, typer.Option(help="Of this number only.")] = "",
    bot: Annotated[str, typer.Option(help="Of this bot only; for data.")] = "",
    since: Annotated[str, typer.Option(help="Not before: 2026-11-01T00:00:00Z.")] = "",
    until: Annotated[str, typer.Option(help="Before: 2026-12-01T00:00:00Z.")] = "",
    to: Annotated[Path | None, typer.Option(help="Wait until it is done, and write the file here.")] = None,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Start an export. `chatloom work` (or `up`) makes the file, which is kept for seven days."""
    given = {"number": number, "bot": bot, "since": since, "until": until}
    body = {"what": what, "format": kind, **{name: value for name, value in given.items() if value}}
    with Client.of(settings.load(), server, key) as api:
        export = api.post("/exports", body)
        while to and export["state"] in ("waiting", "running"):
            time.sleep(LOOK_S)
            export = api.get(f"/exports/{export['id']}")
        if to:
            _fetch(api, export, to)
    if as_json:
        output.show(export, True)
    elif to:
        output.say(f"{export['result']['rows']} rows are in {to}.")
    else:
        output.say(f"Export {export['id']} is on its way: chatloom exports download {export['id']}")


def listing(server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List exports, the latest first."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/exports"), as_json, COLUMNS)


def download(
    export: Annotated[str, typer.Argument(help="The export's id.")],
    to: Annotated[Path | None, typer.Option(help="Where to. Default: a name that says what it is.")] = None,
    server: Server = "",
    key: Key = "",
) -> None:
    """Write an export's file, readable by you alone."""
    with Client.of(settings.load(), server, key) as api:
        found = api.get(f"/exports/{export}")
        path = to or Path(f"{found['what']}-{found['id'][-12:]}.{found['format']}")
        _fetch(api, found, path)
    output.say(f"{found['result']['rows']} rows are in {path}.")


def delete(
    export: Annotated[str, typer.Argument(help="The export's id.")], server: Server = "", key: Key = ""
) -> None:
    """Delete an export's file, and cancel one that is still made."""
    with Client.of(settings.load(), server, key) as api:
        api.delete(f"/exports/{export}")
    output.say(f"The file of export {export} is gone.")


def _fetch(api: Client, export: dict[str, Any], path: Path) -> None:
    """By a link, into a file that is whole or not there."""
    link = api.post(f"/exports/{export['id']}/link", {"minutes": 60})
    api.download(f"/downloads/{link['url'].rpartition('/')[2]}", path)
