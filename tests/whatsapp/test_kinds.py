"""Every kind of message, between the real client and phones, in both directions."""

import base64
import hashlib
from typing import Any

import pytest

from tests.whatsapp import kinds
from tests.whatsapp.child import Client
from tests.whatsapp.installed import e2e
from tests.whatsapp.kinds import Target
from tests.whatsapp.linked import CONTACT, OWNER, Linked
from tests.whatsapp.media import SpoiledFile

pytestmark = pytest.mark.anyio

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


async def got(client: Client, message_id: str) -> Any:
    """The message that the client was given."""
    event = await client.event("message", id=message_id)
    return e2e.Message.FromString(base64.b64decode(event["raw"]))


def raw(message: Any) -> str:
    return base64.b64encode(message.SerializeToString()).decode()


async def test_what_contacts_send_arrives_whole(linked: Linked) -> None:
    ada = linked.contact
    async with linked.client() as client:
        first = ada.send(OWNER, "Hello?")
        assert len((await got(client, first)).messageContextInfo.messageSecret) == 32
        quoting = ada.say(OWNER, kinds.text("this one", quotes=ada.target(OWNER, first)))
        quote = (await got(client, quoting)).extendedTextMessage.contextInfo
        assert (quote.stanzaID, quote.quotedMessage.conversation) == (first, "Hello?")
        assert quote.participant == str(ada.jid)
        place = await got(client, ada.say(OWNER, kinds.location(52.5, 13.4, "Berlin", "Mitte")))
        assert (place.locationMessage.degreesLatitude, place.locationMessage.name) == (52.5, "Berlin")
        card = await got(client, ada.say(OWNER, kinds.contacts(("Bob", "4915100001111"))))
        assert "waid=4915100001111" in card.contactMessage.vcard
        cards = await got(client, ada.say(OWNER, kinds.contacts(("Bob", "49151"), ("Eve", "49152"))))
        assert [item.displayName for item in cards.contactsArrayMessage.contacts] == ["Bob", "Eve"]
        once = await got(client, ada.say(OWNER, kinds.view_once(kinds.text("look"))))
        assert once.conversation == "look"
        fading = await got(client, ada.say(OWNER, kinds.ephemeral(kinds.text("gone soon"))))
        assert fading.conversation == "gone soon"
        liked = await got(client, ada.react(OWNER, Target(first, ada.jid), "👍"))
        assert (liked.reactionMessage.text, liked.reactionMessage.key.ID) == ("👍", first)
        edited = (await got(client, ada.edit(OWNER, first, "Hello there?"))).protocolMessage
        assert (edited.key.ID, edited.editedMessage.conversation) == (first, "Hello there?")
        deleted = (await got(client, ada.delete(OWNER, quoting))).protocolMessage
        assert (deleted.key.ID, deleted.type) == (quoting, e2e.ProtocolMessage.REVOKE)
        await linked.owner.messages.wait(lambda message: message.kind == "revoke")
        assert linked.owner.shown(CONTACT)[0].text == "Hello there?"
        assert linked.owner.shown(CONTACT)[0].reactions == {ada.jid: "👍"}
        assert quoting not in [shown.id for shown in linked.owner.shown(CONTACT)]
    assert linked.whatsapp.refusals.all == []


async def test_files_go_both_ways(linked: Linked) -> None:
    ada = linked.contact
    async with linked.client() as client:
        uploaded = ada.upload(PICTURE, "image", "image/png")
        picture = await got(client, ada.say(OWNER, kinds.media("image", uploaded, caption="look")))
        assert picture.imageMessage.caption == "look"
        await client.do("download", raw=raw(picture))
        assert base64.b64decode((await client.event("downloaded"))["data"]) == PICTURE
        await client.do("upload", data=base64.b64encode(PICTURE).decode(), kind="MediaImage")
        message = (await client.event("uploaded"))["raw"]
        await client.do("send", to=CONTACT, raw=message)
        sent = await ada.messages.wait()
        assert sent.kind == "image"
        assert ada.download(sent.message) == PICTURE
        sent.message.imageMessage.fileSHA256 = bytes(32)
        with pytest.raises(SpoiledFile):
            ada.download(sent.message)
        linked.whatsapp.media.gone = True
        await client.do("download", raw=raw(picture))
        assert "410" in (await client.event("failed"))["error"]
    assert linked.whatsapp.refusals.all == []


async def test_a_poll_and_its_votes(linked: Linked) -> None:
    ada = linked.contact
    async with linked.client() as client:
        await client.do("poll", to=CONTACT, question="Tea or coffee?", options=["Tea", "Coffee"])
        poll = await ada.messages.wait()
        assert (poll.kind, kinds.options_of(poll.message)) == ("poll", ["Tea", "Coffee"])
        ada.vote(OWNER, poll.id, "Coffee")
        vote = await client.event("vote")
        assert vote["hashes"] == [hashlib.sha256(b"Coffee").hexdigest()]
        assert linked.owner.shown(CONTACT)[0].votes == {ada.jid: ["Coffee"]}
        await got(client, ada.say(OWNER, kinds.poll("When?", "Now", "Later", most=2)))
    assert linked.whatsapp.refusals.all == []


async def test_a_revoked_message_is_no_longer_shown(linked: Linked) -> None:
    async with linked.client() as client:
        await client.do("send", to=CONTACT, text="wrong")
        wrong = (await client.event("sent"))["id"]
        await client.do("send", to=CONTACT, text="right")
        await client.event("sent")
        assert linked.contact.screen.texts(linked.owner.jid) == ["wrong", "right"]
        await client.do("revoke", to=CONTACT, id=wrong)
        await client.event("sent")
        assert linked.contact.screen.texts(linked.owner.jid) == ["right"]
        assert linked.owner.screen.texts(linked.contact.jid) == ["right"]
    assert linked.whatsapp.refusals.all == []


async def test_a_group(linked: Linked) -> None:
    bob = linked.whatsapp.phone("4915100002222", "Bob")
    group = linked.whatsapp.make_group("Lunch", linked.owner, linked.contact, bob)
    stranger = linked.whatsapp.make_group("Secret", linked.contact, bob)
    async with linked.client() as client:
        message_id = linked.contact.send(group.jid, "Pizza?")
        told = await client.event("message", id=message_id, text="Pizza?")
        assert (told["group"], told["chat"]) == (True, str(group.jid))
        assert told["sender"] == str(linked.contact.jid)
        assert bob.screen.texts(group.jid) == ["Pizza?"]
        await client.do("send", to=str(group.jid), text="Yes")
        await client.event("sent")
        for phone in (bob, linked.contact, linked.owner):
            assert (await phone.messages.wait(lambda message: message.text == "Yes")).chat == group.jid
        await client.event("receipt", kind="DELIVERED")
        garbled = linked.contact.say(group.jid, kinds.text("garbled"), spoil=True)
        await client.event("message", id=garbled, text="garbled")
        again = next(message for message in bob.messages.all if message.text == "Yes")
        bob.ask_again(again)
        assert (await bob.messages.wait(lambda message: message.text == "Yes")).id == again.id
        await client.do("groups")
        assert (await client.event("groups"))["names"] == ["Lunch"]
        assert linked.whatsapp.refusals.all == []
        await client.do("send", to=str(stranger.jid), text="Let me in")
        assert "403" in (await client.event("not_sent"))["error"]


async def test_typing_presence_and_reading(linked: Linked) -> None:
    ada = linked.contact
    async with linked.client() as client:
        message_id = ada.send(OWNER, "Hello?")
        await client.event("message", id=message_id)
        chat = str(ada.jid)
        ada.type(OWNER)
        await client.event("typing", state="composing", sender=chat)
        await client.do("read", chat=chat, id=message_id)
        await ada.receipts.wait(lambda receipt: (receipt.id, receipt.kind) == (message_id, "read"))
        assert ada.shown(OWNER)[0].ticks == "read"
        await client.do("typing", chat=chat, state="composing", media=0)
        assert await ada.typing.wait() == (linked.owner.jid, "composing")
        assert ada.screen.typing == {linked.owner.jid: "composing"}
        await client.do("typing", chat=chat, state="paused", media=0)
        await ada.typing.wait()
        assert ada.screen.typing == {}
        await client.do("watch", who=chat)
        await linked.whatsapp.nodes.wait(lambda node: node.attrs.get("type") == "subscribe")
        ada.appear(True)
        await client.event("presence", who=chat, online=True)
        ada.appear(False)
        await client.event("presence", who=chat, online=False)
    assert linked.whatsapp.refusals.all == []


async def test_a_phone_that_was_away(linked: Linked) -> None:
    async with linked.client() as client:
        linked.contact.go_away()
        await client.do("send", to=CONTACT, text="are you there?")
        sent = await client.event("sent")
        waiting = linked.contact.send(OWNER, "sorry")
        assert linked.contact.messages.all == []
        linked.contact.come_back()
        assert (await linked.contact.messages.wait()).text == "are you there?"
        await client.event("receipt", kind="DELIVERED", ids=[sent["id"]])
        await client.event("message", id=waiting)
    assert linked.whatsapp.refusals.all == []
