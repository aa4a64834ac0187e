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


class NoExports(Refused):
    """A folder of exports without any."""

    code = "import.no_exports"
    status = 422
    sentence = "There is no file whose name ends in .json in {folder}."


class NowhereTo(Refused):
    """It is not said where the bots go."""

    code = "import.nowhere_to"
    status = 422
    sentence = "Say with --to which folder is made, or with --dry-run that none is."


def register(app: typer.Typer) -> None:
    """Add `import`."""
    examples = (
        "chatloom import typebot lead-gen.json --to bots/lead-gen",
        "chatloom import textit all.json --to b",
        "chatloom import twilio exports/ --to bots",
        "chatloom import twilio exports/ --dry-run",
    )
    app.command("import", epilog=epilog(*examples))(import_)


def import_(
    vendor: Annotated[str, typer.Argument(help="typebot, twilio or textit (also RapidPro and goflow).")],
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="The export, as JSON; several, or a folder of them."),
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            help="The bot's folder, which is made; of several exports, the folder of their folders."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would become of it, and write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a bot's folder of another maker's export; name what has no equivalent, step by step.

    What cannot be translated stays in the flows as a disabled step with a note, and is listed in IMPORT.md. Several
    exports are told in a table, one that cannot be read among them.
    Ends with 1 when a bot has errors that have to be mended before it runs, or one of several exports cannot be read.
    """
    from importers import VENDORS
    from importers.imported import slug

    if vendor not in VENDORS:
        raise NoSuchVendor(vendor=vendor, known=", ".join(VENDORS))
    if to is None and not dry_run:
        raise NowhereTo()
    if to is not None and to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise FolderTaken(folder=to)
    if len(files) == 1 and not files[0].is_dir():
        name = slug(to.resolve().name if to else files[0].stem) or "imported"
        done = _import(vendor, files[0], name, None if dry_run else to)
        _tell_one(done, as_json)
        wrong = bool(done["errors"])
    else:
        kept = None if dry_run else to
        rows = [
            _row(vendor, file, name, kept / name.replace("_", "-") if kept else None)
            for file, name in _named(files).items()
        ]
        _tell_all(rows, as_json)
        wrong = any(row["errors"] for row in rows)
    if wrong:
        raise typer.Exit(output.FAILED)


def _import(vendor: str, file: Path, name: str, to: Path | None) -> dict[str, Any]:
    """What became of one export. Raises `FileUnreadable` and `ExportUnfit`."""
    from flows.bot import load
    from flows.checking import check
    from flows.world import World
    from importers import VENDORS

    made = VENDORS[vendor](_read(file), name)
    if to is not None:
        for path, text in made.files.items():
            (to / path).parent.mkdir(parents=True, exist_ok=True)
            (to / path).write_text(text, encoding="utf-8")
    found = check(load(dict(made.files)), World())
    return {
        "to": to,
        "files": sorted(made.files),
        "findings": [{"at": each.at, "what": each.what} for each in made.findings],
        "errors": sum(each.severity == "error" for each in found),
    }


def _tell_one(done: dict[str, Any], as_json: bool) -> None:
    to = done.pop("to")
    if as_json:
        output.show(done, True)
        return
    for each in done["findings"]:
        output.say(f"{typer.style('note', fg=typer.colors.YELLOW)}: {each['at']}: {each['what']}")
    said = f"{len(done['findings']) or 'no'} notes, {done['errors'] or 'no'} errors"
    output.say(f"{len(done['files'])} files{f' in {to}' if to else ''}, {said}")
    if to:
        output.say(f"Look at it: chatloom check {to} && chatloom chat {to}")


def _named(files: list[Path]) -> dict[Path, str]:
    """Each export, and what its bot is called."""
    from importers.imported import Names

    found: dict[Path, None] = {}
    for file in files:
        inner = sorted(file.glob("*.json")) if file.is_dir() else [file]
        if not inner:
            raise NoExports(folder=file)
        found |= dict.fromkeys(inner)
    names = Names()
    return {file: names.of(str(file), file.stem, "imported") for file in found}


def _row(vendor: str, file: Path, name: str, to: Path | None) -> dict[str, Any]:
    try:
        return {"file": file, **_import(vendor, file, name, to), "refused": ""}
    except Refused as refused:
        return {"file": file, "to": None, "files": [], "findings": [], "errors": 1, "refused": str(refused)}


def _tell_all(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        output.show(rows, True)
        return
    told = [
        {
            "file": row["file"].name,
            "bot": row["to"] or "",
            "notes": len(row["findings"]),
            "errors": row["errors"],
        }
        for row in rows
        if not row["refused"]
    ]
    if told:
        output.table(told, ("file", *(["bot"] if told[0]["bot"] else []), "notes", "errors"))
    for row in rows:
        if row["refused"]:
            output.say(f"{typer.style('refused', fg=typer.colors.RED)}: {row['file'].name}: {row['refused']}")
    output.say(f"{len(told)} of {len(rows)} can be read; the notes of a bot stand in its IMPORT.md")


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
