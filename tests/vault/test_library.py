"""The library is checked before anything is sealed; our own connections do what they say."""

import ctypes
import importlib.machinery
import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from sessions.vault import VaultUnsupported, library
from sessions.vault.library import Connection
from sessions.vault.problems import SqliteFailed


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return Connection(tmp_path / "a b?.db")


def test_values_go_in_and_come_out(connection: Connection) -> None:
    values = (7, -(2**40), "Olá", b"\x00\xff", None, "", b"")
    assert connection.rows("SELECT ?, ?, ?, ?, ?, ?, ?", values) == [values]
    connection.close()


def test_what_sqlite_refuses_is_a_problem(connection: Connection) -> None:
    with pytest.raises(SqliteFailed, match="syntax error"):
        connection.rows("SELEC 1")
    connection.rows("CREATE TABLE t (a PRIMARY KEY)")
    connection.rows("INSERT INTO t VALUES (1)")
    with pytest.raises(SqliteFailed, match="UNIQUE"):
        connection.rows("INSERT INTO t VALUES (1)")
    connection.close()
    with pytest.raises(SqliteFailed):
        Connection(Path("/nowhere/at/all.db"))


def test_no_image_of_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database" * 100)
    connection = Connection(tmp_path / "x.db")
    with pytest.raises(SqliteFailed, match="no image"):
        connection.image()
    connection.close()


def test_a_library_that_hides_a_function_is_refused() -> None:
    with pytest.raises(VaultUnsupported, match="does not export sqlite3_"):
        library.checked(ctypes.CDLL(None))


def test_a_library_that_is_too_old_is_refused() -> None:
    old = {name: SimpleNamespace() for name in library._SIGNATURES}  # type: ignore[attr-defined]

    class Version:
        def __call__(self) -> int:
            return 3_021_000

    old["sqlite3_libversion_number"] = Version()  # type: ignore[assignment]
    with pytest.raises(VaultUnsupported, match="too old"):
        library.checked(SimpleNamespace(**old))  # type: ignore[arg-type]


def test_an_installation_without_the_library_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.installed.cache_clear()
    for spec in (None, importlib.machinery.ModuleSpec("neonize", None, origin=str(tmp_path / "__init__.py"))):
        monkeypatch.setattr(importlib.util, "find_spec", lambda _, spec=spec: spec)
        with pytest.raises(VaultUnsupported, match="0 libraries"):
            library.installed()
    monkeypatch.undo()
    assert library.installed().name.startswith("neonize-")
