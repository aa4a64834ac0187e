"""A linked number, driven for real against the emulator."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.linked.running import Driven, Number
from tests.whatsapp.binary import Jid
from tests.whatsapp.conftest import MEMORY, anyio_backend, redirected, whatsapp
from tests.whatsapp.linked import CONTACT, OWNER
from tests.whatsapp.phones import Phone
from tests.whatsapp.redirect import Redirected
from tests.whatsapp.server import Emulator

__all__ = ["anyio_backend", "redirected", "whatsapp"]


class Linked:
    """An owner's phone, a contact's, and the number that the owner links."""

    def __init__(self, whatsapp: Emulator, number: Number) -> None:
        self.whatsapp = whatsapp
        self.number = number
        self.owner: Phone = whatsapp.phone(OWNER, "Owner")
        self.contact: Phone = whatsapp.phone(CONTACT, "Ada")

    @property
    def jid(self) -> Jid:
        """The linked device."""
        return self.owner.account.at(max(self.owner.account.devices))

    @asynccontextmanager
    async def driven(self) -> AsyncIterator[Driven]:
        """A process whose session is online; linked by QR at the first use."""
        async with self.number.process() as driven:
            if len(self.owner.account.devices) == 1:
                await driven.health("unlinked")
                await driven.do("pair")
                self.owner.scan((await driven.health("pairing"))["qr"])
            await driven.health("online")
            yield driven


@pytest.fixture
def number(redirected: Redirected, tmp_path: Path) -> Iterator[Number]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as memory:
        yield Number(redirected, tmp_path, Path(memory) / "live")


@pytest.fixture
def linked(whatsapp: Emulator, number: Number) -> Linked:
    return Linked(whatsapp, number)
