"""What the client asks of the server besides messages."""

import pytest

from tests.whatsapp.binary import Node
from tests.whatsapp.child import running
from tests.whatsapp.linked import CONTACT, OWNER, Linked

pytestmark = pytest.mark.anyio


async def test_the_owners_name_lets_the_client_be_online(linked: Linked) -> None:
    async with linked.client() as client:
        await linked.whatsapp.nodes.wait(lambda node: _asks_for(node) == "regular_low")  # the last of all
        linked.whatsapp.watching[linked.owner.jid] = {linked.jid}  # it hears of its own presence
        await client.do("presence")
        await client.event("present")
        await client.event("presence", who=str(linked.owner.jid), online=True)
        message_id = linked.contact.send(OWNER, "Hello?")
        tick = await linked.contact.receipts.wait(lambda receipt: receipt.sender == linked.jid)
        assert (tick.id, tick.kind) == (message_id, "")  # not `inactive`, as while it was not online
    assert linked.whatsapp.refusals.all == []


def _asks_for(node: Node) -> str:
    """The collection of settings that is asked for."""
    collection = node.child("sync", "collection")
    return collection.text("name") if collection else ""


async def test_which_numbers_have_accounts(linked: Linked) -> None:
    async with linked.client() as client:
        await client.do("known", numbers=[CONTACT, "4915100000000"])
        known = (await client.event("known"))["numbers"]
        assert known[CONTACT] == [True, str(linked.contact.jid)]
        assert known["4915100000000"][0] is False
        await client.do("info", who=f"{OWNER}@s.whatsapp.net")
        assert (await client.event("info"))["devices"] == 2
    assert linked.whatsapp.refusals.all == []


async def test_the_client_unlinks_itself(linked: Linked) -> None:
    async with linked.client() as client:
        await client.do("logout")
        await client.event("gone")
    assert set(linked.owner.account.devices) == {0}
    async with running(linked.redirected, linked.session) as client:
        linked.owner.scan((await client.event("qr"))["code"])
        await client.event("connected")
    assert set(linked.owner.account.devices) == {0, 2}
