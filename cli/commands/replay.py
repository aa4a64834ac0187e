"""replay: what contacts really did, let happen again to a draft."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import folder, output, settings, side_by_side
from cli.client import Client
from cli.output import Json, Key, Server, epilog

SHOWN = {
    "same": "the same",
    "wording": "other words",
    "path": "another path",
    "failed": "failed",
    "ended": "ended earlier",
    "skipped": "not replayed",
}
COLOURS = {"failed": typer.colors.RED, "path": typer.colors.YELLOW, "ended": typer.colors.YELLOW}


def register(app: typer.Typer) -> None:
    """Add `replay`."""
    app.command(
        epilog=epilog(
            "chatloom replay table-booking --number trattoria",
            "chatloom replay table-booking --number trattoria --last 50 --folder bots/table-booking --only path",
        )
    )(replay)


def replay(
    bot: Annotated[str, typer.Argument(help="The bot's name.")],
    number: Annotated[str, typer.Option(help="The number whose runs are replayed.")],
    last: Annotated[int, typer.Option(min=1, max=5000, help="The latest so many runs.")] = 500,
    version: Annotated[int | None, typer.Option(help="Try this version instead of the draft.")] = None,
    path: Annotated[
        Path | None, typer.Option("--folder", help="Try this folder instead of the draft; nobody keeps it.")
    ] = None,
    only: Annotated[str, typer.Option(help=f"Show only these, by comma: {', '.join(SHOWN)}.")] = "",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Let the latest real runs happen again to a bot's draft, and show what differs, side by side. Nothing is sent.

    Webhooks and custom actions are answered as they were. Ends with 1 when a run fails that did not.
    """
    wanted = [one.strip() for one in only.split(",")] if only else [one for one in SHOWN if one != "same"]
    if unknown := [one for one in wanted if one not in SHOWN]:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(SHOWN)}", param_hint="--only")
    files = None if path is None else folder.read(path)
    asked = {"number": number, "last": last, "version": version, "files": files}
    runs: list[dict[str, Any]] = []
    summary: dict[str, int] = {}
    with Client.of(settings.load(), server, key) as api:
        for name, said in api.stream(f"/bots/{bot}/draft/replay", asked):
            if name == "summary":
                summary = said
            elif said["verdict"] in wanted or as_json:
                runs.append(said)
                if not as_json:
                    _say(said)
    if as_json:
        output.show({"summary": summary, "runs": runs}, True)
    else:
        _say_summary(summary)
    if summary.get("failed"):
        raise typer.Exit(output.FAILED)


def _say(run: dict[str, Any]) -> None:
    verdict = typer.style(SHOWN[run["verdict"]], fg=COLOURS.get(run["verdict"]), bold=True)
    why = f": {run['why']}" if run["why"] else ""
    output.say(f"{verdict}{why}")
    output.say(typer.style(f"    run {run['run']}, conversation {run['conversation']}", dim=True))
    if not run["faithful"] and run["verdict"] != "skipped":
        output.say(typer.style("    not exactly as it was: more is known of the contact now", dim=True))
    if run["rows"]:
        for line in side_by_side.lines(run["rows"], f"version {run['version']}", "now"):
            output.say(line)
    output.say()


def _say_summary(summary: dict[str, int]) -> None:
    counts = ", ".join(f"{summary[name]} {SHOWN[name]}" for name in SHOWN if summary[name])
    output.say(
        f"{summary['runs']} runs: {counts}" if counts else "There are no runs of this bot on the number."
    )
