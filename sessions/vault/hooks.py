"""The hooks on the library's own connections, one set for the process.

SQLite calls `_opened` for each new connection (`sqlite3_auto_extension`). A connection whose file is that of an
open vault gets a commit hook at once, and a WAL hook at its first commit: at opening it would be too early, as
SQLite then sets its own, which checkpoints. So automatic checkpoints are off for these connections.

    commit hook   before a commit, under SQLite's write lock: may it happen? A stopped vault says no: rollback.
    WAL hook      after it, the write lock released, in the committing thread, which waits: seal. Its error is
                  the statement's error, so that the library sends nothing.

One commit may be left to the next: that of the secret of a message that this very thread is about to send
(`OpenVault.sending`). Nothing leaves between it and the commit of the ratchet's step, whose seal takes in all
frames since the last one.

A checkpoint must not let the log be written anew while frames in it are not sealed. It takes the write lock
first, so every commit that went before is in the log, and seals to its end. Commits whose WAL hook has yet to
run then are *covered*: their frames are sealed, and the number of frames that SQLite tells them is of a log
that may be gone. Both that mark and its reset happen under SQLite's write lock.

Source: https://www.sqlite.org/c3ref/wal_hook.html, https://www.sqlite.org/c3ref/commit_hook.html
"""

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Protocol

from sessions.vault.library import COMMIT_HOOK, EXTENSION, IOERR, OK, WAL_HOOK, sqlite

ROLL_BACK = 1
STORES_SECRET = [b"INSERT", b"INTO", b"whatsmeow_message_secrets"]  # putMsgSecret, store/sqlstore/store.go


class Target(Protocol):
    """What commits are reported to; any thread, often several at once."""

    left: bool  # set under SQLite's write lock: a commit waits for the seal of a later one

    def may_commit(self) -> bool: ...

    def sends(self) -> bool:
        """Whether this thread is in the library's call that sends a message."""
        ...

    def committed(self, connection: "Hooked", frames: int) -> bool:
        """Seal the log up to number `frames`. False: the statement fails. Never raises."""
        ...


class Hooked:
    """One of the library's connections to a live database."""

    __slots__ = ("covered", "sealing", "target")

    def __init__(self, target: Target) -> None:
        self.target = target
        self.sealing = False  # whether the WAL hook is installed
        self.covered = True  # whether its last commit is on disk


class Hooks:
    """The process's hooks: which file is whose, and the connections that were met."""

    def __init__(self) -> None:
        self._sqlite = sqlite()
        self._targets: dict[str, Target] = {}
        self._connections: dict[int, Hooked] = {}
        # SQLite keeps the pointers for as long as the process lives
        self._on_open = EXTENSION(self._opened)
        self._on_commit = COMMIT_HOOK(self._committing)
        self._on_wal = WAL_HOOK(self._committed)
        self._sqlite.sqlite3_auto_extension(ctypes.cast(self._on_open, ctypes.c_void_p))

    def watch(self, path: Path, target: Target) -> None:
        """Report the commits of every connection that is opened to this file from now on."""
        self._targets[os.path.realpath(path)] = target

    def forget(self, path: Path) -> None:
        """No more reports: connections that are still open can no longer commit."""
        target = self._targets.pop(os.path.realpath(path), None)
        for handle, connection in list(self._connections.items()):
            if connection.target is target:
                del self._connections[handle]

    def connections(self, target: Target) -> list[Hooked]:
        """Those that report to `target`; some may be closed already."""
        return [each for each in list(self._connections.values()) if each.target is target]

    def _opened(self, handle: int, _error: int | None, _routines: int | None) -> int:
        name = self._sqlite.sqlite3_db_filename(handle, b"main") or b""
        target = self._targets.get(os.fsdecode(name))
        if target is None:
            self._connections.pop(handle, None)  # an address that was a vault's connection before
            return OK
        self._connections[handle] = Hooked(target)
        self._sqlite.sqlite3_commit_hook(handle, ctypes.cast(self._on_commit, ctypes.c_void_p), handle)
        return OK

    def _committing(self, handle: int) -> int:
        connection = self._connections.get(handle)
        if connection is None or not connection.target.may_commit():
            return ROLL_BACK
        seal = not (connection.target.sends() and self._only_secret(handle))
        if seal != connection.sealing:
            hook = ctypes.cast(self._on_wal, ctypes.c_void_p) if seal else None
            self._sqlite.sqlite3_wal_hook(handle, hook, handle)
            connection.sealing = seal
        if seal:
            connection.covered = False
        else:
            connection.target.left = True
        return OK

    def _committed(self, handle: int, _connection: int, _schema: bytes, frames: int) -> int:
        connection = self._connections.get(handle)
        return OK if connection and connection.target.committed(connection, frames) else IOERR

    def _only_secret(self, handle: int) -> bool:
        """Whether what is committed is one statement by itself: the one that stores a message's secret."""
        running: list[bytes] = []
        statement = self._sqlite.sqlite3_next_stmt(handle, None)
        while statement:
            if self._sqlite.sqlite3_stmt_busy(statement):
                running.append(self._sqlite.sqlite3_sql(statement) or b"")
            statement = self._sqlite.sqlite3_next_stmt(handle, statement)
        return len(running) == 1 and running[0].split()[:3] == STORES_SECRET


@cache
def hooks() -> Hooks:
    """The hooks of this process, installed at the first call. Raises `VaultUnsupported`."""
    return Hooks()
