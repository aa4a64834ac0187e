"""audit: who did what, and whether what is told of it is whole."""

from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, epilog

COLUMNS = ["at", "who_name", "address", "action", "target_name", "target_id", "changes"]


def register(app: typer.Typer) -> None:
    """Add `audit`."""
    audit = typer.Typer(help="Who did what, when and from where.", no_args_is_help=True)
    app.add_typer(audit, name="audit")
    examples = ("chatloom audit list --action number.", "chatloom audit list --by ana@example.com")
    audit.command("list", epilog=epilog(*examples))(listing)
    audit.command(epilog=epilog("chatloom audit verify"))(verify)


def listing(
    by: Annotated[str, typer.Option(help="Who did it: a name or an id.")] = "",
    action: Annotated[str, typer.Option(help="What: number.pause, or number. for all of its kind.")] = "",
    target: Annotated[str, typer.Option(help="To what: a name or an id.")] = "",
    since: Annotated[str, typer.Option(help="Not before: 2026-11-01T00:00:00Z.")] = "",
    until: Annotated[str, typer.Option(help="Before: 2026-12-01T00:00:00Z.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=200)] = 50,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """List what was done, the latest first."""
    given = {"by": by, "action": action, "target": target, "since": since, "until": until}
    with Client.of(settings.load(), server, key) as api:
        page = api.get("/audit", limit=limit, **{name: value or None for name, value in given.items()})
    output.show(page["items"], as_json, COLUMNS)


def verify(server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Find the first entry of the audit that was changed, removed, put in or moved. Exit code 1: there is one."""
    checked, after = 0, 0
    with Client.of(settings.load(), server, key) as api:
        while True:
            part = api.get("/audit/verification", after=after)
            checked += part["checked"]
            if part["next"] is None:
                break
            after = part["next"]
    broken = part["broken"]
    if as_json:
        output.show({"checked": checked, "waiting": part["waiting"], "broken": broken}, True)
    elif broken is None:
        output.say(f"The audit is whole: {checked} entries, and {part['waiting']} that wait to be chained.")
    else:
        entry = f" (id {broken['entry']})" if broken["entry"] else ""
        output.say(f"The audit is broken at entry {broken['place']}{entry}: {broken['why']}")
        output.say(f"The {checked} entries before it are whole. What comes after proves nothing.")
    if broken is not None:
        raise typer.Exit(output.FAILED)
