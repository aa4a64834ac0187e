"""The spool: what came in and is not in the inbox yet, sealed, in one append-only file.

The library confirms an event to WhatsApp before its handler has ended, so the handler's first act is `append`:
one `write`, which a kill of the process survives; a thread syncs within milliseconds, for a power cut. When
the inbox has everything, the file begins anew, with a new key: at once, or when many come, at that thread's next
look. Leftovers of the last process are read at opening, and stay in the file until they are dropped too.

A spool is evidence of what was missed, not a session: what cannot be read is put aside and said (`damage`), and
does not keep the number from starting.
"""

import contextlib
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn

from keys.file_key import TAG_BYTES, new_salt
from keys.master import MasterKeys
from sessions.vault.generations import write_over, write_whole, written
from sessions.vault.problems import SpoolFull, VaultBroken
from sessions.vault.sealed_file import (
    CLOSED,
    END,
    EVENT,
    HEAD_BYTES,
    HEADER_BYTES,
    NOTE,
    SPOOL,
    Header,
    key_of,
    read_header,
    records,
    sealed_record,
)

MOST_BYTES = 64 * 2**20
COMPACT_BYTES = 1 * 2**20
ANEW_S = 0.05  # it begins anew at most so often
GATHER_S = 0.01
RECORD_BYTES = HEAD_BYTES + TAG_BYTES


@dataclass(frozen=True, slots=True)
class Leftover:
    """What the last process left: its events in order, its last note, whether it stopped in good order.

    `account` says whose it is; empty where nothing could be read.
    """

    account: bytes = b""
    events: tuple[bytes, ...] = ()
    note: bytes = b""
    clean: bool = False
    damage: str = ""


class Spool:
    """A number's spool. Every method may be called from any thread.

    `clean`: the last process stopped in good order, so nothing was in flight. `damage`: a sentence when a part
    of the file could not be read. `note`: the last that `keep_note` was given, also before a restart.
    """

    def __init__(self, path: Path, masters: MasterKeys, account: bytes, left: Leftover) -> None:
        self.path = path
        self.clean = left.clean
        self.damage = left.damage
        self.note = left.note
        self._masters = masters
        self._account = account
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, bytes]] = deque(enumerate(left.events, start=1))
        self._last = len(left.events)
        self._fault = ""
        self._closed = False
        self._file = 0
        self._begin(rewrite=True)
        self._work = threading.Condition()
        self._dirty = False
        self._ending = False
        self._syncer = threading.Thread(target=self._sync, name="spool", daemon=True)
        self._syncer.start()

    @property
    def depth(self) -> int:
        """How many events wait for the inbox."""
        return len(self._waiting)

    def append(self, event: bytes) -> int:
        """Keep one event, and return its number.

        Raises `SpoolFull`. If that is the disk's fault, the event waits in memory, and a kill would lose it.
        """
        with self._lock:
            self._check_open()
            if self._size + len(event) > MOST_BYTES:
                raise SpoolFull(
                    file=str(self.path), why=f"{self.depth} events wait for the inbox, {self._size} bytes"
                )
            self._last += 1
            number = self._last
            self._waiting.append((number, event))
            self._write(EVENT, event)
        self._wake()
        return number

    def waiting(self, most: int | None = None) -> list[tuple[int, bytes]]:
        """The oldest events and their numbers; they stay until `drop`."""
        with self._lock:
            return list(islice(self._waiting, most))

    def drop(self, upto: int) -> None:
        """The inbox has every event up to this number. An emptied spool is sound again, whatever ailed it.

        Raises `SpoolFull`: the events are dropped, and may come back at the next start.
        """
        with self._lock:
            self._check_open()
            while self._waiting and self._waiting[0][0] <= upto:
                self._stale += RECORD_BYTES + len(self._waiting.popleft()[1])
            if self._waiting:
                self._compact()
            elif self._fault or (self._events and time.monotonic() - self._begun_at >= ANEW_S):
                self._begin(rewrite=bool(self._fault))
        self._wake()

    def keep_note(self, note: bytes) -> None:
        """Keep a few bytes of the driver's own beside the events, in place of those before. `SpoolFull`."""
        with self._lock:
            self._write(NOTE, note)
            self._stale += RECORD_BYTES + len(self.note)
            self.note = note
            self._compact()
        self._wake()

    def renew(self, masters: MasterKeys) -> None:
        """Go on under the current one of these keys. Raises `SpoolFull`."""
        with self._lock:
            self._masters = masters
            self._begin(rewrite=True)

    def close(self, clean: bool) -> None:
        """`clean`: nothing is in flight, every event that the library gave us was appended."""
        with self._work:
            self._ending = True
            self._work.notify()
        self._syncer.join()
        with self._lock:
            # what cannot be written here makes the next start look for what was missed
            with contextlib.suppress(SpoolFull, OSError):
                if clean:
                    if self._events and not self._waiting:
                        self._begin(rewrite=False)
                    self._write(CLOSED, b"")
                os.fdatasync(self._file)
            os.close(self._file)
            self._closed = True

    def _fail(self, error: OSError) -> NoReturn:
        self._fault = error.strerror or str(error)
        raise SpoolFull(file=str(self.path), why=self._fault) from error

    def _check_open(self) -> None:
        if self._closed:
            raise SpoolFull(file=str(self.path), why="it is closed")

    def _write(self, kind: int, plain: bytes) -> None:
        self._check_open()
        if self._fault:
            raise SpoolFull(file=str(self.path), why=self._fault)
        sealed = sealed_record(self._key, self._packed, self._count, kind, plain)
        try:
            write_whole(self._file, sealed)
        except OSError as error:
            self._fail(error)  # a part may have been written: what follows it could not be read
        self._count += 1
        self._events += kind == EVENT
        self._size += len(sealed)

    def _begin(self, rewrite: bool) -> None:
        """A file under a new key: `rewrite` in a new one, durably; else over the start of the same, cut off behind it.

        That is not synced: what a power cut brings back is in the inbox already, which drops repeats. Until it is cut,
        which may take milliseconds, an `END` says where the rest begins, so that a kill loses nothing that is kept.
        """
        self._check_open()
        header = Header(SPOOL, self._masters.current, self._account, 0, new_salt())
        key, packed = key_of(self.path, header, self._masters), header.packed()
        kept = [(NOTE, self.note)] if self.note else []
        kept += [(EVENT, event) for _, event in self._waiting]
        sealed = [sealed_record(key, packed, count, kind, plain) for count, (kind, plain) in enumerate(kept)]
        data = b"".join([packed, *sealed])
        try:
            if rewrite:
                file = written(self.path, data)
                if self._file:
                    os.dup2(file, self._file, inheritable=False)  # the syncing thread knows the number
                    os.close(file)
                else:
                    self._file = file
            else:
                over = data + sealed_record(key, packed, len(kept), END, b"")
                write_over(self._file, over)
                os.ftruncate(self._file, len(data))
        except OSError as error:
            self._fail(error)
        self._key, self._packed, self._fault = key, packed, ""
        self._begun_at = time.monotonic()
        self._count, self._events, self._size, self._stale = len(kept), len(self._waiting), len(data), 0

    def _compact(self) -> None:
        if self._stale > max(COMPACT_BYTES, self._size // 2) and not self._fault:
            try:
                self._begin(rewrite=True)
            except SpoolFull:
                if not os.path.samestat(self.path.stat(), os.fstat(self._file)):
                    raise
                # no room for a second file: the present one goes on
                self._fault, self._stale = "", 0

    def _wake(self) -> None:
        with self._work:
            if not self._dirty:
                self._dirty = True
                self._work.notify()

    def _emptied(self) -> bool:
        """Begin anew if nothing waits. False: something does, or there is a fault."""
        with self._lock:
            if self._waiting or self._fault:
                return False
            if self._events:
                with contextlib.suppress(SpoolFull):  # the next append says so
                    self._begin(rewrite=False)
            return True

    def _sync(self) -> None:
        while True:
            with self._work:
                self._work.wait_for(lambda: self._dirty or self._ending)
                if self._ending:
                    return
                self._work.wait_for(lambda: self._ending, timeout=GATHER_S)
                self._dirty = False
            if self._emptied():
                continue
            try:
                os.fdatasync(self._file)
            except OSError as error:
                with self._lock, contextlib.suppress(SpoolFull):
                    self._fail(error)  # the next append says so


def left_over(path: Path, masters: MasterKeys) -> Leftover:
    """What is in a spool's file. What cannot be read ends it, and is said in `damage`.

    Raises `VaultKeyUnknown`: that is no damage.
    """
    events: list[bytes] = []
    account, note, clean, damage = b"", b"", False, ""
    data = path.read_bytes()
    if len(data) < HEADER_BYTES:  # a crash while it began anew
        return Leftover()
    try:
        header = read_header(path, data, SPOOL)
        account = header.account
        for record in records(path, data, key_of(path, header, masters)):
            if record.kind == END:
                break
            clean = record.kind == CLOSED
            if record.kind == EVENT:
                events.append(record.plain)
            elif record.kind == NOTE:
                note = record.plain
    except VaultBroken as problem:
        clean, damage = False, str(problem)
    return Leftover(account, tuple(events), note, clean, damage)
