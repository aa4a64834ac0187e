"""What cannot be read is asked for again, in both directions."""

import pytest

from tests.whatsapp.linked import CONTACT, OWNER, Linked

pytestmark = pytest.mark.anyio


async def test_the_client_asks_again_for_what_it_cannot_read(linked: Linked) -> None:
    async with linked.client() as client:
        linked.contact.send(OWNER, "fine")
        await client.event("message", text="fine")
        message_id = linked.contact.send(OWNER, "garbled on the way", spoil=True)
        await client.event("undecryptable")
        await linked.contact.receipts.wait(
            lambda receipt: (receipt.id, receipt.kind) == (message_id, "retry")
        )
        await client.event("message", text="garbled on the way", id=message_id)
        linked.contact.send(OWNER, "and on it goes")
        await client.event("message", text="and on it goes")
    assert linked.whatsapp.refusals.all == []


async def test_a_phone_asks_again_and_the_client_sends_the_same_message(linked: Linked) -> None:
    async with linked.client() as client:
        await client.do("send", to=CONTACT, text="once more")
        first = await linked.contact.messages.wait()
        linked.contact.ask_again(first)
        second = await linked.contact.messages.wait()
        assert (second.id, second.text) == (first.id, "once more")
    assert linked.whatsapp.refusals.all == []
