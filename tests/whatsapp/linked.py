"""The usual company of a test: an owner's phone, the client that it links, and a contact."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.whatsapp.binary import Jid
from tests.whatsapp.child import Client, running
from tests.whatsapp.redirect import Redirected
from tests.whatsapp.server import Emulator

OWNER = "4915112345678"
CONTACT = "4915187654321"


class Linked:
    """`client()` links at its first use, and logs in again with the stored session afterwards."""

    def __init__(self, whatsapp: Emulator, redirected: Redirected, session: Path) -> None:
        self.whatsapp = whatsapp
        self.owner = whatsapp.phone(OWNER, "Owner")
        self.contact = whatsapp.phone(CONTACT, "Ada")
        self.redirected = redirected
        self.session = session

    @property
    def jid(self) -> Jid:
        """The linked device."""
        return self.owner.account.at(max(self.owner.account.devices))

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[Client]:
        async with running(self.redirected, self.session) as client:
            if not self.jid.device:
                self.owner.scan((await client.event("qr"))["code"])
            await client.event("connected")
            yield client
