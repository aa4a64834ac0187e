"""check: what is wrong with a bot's folder, without a server."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli import folder, output
from cli.output import Json, epilog


def register(app: typer.Typer) -> None:
    """Add `check`."""
    app.command(epilog=epilog("chatloom check bots/table-booking"))(check)


def check(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")],
    as_json: Json = False,
) -> None:
    """Check a bot's folder: names, types, limits, unreachable steps. Ends with 1 when it has errors."""
    from flows.bot import load
    from flows.checking import check as check_folder
    from flows.world import World

    found = [asdict(each) for each in check_folder(load(folder.read(path)), World())]
    errors = sum(each["severity"] == "error" for each in found)
    if as_json:
        output.show(found, True)
    else:
        output.diagnostics(found, path)
        output.say(f"{errors or 'no'} errors, {len(found) - errors or 'no'} warnings")
    if errors:
        raise typer.Exit(output.FAILED)
