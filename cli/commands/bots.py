"""bots: push a folder, list bots and versions, publish."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import canary, draft, folder, output, settings
from cli.client import Client
from cli.in_flight import InFlight, told
from cli.output import Json, Key, Server, Sort, epilog
from schemas.problems import Refused

Name = Annotated[str, typer.Argument(help="The bot's name.")]

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would become of open runs, and change nothing.")
]


class NothingPushed(Refused):
    """The bot is a draft only."""

    code = "bots.nothing_pushed"
    sentence = "Bot {name!r} has no version yet. Push a folder: chatloom bots push FOLDER --name {name}"


def register(app: typer.Typer) -> None:
    """Add `bots`."""
    bots = typer.Typer(help="Push, list and publish bots.", no_args_is_help=True)
    app.add_typer(bots, name="bots")
    bots.command(epilog=epilog("chatloom bots push bots/table-booking --publish"))(push)
    bots.command("list", epilog=epilog("chatloom bots list --json"))(listing)
    bots.command(epilog=epilog("chatloom bots versions table-booking"))(versions)
    bots.command(
        epilog=epilog(
            "chatloom bots publish table-booking",
            "chatloom bots publish table-booking 3 --in-flight migrate --dry-run",
        )
    )(publish)
    bots.command(epilog=epilog("chatloom bots rollback table-booking"))(rollback)
    bots.command(epilog=epilog("chatloom bots diff table-booking 2 3"))(diff)
    draft.register(bots)
    canary.register(bots)


def push(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")],
    name: Annotated[str, typer.Option(help="The bot's name. Default: the folder's.")] = "",
    message: Annotated[str, typer.Option("--message", "-m", help="What is new.")] = "",
    publish: Annotated[bool, typer.Option("--publish", help="Publish it if it has no errors.")] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Push a folder as a new version of a bot. The same content twice is the same version."""
    name = name or folder.bot_name(path)
    files = folder.read(path)
    with Client.of(settings.load(), server, key) as api:
        version = api.put(f"/bots/{name}", {"files": files, "message": message})
        if publish:
            api.post(f"/bots/{name}/versions/{version['version']}/publish")
            version["current"] = True
    if as_json:
        output.show(version, True)
        return
    output.diagnostics(version["diagnostics"], path)
    state = ", published" if version["current"] else ""
    output.say(f"{version['bot']} version {version['version']}{state}")


def listing(sort: Sort = "", server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List the bots."""
    with Client.of(settings.load(), server, key) as api:
        output.show(
            api.pages("/bots", sort=sort or None), as_json, ["name", "published_version", "created_at"]
        )


def versions(name: Name, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List a bot's versions."""
    with Client.of(settings.load(), server, key) as api:
        rows = api.pages(f"/bots/{name}/versions")
    output.show(rows, as_json, ["version", "current", "published_at", "created_at", "hash", "message"])


def publish(
    name: Name,
    version: Annotated[int | None, typer.Argument(help="The version's number. Default: the newest.")] = None,
    server: Server = "",
    key: Key = "",
    in_flight: InFlight = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Publish a version: new runs use it. Refused while the checker finds errors in it, or a test fails."""
    with Client.of(settings.load(), server, key) as api:
        if version is None:
            newest = api.pages(f"/bots/{name}/versions", most=1)
            if not newest:
                raise NothingPushed(name=name)
            version = newest[0]["version"]
        how = {"in_flight": in_flight, "dry_run": dry_run}
        _say_published(api.post(f"/bots/{name}/versions/{version}/publish", how), as_json)


def rollback(
    name: Name,
    version: Annotated[
        int | None, typer.Argument(help="The version's number. Default: the one that was published before.")
    ] = None,
    server: Server = "",
    key: Key = "",
    in_flight: InFlight = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Publish an earlier version again."""
    with Client.of(settings.load(), server, key) as api:
        body = {"version": version, "in_flight": in_flight, "dry_run": dry_run}
        _say_published(api.post(f"/bots/{name}/rollback", body), as_json)


def diff(
    name: Name,
    version: Annotated[int, typer.Argument(help="The version's number.")],
    other: Annotated[int, typer.Argument(help="The number of the one to compare it with.")],
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Compare two versions: steps, and text."""
    with Client.of(settings.load(), server, key) as api:
        out = api.get(f"/bots/{name}/versions/{version}/diff/{other}")
    if as_json:
        output.show(out, True)
        return
    for flow in out["steps"]:
        for how in ("added", "removed", "changed"):
            if flow[how]:
                output.say(f"{flow['flow']}: {how} {', '.join(flow[how])}")
    for file in out["files"]:
        output.say(file["diff"] or f"{file['path']}: {file['how']}")


def _say_published(out: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.show(out, True)
        return
    output.diagnostics(out["diagnostics"])
    for row in out["open_runs"]:
        output.say(f"{row['number']}: {row['runs']} open on version {row['version']}")
    how = "would be published" if out["dry_run"] else "published"
    output.say(f"{out['bot']} version {out['version']}, {how}{told(out)}")
    for row in out["staying"]:
        output.say(f"  {row['runs']} stay on version {row['version']}: {row['reason']}")
