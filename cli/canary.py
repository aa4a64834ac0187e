"""`bots canary`: try a version with a share of a bot's new runs, then promote or end it."""

from typing import Annotated, Any

import typer

from cli import output, settings
from cli.client import Client
from cli.in_flight import InFlight, told
from cli.output import Json, Key, Server, epilog

Name = Annotated[str, typer.Argument(help="The bot's name.")]
COLUMNS = ["version", "runs", "open", "completed", "failed", "completion_rate", "error_rate"]


def register(bots: typer.Typer) -> None:
    """Add `canary`."""
    canary = typer.Typer(help="Try a version with a share of the new runs.", no_args_is_help=True)
    bots.add_typer(canary, name="canary")
    canary.command(epilog=epilog("chatloom bots canary start table-booking 4 --percent 10"))(start)
    canary.command(epilog=epilog("chatloom bots canary show table-booking"))(show)
    canary.command(epilog=epilog("chatloom bots canary promote table-booking"))(promote)
    canary.command(epilog=epilog("chatloom bots canary abort table-booking --in-flight restart"))(abort)


def start(
    name: Name,
    version: Annotated[int, typer.Argument(help="The version's number.")],
    percent: Annotated[int, typer.Option("--percent", min=1, max=99, help="Of a hundred contacts.")] = 10,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Give a version to a share of the contacts with their next new run."""
    path = f"/bots/{name}/canary"
    with Client.of(settings.load(), server, key) as api:
        _say(api.post(path, {"version": version, "percent": percent}), as_json)


def show(name: Name, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Show how the runs of both versions end."""
    with Client.of(settings.load(), server, key) as api:
        out = api.get(f"/bots/{name}/canary")
    if out is None and not as_json:
        output.say(
            f"{name}: no version was ever tried so. Try one: chatloom bots canary start {name} VERSION"
        )
        return
    _say(out, as_json)


def promote(
    name: Name, in_flight: InFlight = None, server: Server = "", key: Key = "", as_json: Json = False
) -> None:
    """Publish the version that is tried."""
    with Client.of(settings.load(), server, key) as api:
        out = api.post(f"/bots/{name}/canary/promote", {"in_flight": in_flight})
    if as_json:
        output.show(out, True)
        return
    output.say(f"{out['bot']} version {out['version']}, published{told(out)}")


def abort(
    name: Name, in_flight: InFlight = None, server: Server = "", key: Key = "", as_json: Json = False
) -> None:
    """Give new runs what is published again."""
    with Client.of(settings.load(), server, key) as api:
        _say(api.post(f"/bots/{name}/canary/abort", {"in_flight": in_flight}), as_json)


def _say(out: dict[str, Any] | None, as_json: bool) -> None:
    if as_json or out is None:
        output.show(out, True)
        return
    state = "open" if out["state"] == "open" else f"ended: {out['how']}"
    output.say(
        f"{out['bot']}: {out['percent']} % of new runs get version {out['canary']['version']} ({state})"
    )
    output.table([out["canary"], out["base"]], COLUMNS)
