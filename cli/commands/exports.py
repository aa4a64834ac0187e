"""exports: conversations, contacts and collected data as files."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, Sort, epilog

COLUMNS = ["id", "what", "format", "number", "bot", "state", "progress", "total", "made_by", "made_at", "file_until"]  # fmt: skip
SCHEDULES = [
    "name",
    "what",
    "format",
    "number",
    "bot",
    "cron",
    "zone",
    "new_only",
    "paused",
    "next_at",
    "last_at",
    "last_job",
]
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
    daily = 'chatloom exports schedule bookings data --bot table-booking --at "0 6 * * *" --zone Europe/Rome'
    exports.command(epilog=epilog(daily))(schedule)
    exports.command("schedules", epilog=epilog("chatloom exports schedules"))(schedules)
    exports.command(epilog=epilog("chatloom exports pause bookings"))(pause)
    exports.command(epilog=epilog("chatloom exports resume bookings"))(resume)
    exports.command(epilog=epilog('chatloom exports reschedule bookings --at "0 7 * * *"'))(reschedule)
    exports.command(epilog=epilog("chatloom exports unschedule bookings"))(unschedule)


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


def listing(sort: Sort = "", server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List exports, the latest first."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/exports", sort=sort or None), as_json, COLUMNS)


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


def schedule(
    name: Annotated[str, typer.Argument(help="What the schedule is called.")],
    what: Annotated[str, typer.Argument(help="conversations, contacts or data.", metavar="WHAT")],
    at: Annotated[str, typer.Option(help="Minute, hour, day, month, day of the week, as cron has them.")],
    zone: Annotated[str, typer.Option(help="Time zone.")] = "UTC",
    kind: Annotated[str, typer.Option("--format", help="csv, jsonl or parquet.")] = "csv",
    number: Annotated[str, typer.Option(help="Of this number only.")] = "",
    bot: Annotated[str, typer.Option(help="Of this bot only; for data.")] = "",
    whole: Annotated[bool, typer.Option("--whole", help="Each time all, and not only what is new.")] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Export again and again. What fell due while no worker ran is made up once."""
    body = {"name": name, "what": what, "format": kind, "cron": at, "zone": zone, "new_only": not whole}
    body |= {name: value for name, value in {"number": number, "bot": bot}.items() if value}
    with Client.of(settings.load(), server, key) as api:
        made = api.post("/export-schedules", body)
    if as_json:
        output.show(made, True)
    else:
        output.say(f"The next export of {name} starts at {made['next_at']}.")


def schedules(server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List schedules of exports, by name."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/export-schedules"), as_json, SCHEDULES)


def pause(
    name: Annotated[str, typer.Argument(help="The schedule's name.")], server: Server = "", key: Key = ""
) -> None:
    """Start no exports of a schedule until it goes on."""
    with Client.of(settings.load(), server, key) as api:
        api.patch(f"/export-schedules/{name}", {"paused": True})
    output.say(f"Schedule {name} is paused.")


def resume(
    name: Annotated[str, typer.Argument(help="The schedule's name.")], server: Server = "", key: Key = ""
) -> None:
    """Go on with a schedule. What came while it was paused is in its next file."""
    with Client.of(settings.load(), server, key) as api:
        found = api.patch(f"/export-schedules/{name}", {"paused": False})
    output.say(f"The next export of {name} starts at {found['next_at']}.")


def reschedule(
    name: Annotated[str, typer.Argument(help="The schedule's name.")],
    at: Annotated[str, typer.Option(help="When: a cron line. Left out: as before.")] = "",
    zone: Annotated[str, typer.Option(help="The time zone. Left out: as before.")] = "",
    server: Server = "",
    key: Key = "",
) -> None:
    """Start a schedule's exports at other times."""
    wanted = {field: value for field, value in (("cron", at), ("zone", zone)) if value}
    with Client.of(settings.load(), server, key) as api:
        path = f"/export-schedules/{name}"
        found = api.call("PATCH", path, wanted, {"If-Match": f'"{api.get(path)["etag"]}"'})
    output.say(f"The next export of {name} starts at {found['next_at']}.")


def unschedule(
    name: Annotated[str, typer.Argument(help="The schedule's name.")], server: Server = "", key: Key = ""
) -> None:
    """Start no more exports of a schedule. What was exported stays for its time."""
    with Client.of(settings.load(), server, key) as api:
        api.delete(f"/export-schedules/{name}")
    output.say(f"Schedule {name} is gone.")


def _fetch(api: Client, export: dict[str, Any], path: Path) -> None:
    """By a link, into a file that is whole or not there."""
    link = api.post(f"/exports/{export['id']}/link", {"minutes": 60})
    api.download(f"/downloads/{link['url'].rpartition('/')[2]}", path)
