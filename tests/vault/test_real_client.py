"""The real client against the emulator, with its session in a vault."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from keys.master import load_master_keys
from tests.whatsapp.child import NOWHERE, Client
from tests.whatsapp.conftest import redirected, session, whatsapp
from tests.whatsapp.linked import CONTACT, OWNER
from tests.whatsapp.redirect import Redirected
from tests.whatsapp.server import Emulator

__all__ = ["redirected", "session", "whatsapp"]

pytestmark = pytest.mark.anyio

NUMBER = UUID(int=0xC0FFEE)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


class Sealed:
    """A linked number whose session is in a vault."""

    def __init__(self, folder: Path, live: Path, whatsapp: Emulator, redirected: Redirected) -> None:
        self.folder = folder / str(NUMBER)
        self.live = live
        self.redirected = redirected
        self.whatsapp = whatsapp
        self.owner = whatsapp.phone(OWNER, "Owner")
        self.contact = whatsapp.phone(CONTACT, "Ada")
        load_master_keys(folder, {}, create=True)
        self.key_file = folder / "master.key"
        self.log = folder / "client.log"

    @property
    def linked(self) -> bool:
        return len(self.owner.account.devices) > 1

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[Client]:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{self.redirected.folder}:{ROOT}",
            "HTTPS_PROXY": NOWHERE,
            "HTTP_PROXY": NOWHERE,
        }
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "tests.vault.sealed_client",
                *map(str, (self.folder, self.live / str(NUMBER), self.key_file)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=environment,
            )
        client = Client(process)
        try:
            if not self.linked:
                self.owner.scan((await client.event("qr"))["code"])
            await client.event("connected")
            yield client
        except BaseException as error:
            error.add_note(f"the client's log ends with:\n{self.log.read_text()[-2000:]}")
            raise
        finally:
            await client.kill()


@pytest.fixture
def sealed(tmp_path: Path, session: Path, whatsapp: Emulator, redirected: Redirected) -> Sealed:
    return Sealed(tmp_path, session.parent, whatsapp, redirected)


async def talk(sealed: Sealed, client: Client, words: str) -> None:
    """One message in each direction arrives."""
    sealed.contact.send(OWNER, f"{words}?")
    await client.event("message", text=f"{words}?")
    await client.do("send", to=CONTACT, text=f"{words}!")
    assert (await sealed.contact.messages.wait()).text == f"{words}!"


async def test_kill_and_lost_memory_then_both_directions_go_on(sealed: Sealed) -> None:
    async with sealed.client() as client:
        await talk(sealed, client, "one")
        await client.kill()
    shutil.rmtree(sealed.live / str(NUMBER))
    async with sealed.client() as client:
        assert client.happened("qr") == []
        await talk(sealed, client, "two")
        await client.stop()
    assert sealed.whatsapp.refusals.all == []
