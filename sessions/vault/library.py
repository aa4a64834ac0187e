"""SQLite as neonize's library exports it, through ctypes: a few functions, and connections of our own.

The live database is opened by these functions only, never by Python's `sqlite3`: two copies of SQLite in one
process would drop one another's locks.

Source: https://www.sqlite.org/c3ref/intro.html
"""

import ctypes
import importlib.util
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import quote

from sessions.vault.problems import SqliteFailed, VaultUnsupported

OK, BUSY, IOERR, ROW, DONE = 0, 5, 10, 100, 101
PASSIVE = 0

type_of_value = {1: "integer", 2: "real", 3: "text", 4: "blob", 5: "null"}

_READ_WRITE_CREATE_URI = 0x2 | 0x4 | 0x40
_TRANSIENT = ctypes.c_void_p(-1)
_SMALLEST_VERSION = 3_022_000  # sqlite3_serialize, and a WAL hook as it is used here

COMMIT_HOOK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
WAL_HOOK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
EXTENSION = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)

_P, _I, _L, _S = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64, ctypes.c_char_p
# Called without giving up the interpreter's lock, since they wait for nothing: to get it back, amid the library's threads,
# takes a hundred times longer than they do.
_QUICK = {
    "sqlite3_bind_blob",
    "sqlite3_bind_int64",
    "sqlite3_bind_null",
    "sqlite3_bind_text",
    "sqlite3_column_blob",
    "sqlite3_column_bytes",
    "sqlite3_column_count",
    "sqlite3_column_int64",
    "sqlite3_column_type",
    "sqlite3_db_filename",
    "sqlite3_next_stmt",
    "sqlite3_reset",
    "sqlite3_sql",
    "sqlite3_stmt_busy",
    "sqlite3_wal_hook",
}
_SIGNATURES: dict[str, tuple[type | None, list[type]]] = {
    "sqlite3_auto_extension": (_I, [_P]),
    "sqlite3_bind_blob": (_I, [_P, _I, _S, _I, _P]),
    "sqlite3_bind_int64": (_I, [_P, _I, _L]),
    "sqlite3_bind_null": (_I, [_P, _I]),
    "sqlite3_bind_text": (_I, [_P, _I, _S, _I, _P]),
    "sqlite3_busy_timeout": (_I, [_P, _I]),
    "sqlite3_close_v2": (_I, [_P]),
    "sqlite3_column_blob": (_P, [_P, _I]),
    "sqlite3_column_bytes": (_I, [_P, _I]),
    "sqlite3_column_count": (_I, [_P]),
    "sqlite3_column_int64": (_L, [_P, _I]),
    "sqlite3_column_type": (_I, [_P, _I]),
    "sqlite3_commit_hook": (_P, [_P, _P, _P]),
    "sqlite3_db_filename": (_S, [_P, _S]),
    "sqlite3_errmsg": (_S, [_P]),
    "sqlite3_finalize": (_I, [_P]),
    "sqlite3_free": (None, [_P]),
    "sqlite3_libversion_number": (_I, []),
    "sqlite3_next_stmt": (_P, [_P, _P]),
    "sqlite3_open_v2": (_I, [_S, _P, _I, _S]),
    "sqlite3_prepare_v2": (_I, [_P, _S, _I, _P, _P]),
    "sqlite3_reset": (_I, [_P]),
    "sqlite3_serialize": (_P, [_P, _S, _P, ctypes.c_uint]),
    "sqlite3_sql": (_S, [_P]),
    "sqlite3_step": (_I, [_P]),
    "sqlite3_stmt_busy": (_I, [_P]),
    "sqlite3_wal_checkpoint_v2": (_I, [_P, _S, _I, _P, _P]),
    "sqlite3_wal_hook": (_P, [_P, _P, _P]),
}

Value = int | str | bytes | None


@cache
def sqlite() -> ctypes.CDLL:
    """The SQLite in the installed neonize. Raises `VaultUnsupported` when it cannot be reached."""
    library = checked(ctypes.CDLL(str(installed())))
    for name in _QUICK:
        result, arguments = _SIGNATURES[name]
        setattr(library, name, ctypes.PYFUNCTYPE(result, *arguments)((name, library)))
    return library


@cache
def installed() -> Path:
    """The library that `import neonize` will load; found without importing it."""
    spec = importlib.util.find_spec("neonize")
    libraries = list(Path(spec.origin).parent.glob("neonize-*.*")) if spec and spec.origin else []
    if len(libraries) != 1:
        raise VaultUnsupported(why=f"there are {len(libraries)} libraries in it, not one")
    return libraries[0]


def checked(library: ctypes.CDLL) -> ctypes.CDLL:
    """The library with the signatures that are used. Raises `VaultUnsupported`."""
    for name, (result, arguments) in _SIGNATURES.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise VaultUnsupported(why=f"it does not export {name}") from None
        function.restype, function.argtypes = result, arguments
    if library.sqlite3_libversion_number() < _SMALLEST_VERSION:
        raise VaultUnsupported(why="its SQLite is too old")
    return library


class Connection:
    """A connection of ours to a live database. One statement at a time; safe to share between threads."""

    def __init__(self, path: Path, busy_ms: int = 5000) -> None:
        self._sqlite = sqlite()
        self._lock = threading.Lock()
        handle = ctypes.c_void_p()
        uri = f"file:{quote(str(path))}".encode()
        result = self._sqlite.sqlite3_open_v2(uri, ctypes.byref(handle), _READ_WRITE_CREATE_URI, None)
        self._handle = handle
        self._prepared: dict[str, ctypes.c_void_p] = {}
        self._check(result)
        self.wait_for(busy_ms)

    def wait_for(self, milliseconds: int) -> None:
        """How long a statement may wait for another connection's transaction."""
        self._check(self._sqlite.sqlite3_busy_timeout(self._handle, milliseconds))

    def rows(self, sql: str, parameters: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        """Run one statement. Integers, texts, blobs and NULL come as `int`, `str`, `bytes` and None."""
        with self._lock:
            statement = self._statement(sql)
            try:
                for place, value in enumerate(parameters, start=1):
                    self._check(self._bind(statement, place, value))
                found: list[tuple[Value, ...]] = []
                count = self._sqlite.sqlite3_column_count(statement)
                while (result := self._sqlite.sqlite3_step(statement)) == ROW:
                    found.append(tuple(self._column(statement, place) for place in range(count)))
                if result != DONE:
                    self._check(result)
                return found
            finally:
                self._sqlite.sqlite3_reset(statement)  # it keeps no lock and no snapshot

    def image(self) -> bytes:
        """The whole database as a file would hold it, as of the transaction that is open."""
        size = ctypes.c_int64()
        with self._lock:
            data = self._sqlite.sqlite3_serialize(self._handle, b"main", ctypes.byref(size), 0)
            if not data:
                raise SqliteFailed(result=IOERR, why="no image could be made")
            try:
                return ctypes.string_at(data, size.value)
            finally:
                self._sqlite.sqlite3_free(data)

    def checkpoint(self) -> tuple[int, int]:
        """Copy what the log holds into the database, as far as readers allow: (frames, of them copied)."""
        frames, copied = ctypes.c_int(), ctypes.c_int()
        with self._lock:
            self._check(
                self._sqlite.sqlite3_wal_checkpoint_v2(
                    self._handle, b"main", PASSIVE, ctypes.byref(frames), ctypes.byref(copied)
                )
            )
        return frames.value, copied.value

    def close(self) -> None:
        with self._lock:
            for statement in self._prepared.values():
                self._sqlite.sqlite3_finalize(statement)
            self._sqlite.sqlite3_close_v2(self._handle)

    def _statement(self, sql: str) -> ctypes.c_void_p:
        """Prepared once: there are few, and some are asked for each message."""
        statement = self._prepared.get(sql)
        if statement is None:
            statement, text = ctypes.c_void_p(), sql.encode()
            self._check(
                self._sqlite.sqlite3_prepare_v2(self._handle, text, len(text), ctypes.byref(statement), None)
            )
            self._prepared[sql] = statement
        return statement

    def _bind(self, statement: ctypes.c_void_p, place: int, value: Value) -> int:
        match value:
            case int():
                return self._sqlite.sqlite3_bind_int64(statement, place, value)
            case str():
                data = value.encode()
                return self._sqlite.sqlite3_bind_text(statement, place, data, len(data), _TRANSIENT)
            case bytes():
                return self._sqlite.sqlite3_bind_blob(statement, place, value, len(value), _TRANSIENT)
            case _:
                return self._sqlite.sqlite3_bind_null(statement, place)

    def _column(self, statement: ctypes.c_void_p, place: int) -> Value:
        kind = self._sqlite.sqlite3_column_type(statement, place)
        if kind == 1:
            return self._sqlite.sqlite3_column_int64(statement, place)
        if kind == 5:
            return None
        data = self._sqlite.sqlite3_column_blob(statement, place)
        value = ctypes.string_at(data, self._sqlite.sqlite3_column_bytes(statement, place)) if data else b""
        return value if kind == 4 else value.decode()

    def _check(self, result: int) -> None:
        if result != OK:
            why = self._sqlite.sqlite3_errmsg(self._handle) or b""
            raise SqliteFailed(result=result, why=why.decode("utf-8", "replace"))
