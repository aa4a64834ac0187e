"""A bot's draft on the server and a folder on disk, kept together: `bots draft pull` and `push`.

What the folder was given from is noted in it, in `.chatloom.json`: the draft's tag, and each file's. So it is known
who changed a file since: nobody, one side (its text counts), or both (a conflict, which a person decides).
"""

import difflib
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli import folder, output, settings
from cli.client import Client, ServerRefused
from cli.output import Json, Key, Server, epilog
from schemas.problems import Refused

NOTED = ".chatloom.json"

Keep = Annotated[
    str,
    typer.Option("--keep", help="In a conflict keep `mine` (the folder's text) or `theirs` (the server's)."),
]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")]


class PathUnfit(Refused):
    """The server names a file that is not in the folder."""

    code = "draft.path_unfit"
    sentence = "The server's draft holds {path!r}, which is no place in the folder. Nothing was written."


@dataclass(frozen=True)
class Noted:
    """What a folder was last given, or gave: `etag` is the draft's, `files` maps path to tag."""

    bot: str = ""
    etag: str = ""
    files: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, path: Path) -> "Noted":
        """The note in a folder, empty where there is none."""
        try:
            said = json.loads((path / NOTED).read_text())
            return cls(said["bot"], said["etag"], tuple(said["files"].items()))
        except (OSError, ValueError, KeyError, AttributeError):
            return cls()

    def write(self, path: Path) -> None:
        """Note it in the folder."""
        said = {"bot": self.bot, "etag": self.etag, "files": dict(self.files)}
        (path / NOTED).write_text(json.dumps(said, indent=1) + "\n")


def register(bots: typer.Typer) -> None:
    """Add `draft`."""
    draft = typer.Typer(help="Work on a bot's draft in a folder.", no_args_is_help=True)
    bots.add_typer(draft, name="draft")
    draft.command(epilog=epilog("chatloom bots draft pull table-booking bots/table-booking"))(pull)
    draft.command(epilog=epilog("chatloom bots draft push bots/table-booking"))(push)


def pull(
    name: Annotated[str, typer.Argument(help="The bot's name.")],
    path: Folder,
    keep: Keep = "",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Bring a folder up to the server's draft. What was changed only here stays; ends with 1 on a conflict."""
    _fit(keep)
    with Client.of(settings.load(), server, key) as api:
        there = api.get(f"/bots/{name}/draft")
    theirs: dict[str, str] = there["files"]
    for each in theirs:
        if Path(each).is_absolute() or ".." in Path(each).parts or not _inside(path, each):
            raise PathUnfit(path=each)
    noted = Noted.of(path)
    before = dict(noted.files) if noted.bot == name else {}
    mine = {**folder.texts(path), **_texts(path, {*before, *theirs})}
    changed = [each for each in sorted({*mine, *theirs}) if mine.get(each) != theirs.get(each)]
    there_only = [each for each in changed if _tag(mine.get(each)) == before.get(each)]
    here_only = [each for each in changed if there["etags"].get(each) == before.get(each)]
    conflicts = [each for each in changed if each not in there_only and each not in here_only]
    if conflicts and not keep:
        _say_conflicts(conflicts, mine, theirs, as_json)
        raise typer.Exit(output.FAILED)
    for each in [*there_only, *(conflicts if keep == "theirs" else ())]:
        target = path / each
        if each not in theirs:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(theirs[each].encode())
    path.mkdir(parents=True, exist_ok=True)
    Noted(name, there["etag"], tuple(there["etags"].items())).write(path)
    _say(as_json, name, there["etag"], {"taken": there_only, "kept": here_only, "conflicts": conflicts})


def push(
    path: Folder,
    name: Annotated[
        str, typer.Option(help="The bot's name. Default: the one pulled, else the folder's.")
    ] = "",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Save a folder as the server's draft. Ends with 1 when somebody else changed that since the last pull."""
    noted = Noted.of(path)
    name = name or noted.bot or folder.bot_name(path)
    known = noted if noted.bot == name else Noted()
    mine = {**folder.read(path), **_texts(path, dict(known.files))}
    condition = {"If-Match": f'"{known.etag}"'} if known.etag else {"If-None-Match": "*"}
    with Client.of(settings.load(), server, key) as api:
        try:
            there = api.call("PUT", f"/bots/{name}/draft", {"files": mine}, condition)
        except ServerRefused as problem:
            said = problem.document()
            if said.get("code") != "precondition.failed":
                raise
            theirs: dict[str, str] = said.get("theirs") or {}
            changed = [each for each in sorted({*mine, *theirs}) if mine.get(each) != theirs.get(each)]
            _say_conflicts(changed, mine, theirs, as_json)
            if not as_json:
                output.say(
                    f"Somebody else changed the draft. Pull first: chatloom bots draft pull {name} {path}"
                )
            raise typer.Exit(output.FAILED) from None
    Noted(name, there["etag"], tuple(there["etags"].items())).write(path)
    _say(as_json, name, there["etag"], {"files": sorted(there["files"])})


def _fit(keep: str) -> None:
    if keep not in ("", "mine", "theirs"):
        raise typer.BadParameter("mine or theirs", param_hint="--keep")


def _texts(path: Path, names: Iterable[str]) -> dict[str, str]:
    """The texts of those files that are there."""
    return {each: (path / each).read_bytes().decode() for each in names if (path / each).is_file()}


def _tag(text: str | None) -> str | None:
    """As the server tags a file: SHA-256, its first 32 hexadecimal digits."""
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()[:32]


def _inside(path: Path, name: str) -> bool:
    return (path / name).resolve().is_relative_to(path.resolve())


def _say_conflicts(names: list[str], mine: dict[str, str], theirs: dict[str, str], as_json: bool) -> None:
    """Each file that both sides changed, as the difference from the server's text to the folder's."""
    if as_json:
        output.show(
            {
                "conflicts": [
                    {"path": each, "mine": mine.get(each), "theirs": theirs.get(each)} for each in names
                ]
            },
            True,
        )
        return
    for each in names:
        lines = difflib.unified_diff(
            theirs.get(each, "").splitlines(), mine.get(each, "").splitlines(), "theirs", "mine", lineterm=""
        )
        output.say("\n".join((f"conflict: {each}", *lines)))


def _say(as_json: bool, name: str, tag: str, files: dict[str, list[str]]) -> None:
    if as_json:
        output.show({"bot": name, "etag": tag, **files}, True)
        return
    for how, paths in files.items():
        for each in paths:
            output.say(f"{how}: {each}")
    output.say(f"{name}: draft {tag[:8]}")
