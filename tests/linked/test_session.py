"""A linked number's session, with the real client against the emulator."""

import pytest

from tests.linked.conftest import Linked
from tests.whatsapp.linked import CONTACT, OWNER

pytestmark = pytest.mark.anyio


async def test_links_by_qr_and_talks(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.contact.send(OWNER, "Hello?")
        heard = await driven.text("Hello?")
        assert heard["identities"] == [
            {"kind": "lid", "value": linked.contact.account.lid},
            {"kind": "phone", "value": CONTACT},
        ]
        assert heard["profile_name"] == "Ada"
        ours = await driven.send(CONTACT, "How can I help?")
        shown = await linked.contact.messages.wait()
        assert shown.text == "How can I help?"
        sent = await driven.event("sent")
        assert (sent["id"], sent["provider_id"]) == (ours, shown.id)
        await driven.event("receipt", id=shown.id, status="delivered")
        linked.contact.read(OWNER, shown.id)
        await driven.event("receipt", id=shown.id, status="read")
    assert linked.whatsapp.refusals.all == []
