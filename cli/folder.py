"""A bot's folder on disk, as a map of path to text."""

from pathlib import Path

from schemas.problems import Refused

SUFFIXES = frozenset({".yaml", ".yml", ".json", ".md", ".txt", ".csv", ".po"})
SKIPPED = frozenset({"node_modules", "__pycache__"})


class FolderUnfit(Refused):
    """That is no bot's folder."""

    code = "folder.unfit"
    status = 422
    sentence = "{folder} is no bot's folder: {why}."


def read(folder: Path) -> dict[str, str]:
    """The texts of a folder, by path from it. Hidden files and other kinds are left out. Raises `FolderUnfit`."""
    if not folder.is_dir():
        raise FolderUnfit(folder=folder, why="there is no such folder")
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
    if not any(path in files for path in ("bot.yaml", "bot.yml", "bot.json")):
        raise FolderUnfit(folder=folder, why="it has no bot.yaml")
    return files


def bot_name(folder: Path) -> str:
    """The name that a folder's bot has unless told: the folder's."""
    return folder.resolve().name.lower().replace(" ", "-")
