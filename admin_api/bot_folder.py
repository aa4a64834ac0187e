"""A bot's folder as the API takes it: a map of path to text, or a zip archive. Bounded, and never out of the folder."""

import io
import re
import stat
import struct
import zipfile
import zlib
from typing import Annotated

from fastapi import Path

from schemas.problems import Refused

MOST_FILES = 2_000
MOST_CHARS = 4_000_000
MOST_ZIPPED = 4_000_000  # bytes
_PATH = re.compile(r"[\w][\w. -]*(/[\w][\w. -]*)*", re.ASCII)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content is the same archive

Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="The bot's name.")]
VersionNumber = Annotated[int, Path(ge=1, le=2_147_483_647, description="The version's number.")]


class FolderUnfit(Refused):
    """What was sent is no bot's folder, or too large."""

    code = "bots.folder_unfit"
    status = 422
    title = "That is no bot's folder"
    sentence = "This cannot be a bot's folder: {why}."


def fit(files: dict[str, str]) -> dict[str, str]:
    """The same files. Raises `FolderUnfit`."""
    if len(files) > MOST_FILES:
        raise FolderUnfit(why=f"it has more than {MOST_FILES} files")
    if sum(map(len, files.values())) > MOST_CHARS:
        raise FolderUnfit(why=f"it has more than {MOST_CHARS} characters")
    for path, text in files.items():
        if len(path) > 255 or not _PATH.fullmatch(path):
            raise FolderUnfit(why=f"{path!r} is no path of a file in it")
        if "\0" in text:
            raise FolderUnfit(why=f"{path} holds a NUL")
    return files


def zipped(files: dict[str, str]) -> bytes:
    """The folder as an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), files[path], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unzipped(data: bytes) -> dict[str, str]:
    """The files of an archive; hidden ones are left out, and so is one folder around them all.

    Raises `FolderUnfit`: for what is no archive, leaves the folder, or unpacks to more than its bounds. What an
    archive says of its sizes is not believed: no more than the bound is ever unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _files(archive)
    except UnicodeDecodeError as error:
        raise FolderUnfit(why="a file in it is not UTF-8 text") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,  # zipfile: a compression that it does not know
        struct.error,
    ) as error:
        raise FolderUnfit(why="it is no zip archive that can be read") from error
    tops = {path.partition("/")[0] for path in files}
    if len(tops) == 1 and all("/" in path for path in files):
        files = {path.partition("/")[2]: text for path, text in files.items()}
    return fit(files)


def _files(archive: zipfile.ZipFile) -> dict[str, str]:
    files: dict[str, str] = {}
    left = MOST_CHARS
    if len(archive.infolist()) > 2 * MOST_FILES:
        raise FolderUnfit(why=f"it has more than {MOST_FILES} files")
    for info in archive.infolist():
        parts = info.orig_filename.removesuffix("/").split("/")
        if ".." in parts or "" in parts or "\\" in info.orig_filename or ":" in parts[0]:
            raise FolderUnfit(why=f"{info.orig_filename!r} leads out of it")
        if info.is_dir() or any(part.startswith((".", "__MACOSX")) for part in parts):
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            raise FolderUnfit(why=f"{info.filename!r} is a link")
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FolderUnfit(why=f"{info.filename!r} is encrypted, or packed in a way that is not taken")
        if info.filename in files:
            raise FolderUnfit(why=f"{info.filename!r} is in it twice")
        with archive.open(info) as packed:
            plain = packed.read(left + 1)
        left -= len(plain)
        if left < 0:
            raise FolderUnfit(why=f"it unpacks to more than {MOST_CHARS} bytes")
        files[info.filename] = plain.decode()
    return files
