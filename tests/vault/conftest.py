"""A number's folder on a volume, a folder in memory, and keys."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from keys.master import MasterKeys, key_id, new_master_key
from sessions.vault import OpenVault, open_vault
from sessions.vault.library import Connection

NUMBER = UUID(int=0xC0FFEE)
MEMORY = Path("/dev/shm")


def new_keys(*older: MasterKeys) -> MasterKeys:
    """A new master key, current, and those before it."""
    key = new_master_key()
    known = {name: each for keys in older for name, each in keys.keys.items()}
    return MasterKeys(key_id(key), {key_id(key): key} | known)


class Place:
    """Opens one number's vault, again and again; what is still open at the end is closed."""

    def __init__(self, volume: Path, live: Path) -> None:
        self.volume = volume
        self.folder = volume / str(NUMBER)
        self.live = live
        self.masters = new_keys()
        self.marks: list[Any] = []
        self.faults: list[Any] = []
        self.opened: list[OpenVault] = []

    def open(self, mark: Any = None, **more: Any) -> OpenVault:
        vault = open_vault(
            self.folder,
            self.live,
            more.pop("masters", self.masters),
            more.pop("number", NUMBER),
            mark,
            on_mark=self.marks.append,
            on_fault=self.faults.append,
            **more,
        )
        self.opened.append(vault)
        return vault

    def close(self, vault: OpenVault, clean: bool = True) -> Any:
        self.opened.remove(vault)
        return vault.close(clean)

    def destroy(self, vault: OpenVault) -> Any:
        self.opened.remove(vault)
        return vault.destroy()

    @property
    def file(self) -> Path:
        """The newest sealed session."""
        return max(self.folder.glob("*.vlt"))


@pytest.fixture
def live() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder) / "number"


@pytest.fixture
def place(tmp_path: Path, live: Path) -> Iterator[Place]:
    made = Place(tmp_path / "volume", live)
    yield made
    for vault in made.opened:
        vault.close()


@pytest.fixture
def library() -> Iterator[Callable[[OpenVault], Connection]]:
    """A connection as the library has it: hooked."""
    made: list[Connection] = []

    def connect(vault: OpenVault) -> Connection:
        made.append(Connection(vault.path))
        return made[-1]

    yield connect
    for connection in made:
        connection.close()


def link(connection: Connection, jid: str) -> None:
    """What the library writes when a phone was linked, as far as the vault looks at it."""
    connection.rows("CREATE TABLE IF NOT EXISTS whatsmeow_device (jid TEXT PRIMARY KEY)")
    connection.rows("INSERT INTO whatsmeow_device VALUES (?)", (jid,))


def without(masters: MasterKeys, gone: str) -> MasterKeys:
    return replace(masters, keys={name: key for name, key in masters.keys.items() if name != gone})
