"""What an operator does with sealed sessions, with no server: look, verify, rotate, back up, restore, move.

A session that a process has open is left to that process: only `rotated` reaches it, by a marker file.
"""

import os
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

from keys.master import MasterKeys
from schemas.problems import NotFound, Refused
from sessions.driver import Mark
from sessions.vault import generations
from sessions.vault.generations import ROTATE, SPOOL_NAME, Restored, found, restored
from sessions.vault.sealed_file import SESSION, SPOOL, Header, read_header
from sessions.vault.spool import Spool, left_over

EMPTY = b""
PAGE_SIZE = 4096
ROTATE_WAIT_S = 30.0
POLL_S = 0.05


class RestoreUnclear(Refused):
    """Neither a file nor an empty session was named, or both."""

    code = "vault.restore_unclear"
    sentence = "Name the backup to restore, or say --empty to give the session up; not both."


class MoveUseless(Refused):
    """The other volume has the same or a later generation."""

    code = "vault.move_useless"
    status = 409
    sentence = "{folder} has generation {there} already, and here is {here}: nothing was moved."


class NotRotated(Refused):
    """The process that has the session open did not make a new generation in time."""

    code = "vault.not_rotated"
    status = 409
    sentence = (
        "The process that serves {number} still seals with {key_id}. Its key comes from the environment, or "
        "its log says why: restart the number, that rotates too."
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """One number's session on the volume. `records` is None when the key is absent or the file is damaged."""

    number: str
    state: Literal["open", "closed", "none"]
    generation: int | None = None
    records: int | None = None
    key_id: str | None = None
    key: Literal["current", "old", "absent", ""] = ""
    bytes: int = 0
    written_at: float | None = None
    spool_bytes: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class RestoredBackup:
    """What a restore did: from `backup` (None: an empty session), in place of `replaced` (None: nothing)."""

    mark: Mark
    backup: Mark | None
    backup_at: float | None
    replaced: int | None


def numbers(volume: Path) -> list[UUID]:
    """The numbers that have a folder on a volume."""
    if not volume.is_dir():
        return []
    return [UUID(entry.name) for entry in sorted(volume.iterdir()) if entry.is_dir() and _is_id(entry.name)]


def chosen(volume: Path, said: str) -> UUID:
    """The number whose id is, or begins with, what was said. Raises `NotFound`."""
    fitting = [each for each in numbers(volume) if str(each).startswith(said.lower())]
    if said and len(fitting) == 1:
        return fitting[0]
    if _is_id(said):
        return UUID(said)
    raise NotFound(what="single session", name=said)


def standing(volume: Path, number: UUID, masters: MasterKeys) -> Standing:
    """How a number's session stands. Never raises for what is on the volume: it says it in `fault`."""
    folder = volume / str(number)
    spool = folder / SPOOL_NAME
    spool_bytes = spool.stat().st_size if spool.exists() else 0
    state = "open" if generations.in_use(folder) else "closed"
    path = next(iter(found(folder)), None)
    if path is None:
        return Standing(str(number), "none", spool_bytes=spool_bytes)
    stat = path.stat()
    try:
        header = read_header(path, path.read_bytes(), SESSION)
    except Refused as problem:
        return Standing(str(number), state, fault=str(problem), bytes=stat.st_size, spool_bytes=spool_bytes)
    records, fault = None, ""
    try:
        records = restored(path, masters).records
    except Refused as problem:
        fault = str(problem)
    return Standing(
        str(number),
        state,
        header.generation,
        records,
        header.key_id,
        _key_state(header, masters),
        stat.st_size,
        stat.st_mtime,
        spool_bytes,
        fault,
    )


def keys_in_use(volume: Path) -> set[str]:
    """The ids of all master keys that some sealed file on a volume needs."""
    needed: set[str] = set()
    for number in numbers(volume):
        folder = volume / str(number)
        for path in [*found(folder), folder / SPOOL_NAME]:
            if path.exists():
                magic = SPOOL if path.name == SPOOL_NAME else SESSION
                needed.add(read_header(path, path.read_bytes(), magic).key_id)
    return needed


def verified(volume: Path, number: UUID, masters: MasterKeys) -> Restored:
    """The newest generation, with every record opened. Raises what opening would raise."""
    kept = _newest(volume / str(number), masters)
    generations.check_account(kept, number, jid_in(kept.image))
    return kept


def backed_up(volume: Path, number: UUID, masters: MasterKeys, to: Path) -> tuple[Path, Mark]:
    """Copy the newest generation, as it is now, to a file, or into a folder. The session may be open."""
    kept = verified(volume, number, masters)
    path = to / f"{number}-{kept.path.name}" if to.is_dir() else to
    data = kept.path.read_bytes()[: kept.size]
    os.close(generations.written(path, data))
    return path, kept.mark


def restored_backup(
    volume: Path, number: UUID, masters: MasterKeys, backup: Path | None, empty: bool, above: int
) -> RestoredBackup:
    """Put a backup, or an empty session, in place of a number's session, as a later generation than all.

    `above`: what the database is known to have seen. Raises `VaultInUse`, and what reading the backup raises.
    """
    if (backup is None) is not empty:
        raise RestoreUnclear
    folder = volume / str(number)
    kept = restored(backup, masters) if backup else None
    jid = jid_in(kept.image) if kept else ""
    if kept:
        generations.check_account(kept, number, jid)
    with generations.locked(folder):
        newest = next(iter(found(folder)), None)
        replaced = int(newest.stem, 16) if newest else None
        after = max(above, replaced or 0, kept.header.generation if kept else 0) + 1
        begun = generations.begin(
            folder,
            masters,
            generations.account_id(number, jid),
            after,
            kept.image if kept else EMPTY,
            kept.header.page_size if kept else PAGE_SIZE,
        )
        begun.close()
    at = backup.stat().st_mtime if backup else None
    return RestoredBackup(begun.mark, kept.mark if kept else None, at, replaced)


def rotated(volume: Path, number: UUID, masters: MasterKeys, wait_s: float = ROTATE_WAIT_S) -> bool:
    """Seal a number's session under the current key; False: it is already. Raises `NotRotated`."""
    folder = volume / str(number)
    if not found(folder) or _is_current(folder, masters):
        return False
    if generations.in_use(folder):
        _ask_to_rotate(folder, number, masters, wait_s)
        return True
    with generations.locked(folder):
        kept = verified(volume, number, masters)
        _sealed_anew(folder, kept, masters)
        _spool_sealed_anew(folder, number, masters)
    return True


def moved(volume: Path, number: UUID, masters: MasterKeys, to: Path) -> Mark:
    """Take a closed session, and what its spool holds, to another volume. Here it is gone afterwards.

    Raises `MoveUseless`, `VaultInUse`, and what reading the session raises.
    """
    here, there = volume / str(number), to / str(number)
    with generations.locked(here), generations.locked(there):
        kept = verified(volume, number, masters)
        newest = next(iter(found(there)), None)
        if newest and newest.name >= kept.path.name:
            raise MoveUseless(folder=str(there), there=newest.stem, here=kept.path.stem)
        spool = here / SPOOL_NAME
        if spool.exists():
            os.close(generations.written(there / SPOOL_NAME, spool.read_bytes()))
        os.close(generations.written(there / kept.path.name, kept.path.read_bytes()[: kept.size]))
        restored(there / kept.path.name, masters)
        for path in [*found(here), spool]:
            path.unlink(missing_ok=True)
        generations.sync_folder(here)
    return kept.mark


def jid_in(image: bytes) -> str:
    """The account that is linked in a database, or an empty text. Reads a copy in memory."""
    if not image:
        return ""
    copy = bytearray(image)
    copy[18:20] = b"\x01\x01"  # no write-ahead log: it could not be opened in memory
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(bytes(copy))
        try:
            row = database.execute("SELECT jid FROM whatsmeow_device ORDER BY jid LIMIT 1").fetchone()
        except sqlite3.OperationalError:  # no such table: the library never used it
            row = None
    return str(row[0]) if row else ""


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def _key_state(header: Header, masters: MasterKeys) -> Literal["current", "old", "absent"]:
    if header.key_id == masters.current:
        return "current"
    return "old" if header.key_id in masters.keys else "absent"


def _newest(folder: Path, masters: MasterKeys) -> Restored:
    while True:
        newest = next(iter(found(folder)), None)
        if newest is None:
            raise NotFound(what="sealed session in", name=str(folder))
        try:
            return restored(newest, masters)
        except FileNotFoundError:  # its process made a new generation meanwhile
            continue


def _is_current(folder: Path, masters: MasterKeys) -> bool:
    paths = [(path, SESSION) for path in found(folder)[:1]]
    paths += [(folder / SPOOL_NAME, SPOOL)] if (folder / SPOOL_NAME).exists() else []
    return all(read_header(path, path.read_bytes(), kind).key_id == masters.current for path, kind in paths)


def _sealed_anew(folder: Path, kept: Restored, masters: MasterKeys) -> None:
    header = kept.header
    generations.begin(
        folder, masters, header.account, header.generation + 1, kept.image, header.page_size
    ).close()


def _spool_sealed_anew(folder: Path, number: UUID, masters: MasterKeys) -> None:
    path = folder / SPOOL_NAME
    if path.exists():
        left = left_over(path, masters)
        Spool(path, masters, generations.account_id(number, ""), left).close(clean=left.clean)


def _ask_to_rotate(folder: Path, number: UUID, masters: MasterKeys, wait_s: float) -> None:
    marker = folder / ROTATE
    marker.touch(mode=0o600)
    deadline = time.monotonic() + wait_s
    while marker.exists() or not _is_current(folder, masters):
        if time.monotonic() > deadline or (not marker.exists() and not _is_current(folder, masters)):
            marker.unlink(missing_ok=True)
            header = read_header(found(folder)[0], found(folder)[0].read_bytes(), SESSION)
            raise NotRotated(number=str(number), key_id=header.key_id)
        time.sleep(POLL_S)
