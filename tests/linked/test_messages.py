"""Every kind of message through the driver, in both directions, with the real client against the emulator."""

import base64
from typing import Any

import pytest

from tests.linked.conftest import Linked
from tests.linked.running import Driven
from tests.whatsapp import kinds
from tests.whatsapp.kinds import Target
from tests.whatsapp.linked import CONTACT, OWNER

pytestmark = pytest.mark.anyio

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


async def heard(driven: Driven, message_id: str) -> dict[str, Any]:
    """What the bot is told of a message."""
    return await driven.event("message", provider_id=message_id)


async def test_what_contacts_send_is_heard(linked: Linked) -> None:
    ada = linked.contact
    async with linked.driven() as driven:
        first = ada.send(OWNER, "Hello?")
        quoting = ada.say(OWNER, kinds.text("this one", quotes=ada.target(OWNER, first)))
        assert (await heard(driven, quoting))["reply_to"] == first
        place = await heard(driven, ada.say(OWNER, kinds.location(52.5, 13.4, "Berlin", "Mitte")))
        assert place["content"]["name"] == "Berlin"
        card = await heard(driven, ada.say(OWNER, kinds.contacts(("Bob", "4915100001111"))))
        assert card["content"]["contacts"][0]["phones"] == ["+4915100001111"]
        once = await heard(driven, ada.say(OWNER, kinds.view_once(kinds.text("look"))))
        fading = await heard(driven, ada.say(OWNER, kinds.ephemeral(kinds.text("gone soon"))))
        assert (once["content"]["text"], fading["content"]["text"]) == ("look", "gone soon")
        liked = await heard(driven, ada.react(OWNER, Target(first, ada.jid), "👍"))
        assert (liked["content"]["emoji"], liked["content"]["to_provider_id"]) == ("👍", first)
        edited = await heard(driven, ada.edit(OWNER, first, "Hello there?"))
        assert edited["content"] == {"kind": "edited", "to_provider_id": first, "text": "Hello there?"}
        deleted = await heard(driven, ada.delete(OWNER, quoting))
        assert deleted["content"] == {"kind": "deleted", "to_provider_id": quoting}


async def test_what_bots_send_is_shown(linked: Linked) -> None:
    ada = linked.contact
    async with linked.driven() as driven:
        question = ada.send(OWNER, "Where?")
        await heard(driven, question)
        await driven.send(CONTACT, "Here", name="quote", reply_to=question)
        context = (await ada.messages.wait()).message.extendedTextMessage.contextInfo
        assert (context.stanzaID, context.participant) == (question, str(ada.jid))
        assert context.quotedMessage.conversation == "Where?"
        place = {"kind": "location", "latitude": 45.5, "longitude": 9.25, "name": "Duomo"}
        await driven.send(CONTACT, place, name="place")
        assert (await ada.messages.wait()).message.locationMessage.name == "Duomo"
        card = {"kind": "contacts", "contacts": [{"name": "Luca", "phones": ["+39 333"]}]}
        await driven.send(CONTACT, card, name="card")
        assert "waid=39333" in (await ada.messages.wait()).message.contactMessage.vcard
        liked = {"kind": "reaction", "emoji": "❤️", "to_provider_id": question}
        await driven.send(CONTACT, liked, name="reaction")
        await ada.messages.wait()
        assert ada.shown(OWNER)[0].reactions == {linked.owner.jid: "❤️"}
    assert linked.whatsapp.refusals.all == []


async def test_files_go_both_ways(linked: Linked) -> None:
    ada = linked.contact
    async with linked.driven() as driven:
        uploaded = ada.upload(PICTURE, "image", "image/png")
        media = (await heard(driven, ada.say(OWNER, kinds.media("image", uploaded, caption="look"))))[
            "content"
        ]
        assert (media["caption"], media["state"]) == ("look", "pending")
        await driven.do("fetch", media=media)
        assert base64.b64decode((await driven.event("fetched"))["data"]) == PICTURE
        await driven.do("upload", data=base64.b64encode(PICTURE).decode(), mime="image/png")
        ref = (await driven.event("uploaded"))["ref"]
        body = {"kind": "image", "mime": "image/png", "caption": "see", "provider_ref": ref}
        await driven.send(CONTACT, body)
        sent = await ada.messages.wait()
        assert ada.download(sent.message) == PICTURE
        assert sent.message.imageMessage.caption == "see"
        linked.whatsapp.media.gone = True
        await driven.do("fetch", media=media)
        assert (await driven.event("problem"))["vendor_code"] == "no_media"


async def test_a_menu_as_a_poll_and_the_vote_as_the_choice(linked: Linked) -> None:
    ada = linked.contact
    buttons = [{"id": "tea", "title": "Tea"}, {"id": "coffee", "title": "Coffee"}]
    async with linked.driven() as driven:
        await driven.send(CONTACT, {"kind": "buttons", "text": "Tea or coffee?", "buttons": buttons})
        await driven.event("sent")
        poll = await ada.messages.wait()
        ada.vote(OWNER, poll.id, "Coffee")
        voted = await driven.event("message")
        assert voted["content"] == {"kind": "choice", "id": "coffee", "title": "Coffee", "description": ""}


async def test_read_and_typing_are_shown(linked: Linked) -> None:
    async with linked.driven() as driven:
        question = linked.contact.send(OWNER, "There?")
        await heard(driven, question)
        await driven.do("mark_read", id=question, typing=True)
        await driven.event("marked")
        await linked.contact.receipts.wait(lambda one: one.id == question and one.kind == "read")
        assert await linked.contact.typing.wait() == (linked.owner.jid, "composing")


async def test_a_group_is_not_heard(linked: Linked) -> None:
    group = linked.whatsapp.make_group("Lunch", linked.owner, linked.contact)
    async with linked.driven() as driven:
        linked.contact.send(group.jid, "Pizza?")
        linked.contact.send(OWNER, "Just you")
        await driven.text("Just you")
        assert len(driven.happened("message")) == 1


async def test_a_group_is_heard_and_answered_where_the_operator_says_so(linked: Linked) -> None:
    group = linked.whatsapp.make_group("Lunch", linked.owner, linked.contact)
    linked.number.settings = {"groups": "on"}
    async with linked.driven() as driven:
        linked.contact.send(group.jid, "Pizza?")
        told = await driven.text("Pizza?")
        assert told["identities"] == [{"kind": "group", "value": group.jid.user}]
        assert told["participant"] == {"kind": "lid", "value": linked.contact.account.lid}
        await driven.send(group.jid.user, f"@{CONTACT} yes", kind="group")
        shown = (await linked.contact.messages.wait()).message
        assert shown.extendedTextMessage.contextInfo.mentionedJID == [f"{CONTACT}@s.whatsapp.net"]


async def test_what_a_kill_took_is_shown_as_missing(linked: Linked) -> None:
    """The library confirms a message before it tells of it: the driver is stopped in between."""
    async with linked.driven() as driven:
        known = linked.contact.send(OWNER, "known")
        await heard(driven, known)
    # A process that did not link: the history that comes with linking is never shown as missing.
    async with linked.number.process() as driven:
        await driven.health("online")
        await driven.do("deafen")
        await driven.event("obeyed")
        lost = [linked.contact.send(OWNER, f"lost {number}") for number in range(3)]
        for message_id in lost:
            await linked.contact.receipts.wait(
                lambda one, wanted=message_id: one.id == wanted and one.sender.device == linked.jid.device
            )
        await driven.kill()
    async with linked.number.process() as driven:
        for message_id in lost:
            missed = await heard(driven, message_id)
            assert missed["content"]["what"] == "missed"
            assert {"kind": "phone", "value": CONTACT} in missed["identities"]
        await driven.health("online")
        linked.contact.send(OWNER, "after")
        await driven.text("after")
        again = [one for one in driven.happened("message") if one["provider_id"] == known]
        assert all(
            one["content"]["kind"] == "text" for one in again
        )  # the inbox has it, whether it comes or not
