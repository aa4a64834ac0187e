"""A number's folder: one sealed file for each generation of its session, and the lock.

    <volume>/<number id>/<generation, 16 hex digits>.vlt    mode 0600; the newest counts
    <volume>/<number id>/spool                              what came in and is not in the inbox yet
    <volume>/<number id>/rotate                             asks the process that holds the lock for a new generation

A new generation is whole or not there: written beside, synced, renamed, the folder synced; only then the older
ones go. The first record is the whole database, each later one the pages that a commit changed.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import struct
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from keys.file_key import new_salt
from keys.master import MasterKeys
from sessions.driver import Mark
from sessions.vault.problems import VaultBroken, VaultForeign, VaultInUse, VaultRolledBack
from sessions.vault.sealed_file import (
    IMAGE,
    PAGES,
    SESSION,
    Header,
    key_of,
    read_header,
    records,
    sealed_record,
)

ROTATE = "rotate"
SPOOL_NAME = "spool"
LOCK_WAIT_S = 1.0  # `in_use` holds the lock for a moment
LOCK_POLL_S = 0.02
_NAME = re.compile(r"([0-9a-f]{16})\.vlt")
_U32 = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Restored:
    """The newest generation, read: the database as of its last whole record.

    `size`: bytes of the file up to there; `torn`: bytes after that.
    """

    path: Path
    header: Header
    image: bytes
    records: int
    size: int
    torn: int

    @property
    def mark(self) -> Mark:
        return Mark(self.header.generation, self.records)


class Generation:
    """The newest file, written by the process that holds the lock: one record a commit, each synced."""

    def __init__(self, path: Path, header: Header, masters: MasterKeys, file: int, size: int) -> None:
        self.path = path
        self.header = header
        self.records = 1
        self.size = size
        self._packed = header.packed()
        self._key = key_of(path, header, masters)
        self._file = file

    @property
    def mark(self) -> Mark:
        return Mark(self.header.generation, self.records)

    def append(self, pages: bytes) -> None:
        """Seal one commit. After an `OSError` the file's end is unknown: nothing may be appended any more."""
        sealed = sealed_record(self._key, self._packed, self.records, PAGES, pages)
        write_whole(self._file, sealed)
        self.records += 1
        self.size += len(sealed)

    def close(self) -> None:
        os.close(self._file)


def account_id(number: UUID, jid: str) -> bytes:
    """What binds a file to a number and to the account linked with it; `jid` is empty before that."""
    return hashlib.sha256(b"chatloom-account-v1" + number.bytes + jid.encode()).digest()


def name_of(generation: int) -> str:
    return f"{generation:016x}.vlt"


def found(folder: Path) -> list[Path]:
    """The sealed sessions in a folder, the newest first; none if there is no such folder."""
    if not folder.is_dir():
        return []
    names = sorted((entry.name for entry in os.scandir(folder) if _NAME.fullmatch(entry.name)), reverse=True)
    return [folder / name for name in names]


def restored(path: Path, masters: MasterKeys) -> Restored:
    """Read one sealed session. Raises `VaultBroken` or `VaultKeyUnknown`."""
    data = path.read_bytes()
    header = read_header(path, data, SESSION)
    named = _NAME.fullmatch(path.name)
    if named and int(named[1], 16) != header.generation:
        raise VaultBroken(file=str(path), record="header", why=f"it is of generation {header.generation}")
    image, count, end = bytearray(), 0, 0
    for record in records(path, data, key_of(path, header, masters)):
        if record.kind != (PAGES if count else IMAGE):
            raise VaultBroken(file=str(path), record=count, why="it is not of the kind that belongs here")
        if count:
            _apply(image, record.plain, header.page_size)
        else:
            image += record.plain
        count, end = count + 1, record.end
    if not count:
        raise VaultBroken(file=str(path), record=0, why="it was altered or damaged")
    return Restored(path, header, bytes(image), count, end, len(data) - end)


def check_account(kept: Restored, number: UUID, jid: str) -> None:
    """Raises `VaultForeign` unless the file is this number's: of `jid`, or of before that was linked."""
    if kept.header.account not in (account_id(number, jid), account_id(number, "")):
        raise VaultForeign(file=str(kept.path), number=str(number))


def check_mark(kept: Restored, mark: Mark | None, number: UUID) -> None:
    """Raises `VaultRolledBack` when a later state than this is known to have been written."""
    if mark is not None and kept.mark < mark:
        raise VaultRolledBack(
            file=str(kept.path),
            generation=kept.mark.generation,
            records=kept.mark.records,
            known_generation=mark.generation,
            known_records=mark.records,
            number=str(number),
        )


def begin(
    folder: Path, masters: MasterKeys, account: bytes, generation: int, image: bytes, page_size: int
) -> Generation:
    """A new generation that holds `image`; durable when this returns, and the older ones are gone.

    After an `OSError` the older generation counts, if the new one is not there.
    """
    header = Header(SESSION, masters.current, account, generation, new_salt(), page_size)
    path = folder / name_of(generation)
    packed = header.packed()
    data = packed + sealed_record(key_of(path, header, masters), packed, 0, IMAGE, image)
    file = written(path, data, synced=True)
    for older in found(folder):
        if older.name < path.name:
            older.unlink()
    return Generation(path, header, masters, file, len(data))


def written(path: Path, data: bytes, synced: bool = False) -> int:
    """Put a whole new file in place, durably, and return it open for appending. It replaces what was there.

    `synced`: a later `write` returns when it is on disk (`O_DSYNC`), so that a commit gives up the interpreter's
    lock, which takes longest to get back, once and not twice.
    """
    draft = path.with_name(path.name + ".tmp")
    draft.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    file = os.open(draft, flags | (os.O_DSYNC if synced else 0), 0o600)
    try:
        write_whole(file, data)
        os.fsync(file)
        draft.rename(path)
        sync_folder(path.parent)
    except BaseException:
        os.close(file)
        draft.unlink(missing_ok=True)
        raise
    return file


def write_whole(file: int, data: bytes) -> None:
    """One `write`; a short one means that there is no room."""
    if os.write(file, data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_over(file: int, data: bytes) -> None:
    """As `write_whole`, over the start of a file that is open for appending, where POSIX would have it append."""
    flags = fcntl.fcntl(file, fcntl.F_GETFL)
    fcntl.fcntl(file, fcntl.F_SETFL, flags & ~os.O_APPEND)
    try:
        if os.pwrite(file, data, 0) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        fcntl.fcntl(file, fcntl.F_SETFL, flags)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """The number's folder, ours alone. Raises `VaultInUse`."""
    handle = lock(folder)
    try:
        yield
    finally:
        os.close(handle)


def lock(folder: Path) -> int:
    """Like `locked`, until the returned handle is closed. Makes the folder, private, if it is not there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    deadline = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(handle)
                raise VaultInUse(folder=str(folder)) from None
            time.sleep(LOCK_POLL_S)
        else:
            return handle


def in_use(folder: Path) -> bool:
    """Whether a process has this session open."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)


def changed_pages(size: int, pages: dict[int, bytes]) -> bytes:
    """One commit as a record: the database's size in pages, then number and content of each changed page."""
    return _U32.pack(size) + b"".join(_U32.pack(number) + page for number, page in pages.items())


def _apply(image: bytearray, record: bytes, page_size: int) -> None:
    (size,) = _U32.unpack_from(record)
    size *= page_size
    image.extend(bytes(max(0, size - len(image))))
    for at in range(_U32.size, len(record), _U32.size + page_size):
        (page,) = _U32.unpack_from(record, at)
        start = (page - 1) * page_size
        image[start : start + page_size] = record[at + _U32.size : at + _U32.size + page_size]
    del image[size:]
