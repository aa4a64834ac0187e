"""A bot's folder on disk, as a map of path to text."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli import output
from schemas.problems import Refused

if TYPE_CHECKING:
    from flows.bot import Bot
    from flows.compiled import Compiled

SUFFIXES = frozenset({".yaml", ".yml", ".json", ".md", ".txt", ".csv", ".po"})
SKIPPED = frozenset({"node_modules", "__pycache__"})


class FolderUnfit(Refused):
    """That is no bot's folder."""

    code = "folder.unfit"
    status = 422
    sentence = "{folder} is no bot's folder: {why}."


def read(folder: Path) -> dict[str, str]:
    """The texts of a bot's folder. Raises `FolderUnfit`."""
    if not folder.is_dir():
        raise FolderUnfit(folder=folder, why="there is no such folder")
    files = texts(folder)
    if not any(path in files for path in ("bot.yaml", "bot.yml", "bot.json")):
        raise FolderUnfit(folder=folder, why="it has no bot.yaml")
    return files


def texts(folder: Path) -> dict[str, str]:
    """The texts of any folder, by path from it. Hidden files and other kinds are left out. Raises `FolderUnfit`."""
    files: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        hidden = any(part.startswith(".") or part in SKIPPED for part in inner.parts)
        if hidden or not path.is_file() or path.suffix not in SUFFIXES:
            continue
        try:
            files[inner.as_posix()] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise FolderUnfit(folder=folder, why=f"{inner} is not UTF-8 text") from error
    return files


def bot_name(folder: Path) -> str:
    """The name that a folder's bot has unless told: the folder's."""
    return folder.resolve().name.lower().replace(" ", "-")


def compiled(folder: Path) -> "tuple[Bot, Compiled]":
    """A folder's bot, ready to run. One with errors ends the command: they are printed, a line each."""
    from dataclasses import asdict

    from flows.bot import load
    from flows.compiler import FlowNotValid, compile

    bot = load(read(folder))
    try:
        return bot, compile(bot)
    except FlowNotValid as problem:
        output.diagnostics([asdict(each) for each in problem.diagnostics], folder)
        output.say("The bot cannot run before that is mended.")
        raise typer.Exit(output.FAILED) from problem
