"""The write-ahead log of the live database: which frames are sealed, and what the others hold.

Only this file is read with plain calls. SQLite takes its locks on the database and on its `-shm` file; opening
and closing one of those would drop the library's own locks (POSIX), so nobody here does.

Source: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

import ctypes
import os
import struct
from pathlib import Path

from schemas.problems import Misuse

_HEADER_BYTES = 32
_SALTS = slice(16, 24)
_FRAME = struct.Struct(">II8s8s")
_FRAME_SALTS = slice(8, 16)

# `os.pread` would give up the interpreter's lock, and a commit would wait for it twice. The log lies in memory.
_pread = ctypes.PYFUNCTYPE(ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64)(
    ("pread", ctypes.PyDLL(None))
)


class WalUnlike(Misuse):
    """The log is not as SQLite's hook said."""

    code = "vault.wal_unlike"
    title = "The open session's log is not as it was said to be"
    sentence = "The write-ahead log of the open session is not as SQLite said: {why}."


class Wal:
    """Reads what was committed after the last call. One thread at a time."""

    def __init__(self, path: Path, page_size: int) -> None:
        self.page_size = page_size
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._salts: bytes = b""
        self.sealed = 0

    def next(self, frames: int) -> tuple[int, dict[int, bytes]]:
        """The database's size in pages and the changed pages, by all frames up to number `frames`.

        The log ends with a commit there. When all of it was checkpointed, SQLite writes it again from the
        start, with other salts. An empty dict: there is nothing new. The caller says `seal_to` afterwards.
        """
        data = self._read(self.sealed, frames)
        if not data or data[_FRAME_SALTS] != self._salts:
            salts = self._header_salts()
            if salts != self._salts:
                self._salts, self.sealed = salts, 0
                data = self._read(0, frames)
        size, pages = 0, dict[int, bytes]()
        for at in range(0, len(data), _FRAME.size + self.page_size):
            number, size, of, _ = _FRAME.unpack_from(data, at)
            if of != self._salts:
                raise WalUnlike(why="a frame is of another time")
            pages[number] = data[at + _FRAME.size : at + _FRAME.size + self.page_size]
        if pages and not size:
            raise WalUnlike(why="it does not end with a commit")
        return size, pages

    def seal_to(self, frames: int) -> None:
        """All frames up to number `frames` are on disk."""
        self.sealed = max(self.sealed, frames)

    def close(self) -> None:
        os.close(self._file)

    def _read(self, first: int, frames: int) -> bytes:
        """All frames after number `first`, up to number `frames`. The file never becomes shorter."""
        step = _FRAME.size + self.page_size
        size = max(0, frames - first) * step
        if not size:
            return b""
        data = ctypes.create_string_buffer(size)
        if _pread(self._file, data, size, _HEADER_BYTES + first * step) != size:
            raise WalUnlike(why="it is too short")
        return data.raw

    def _header_salts(self) -> bytes:
        return os.pread(self._file, _HEADER_BYTES, 0)[_SALTS]
