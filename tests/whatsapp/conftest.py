"""The emulator, and the real client redirected to it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.whatsapp.redirect import Redirected, redirect
from tests.whatsapp.server import Emulator, emulator


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def redirected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redirected]:
    made = redirect(tmp_path_factory.mktemp("neonize"))
    yield made
    made.hold.close()


@pytest.fixture
async def whatsapp(redirected: Redirected) -> AsyncIterator[Emulator]:
    async with emulator(redirected) as server:
        yield server


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return tmp_path / "session.db"
