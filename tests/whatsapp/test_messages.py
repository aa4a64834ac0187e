"""Messages between the real client and a contact's phone, in both directions, with their ticks."""

import pytest

from tests.whatsapp.linked import CONTACT, OWNER, Linked

pytestmark = pytest.mark.anyio


async def test_text_goes_both_ways_and_is_confirmed(linked: Linked) -> None:
    async with linked.client() as client:
        message_id = linked.contact.send(OWNER, "Hello?")
        got = await client.event("message")
        assert (got["id"], got["text"], got["name"], got["from_me"]) == (message_id, "Hello?", "Ada", False)
        assert got["phone"] == f"{CONTACT}@s.whatsapp.net"
        tick = await linked.contact.receipts.wait(lambda receipt: receipt.sender == linked.jid)
        assert tick.id == message_id
        await client.do("send", to=CONTACT, text="How can I help?")
        sent = await client.event("sent")
        read = await linked.contact.messages.wait()
        assert (read.id, read.text, read.sender) == (sent["id"], "How can I help?", linked.jid)
        await client.event("receipt", kind="DELIVERED", ids=[sent["id"]])
        linked.contact.read(OWNER, sent["id"])
        await client.event("receipt", kind="READ", ids=[sent["id"]])
        own = await linked.owner.messages.wait(lambda message: message.id == sent["id"])
        assert own.copy_for == f"{linked.contact.account.lid}@lid"
    assert linked.whatsapp.refusals.all == []


async def test_a_conversation_turns_the_ratchet_many_times(linked: Linked) -> None:
    async with linked.client() as client:
        for number in range(10):
            linked.contact.send(OWNER, f"question {number}")
            await client.event("message", text=f"question {number}")
            await client.do("send", to=CONTACT, text=f"answer {number}")
            await linked.contact.messages.wait(lambda message, n=number: message.text == f"answer {n}")
            await client.event("sent")
    assert linked.contact.unread.all == []
    assert linked.whatsapp.refusals.all == []


async def test_the_client_writes_first(linked: Linked) -> None:
    async with linked.client() as client:
        await client.do("send", to=CONTACT, text="Good morning")
        await client.event("sent")
        assert (await linked.contact.messages.wait()).text == "Good morning"


async def test_what_the_owner_types_on_the_phone_reaches_the_client(linked: Linked) -> None:
    async with linked.client() as client:
        linked.owner.send(CONTACT, "I take over")
        got = await client.event("message", text="I take over")
        assert got["from_me"]
        assert got["chat"] == f"{linked.contact.account.lid}@lid"
        assert (await linked.contact.messages.wait()).text == "I take over"


async def test_messages_sent_while_away_arrive_once_and_in_order(linked: Linked) -> None:
    async with linked.client() as client:
        linked.contact.send(OWNER, "before")
        await client.event("message")
        await linked.contact.receipts.wait(lambda receipt: receipt.sender == linked.jid)
        await client.stop()
    texts = [f"while away {number}" for number in range(20)]
    for text in texts:
        linked.contact.send(OWNER, text)
    async with linked.client() as client:
        await client.event("offline_done")
        linked.contact.send(OWNER, "after")
        await client.event("message", text="after")
        assert [message["text"] for message in client.happened("message")] == [*texts, "after"]
        for _ in texts:
            await linked.contact.receipts.wait(lambda receipt: receipt.sender == linked.jid)
        await client.stop()
    async with linked.client() as client:
        await client.event("offline_done")
        assert client.happened("message") == []


async def test_a_number_without_an_account(linked: Linked) -> None:
    async with linked.client() as client:
        await client.do("send", to="4915100000000", text="anyone?")
        assert "no LID found" in (await client.event("not_sent"))["error"]
