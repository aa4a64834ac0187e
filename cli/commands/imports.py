"""import: a bot of another maker, from its export, as a bot's folder."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import output
from cli.output import Json, epilog
from schemas.problems import Refused


class FileUnreadable(Refused):
    """The export cannot be read at all."""

    code = "import.unreadable"
    status = 422
    sentence = "{file} cannot be read as JSON: {why}."


class FolderTaken(Refused):
    """The folder that the bot should go to holds something."""

    code = "import.folder_taken"
    status = 409
    sentence = "{folder} is not empty. Name a folder that there is not yet, with --to."


class NoSuchVendor(Refused):
    """Nothing is imported from there."""

    code = "import.no_such_vendor"
    status = 422
    sentence = "There is no importer for {vendor!r}; there are {known}."


def register(app: typer.Typer) -> None:
    """Add `import`."""
    examples = (
        "chatloom import typebot lead-gen.json --to bots/lead-gen",
        "chatloom import textit all.json --to b",
    )
    app.command("import", epilog=epilog(*examples))(import_)


def import_(
    vendor: Annotated[str, typer.Argument(help="typebot, twilio or textit (also RapidPro and goflow).")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The export, as JSON.")],
    to: Annotated[Path, typer.Option(help="The bot's folder, which is made.")],
    as_json: Json = False,
) -> None:
    """Make a bot's folder of another maker's export; name what has no equivalent, step by step.

    What cannot be translated stays in the flows as a disabled step with a note, and is listed in IMPORT.md.
    Ends with 1 when the bot has errors that have to be mended before it runs.
    """
    from flows.bot import load
    from flows.checking import check
    from flows.world import World
    from importers import VENDORS
    from importers.imported import slug

    if vendor not in VENDORS:
        raise NoSuchVendor(vendor=vendor, known=", ".join(VENDORS))
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise FolderTaken(folder=to)
    made = VENDORS[vendor](_read(file), slug(to.resolve().name) or "imported")
    for path, text in made.files.items():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_text(text, encoding="utf-8")
    found = check(load(dict(made.files)), World())
    errors = [each for each in found if each.severity == "error"]
    if as_json:
        findings = [{"at": each.at, "what": each.what} for each in made.findings]
        output.show({"files": sorted(made.files), "findings": findings, "errors": len(errors)}, True)
    else:
        for each in made.findings:
            output.say(f"{typer.style('note', fg=typer.colors.YELLOW)}: {each.at}: {each.what}")
        files = len(made.files)
        output.say(f"{files} files in {to}, {len(made.findings) or 'no'} notes, {len(errors) or 'no'} errors")
        output.say(f"Look at it: chatloom check {to} && chatloom chat {to}")
    if errors:
        raise typer.Exit(output.FAILED)


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except OSError as fault:
        raise FileUnreadable(file=file, why=fault.strerror or "it cannot be opened") from fault
    except (ValueError, RecursionError) as fault:
        why = (
            f"line {fault.lineno}: {fault.msg}"
            if isinstance(fault, json.JSONDecodeError)
            else "it is no JSON"
        )
        raise FileUnreadable(file=file, why=why.lower()) from fault
