"""The emulator, and the real client redirected to it."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.whatsapp.linked import Linked
from tests.whatsapp.redirect import Redirected, redirect
from tests.whatsapp.server import Emulator, emulator

MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def redirected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redirected]:
    made = redirect(tmp_path_factory.mktemp("neonize"))
    yield made
    made.close()


@pytest.fixture
async def whatsapp(redirected: Redirected) -> AsyncIterator[Emulator]:
    async with emulator(redirected) as server:
        yield server


@pytest.fixture
def session() -> Iterator[Path]:
    """Where a client may keep its session: in memory, since pairing commits once for each of 812 keys."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder) / "session.db"


@pytest.fixture
def linked(whatsapp: Emulator, redirected: Redirected, session: Path) -> Linked:
    """An account whose phone will link the client, and a contact."""
    return Linked(whatsapp, redirected, session)
