"""A linked number's session, with the real client against the emulator."""

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from keys.master import MasterKeys, key_id
from sessions.linked_device.ratchets import step_of
from sessions.vault import generations
from tests.linked.conftest import Linked
from tests.linked.running import NUMBER, Number
from tests.whatsapp import login, pairing
from tests.whatsapp.binary import Node
from tests.whatsapp.faults import Moment
from tests.whatsapp.linked import CONTACT, OWNER
from tests.whatsapp.phones import Phone
from tests.whatsapp.server import Emulator, Fault

pytestmark = pytest.mark.anyio

MANY = 20


def shown(phone: Phone) -> list[str]:
    """What a phone shows: without what was taken back."""
    back = {one.message.protocolMessage.key.ID for one in phone.messages.all}
    return [one.text for one in phone.messages.all if one.text and one.id not in back]


async def test_links_by_qr_and_talks(linked: Linked) -> None:
    async with linked.driven() as driven:
        assert driven.states == ["unlinked", "connecting", "pairing", "connecting", "online"]
        assert driven.happened("health")[-1]["account"] == OWNER
        linked.contact.send(OWNER, "Hello?")
        heard = await driven.text("Hello?")
        assert heard["identities"] == [
            {"kind": "lid", "value": linked.contact.account.lid},
            {"kind": "phone", "value": CONTACT},
        ]
        assert heard["profile_name"] == "Ada"
        ours = await driven.send(CONTACT, "How can I help?")
        received = await linked.contact.messages.wait()
        assert received.text == "How can I help?"
        sent = await driven.event("sent")
        assert (sent["id"], sent["provider_id"]) == (ours, received.id)
        await driven.event("receipt", id=received.id, status="delivered")
        linked.contact.read(OWNER, received.id)
        await driven.event("receipt", id=received.id, status="read")
    assert linked.whatsapp.refusals.all == []


async def test_links_by_a_code_that_is_typed(linked: Linked) -> None:
    async with linked.number.process() as driven:
        await driven.health("unlinked")
        await driven.do("pair", phone=OWNER)
        linked.owner.type_code((await driven.health("pairing"))["code"])
        assert (await driven.health("online"))["account"] == OWNER


async def test_refuses_to_link_what_is_no_phone_number_or_a_second_phone(linked: Linked) -> None:
    async with linked.driven() as driven:
        await driven.do("pair", phone="+49 151")
        assert (await driven.event("problem"))["vendor_code"] == "phone"
        await driven.do("pair")
        assert (await driven.event("problem"))["vendor_code"] == "linked"


async def test_says_that_a_pairing_went_wrong_and_can_be_tried_again(linked: Linked) -> None:
    async with linked.number.process() as driven:
        await driven.health("unlinked")
        await driven.do("pair")
        code = pairing.read_code((await driven.health("pairing"))["qr"])
        linked.owner.scan_code(dataclasses.replace(code, secret=b"x" * 32))
        assert "did not agree" in (await driven.health("unlinked"))["why"]
        await driven.do("pair")
        linked.owner.scan((await driven.health("pairing"))["qr"])
        await driven.health("online")


async def test_a_connection_that_ends_while_codes_are_shown_is_not_taken_for_codes_that_ran_out(
    linked: Linked,
) -> None:
    async with linked.number.process() as driven:
        await driven.health("unlinked")
        linked.whatsapp.plan.drops.append(Moment.offer)
        await driven.do("pair")
        assert "connection to WhatsApp ended" in (await driven.health("unlinked"))["why"]
        await driven.do("pair")
        linked.owner.scan((await driven.health("pairing"))["qr"])
        await driven.health("online")


async def test_a_pairing_that_is_given_up_leaves_nothing_to_scan(linked: Linked) -> None:
    async with linked.number.process() as driven:
        await driven.health("unlinked")
        await driven.do("pair")
        await driven.health("pairing")
        await driven.do("stop_pairing")
        await driven.health("unlinked")
        await driven.do("pair")
        linked.owner.scan((await driven.health("pairing"))["qr"])
        await driven.health("online")
        await driven.stop()


async def test_a_restart_needs_no_code_and_brings_what_came_meanwhile_once(linked: Linked) -> None:
    async with linked.driven() as driven:
        await driven.stop()
    texts = [f"message {number}" for number in range(20)]
    for text in texts:
        linked.contact.send(OWNER, text)
    async with linked.number.process() as driven:
        await driven.health("online")
        await driven.text(texts[-1])
        assert [one["content"]["text"] for one in driven.happened("message")] == texts
        assert driven.states == ["connecting", "online"]


async def test_the_session_is_opened_anew_when_it_is_ordered(linked: Linked) -> None:
    async with linked.driven() as driven:
        await driven.do("restart")
        await driven.health("connecting")
        await driven.health("online")
        await driven.send(CONTACT, "Again")
        assert (await linked.contact.messages.wait()).text == "Again"


async def test_what_waits_behind_a_send_when_the_session_is_opened_anew_is_not_given_to_the_old_client(
    linked: Linked,
) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.faults.append(Fault(silent=True))
        await driven.send(CONTACT, "Unconfirmed", name="unconfirmed")
        await linked.contact.messages.wait()
        waiting = await driven.send(CONTACT, "Waiting", name="waiting")
        await driven.do("restart")
        problem = await driven.event("problem", id=waiting)
        assert (problem["code"], problem["maybe_sent"]) == ("channel.throttled", False)
        await driven.health("connecting")
        await driven.health("online")
        await driven.send(CONTACT, "Again")
        assert (await linked.contact.messages.wait()).text == "Again"


async def test_a_kill_and_the_loss_of_its_memory_lose_no_step(linked: Linked) -> None:
    async with linked.driven() as driven:
        for number in range(3):
            linked.contact.send(OWNER, f"before {number}")
            await driven.text(f"before {number}")
            await driven.send(CONTACT, f"answer {number}", name=f"answer {number}")
            await linked.contact.messages.wait()
        await driven.kill()
    async with linked.number.process() as driven:
        await driven.health("online")
        linked.contact.send(OWNER, "after")
        await driven.text("after")
        await driven.send(CONTACT, "still here", name="after")
        assert (await linked.contact.messages.wait()).text == "still here"
    assert linked.contact.unread.all == []


async def test_what_is_on_the_wire_is_sealed_with_its_secret_and_its_step(
    linked: Linked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a loss of power at the very moment would find it; and one record a message, not one a commit."""
    folder, found = linked.number.home / str(NUMBER), list[tuple[str, Path]]()
    add = linked.whatsapp.nodes.add

    def look(node: Node) -> None:
        if node.tag == "message" and node.child("participants"):
            newest = max(folder.glob("*.vlt"))
            found.append((node.text("id"), tmp_path / str(len(found)) / newest.name))
            found[-1][1].parent.mkdir()
            found[-1][1].write_bytes(newest.read_bytes())
        add(node)

    async with linked.driven() as driven:
        await driven.send(CONTACT, "The first sets the session up", name="first")
        await linked.contact.messages.wait()
        monkeypatch.setattr(linked.whatsapp.nodes, "add", look)
        for number in range(MANY):
            await driven.send(CONTACT, f"number {number}", name=f"number {number}")
        for _ in range(MANY):
            await linked.contact.messages.wait()
    masters = MasterKeys(key_id(linked.number.key), {key_id(linked.number.key): linked.number.key})
    kept, sealed = [], []
    for message_id, path in found:
        restored = generations.restored(path, masters)
        database = path.with_suffix(".db")
        database.write_bytes(restored.image)
        with closing(sqlite3.connect(database)) as session:
            known = session.execute("SELECT message_id FROM whatsmeow_message_secrets").fetchall()
            rows = session.execute(
                "SELECT session FROM whatsmeow_sessions WHERE their_id LIKE ?",
                (f"{linked.contact.account.lid}_1:%",),
            ).fetchall()
        assert (message_id,) in known
        kept.append(restored.mark)
        sealed.append(sum(step.sealed for (one,) in rows if (step := step_of(one))))
    assert [one - sealed[0] for one in sealed] == list(range(MANY))
    assert kept[-1].records - kept[0].records < 1.5 * (MANY - 1)  # each has two commits


async def test_a_message_in_doubt_is_settled_by_a_receipt_that_names_it(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.contact.ticks = False
        linked.whatsapp.faults.append(Fault(silent=True))
        ours = await driven.send(CONTACT, "Were you told?")
        received = await linked.contact.messages.wait()
        await driven.kill()
    async with linked.number.process() as driven:
        await driven.health("online")
        linked.contact.read(OWNER, received.id)
        assert (await driven.event("receipt", id=received.id))["tracker"] == ours


async def test_a_message_in_doubt_is_taken_back_and_sent_anew_so_that_it_shows_once(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.faults.append(Fault(silent=True))
        await driven.send(CONTACT, "Once")
        await linked.contact.messages.wait()
        await driven.kill()
    async with linked.number.process() as driven:
        await driven.health("online")
        await driven.send(CONTACT, "Once", attempt=2)
        await driven.event("sent")
        assert shown(linked.contact) == ["Once"]
        assert len(linked.contact.messages.all) == 3  # the first, its revocation, the second


async def test_a_message_that_never_left_is_just_sent(linked: Linked) -> None:
    async with linked.driven() as driven:
        await driven.send(CONTACT, "Once", attempt=2)
        await driven.event("sent")
        assert [one.text for one in linked.contact.messages.all] == ["Once"]


async def test_a_message_in_doubt_is_left_where_the_operator_says_so(linked: Linked) -> None:
    linked.number.settings = {"doubtful": "leave"}
    async with linked.driven() as driven:
        await driven.send(CONTACT, "Once")
        first = await driven.event("sent")
        await driven.send(CONTACT, "Once", attempt=2)
        assert (await driven.event("sent"))["provider_id"] == first["provider_id"]
        assert len(linked.contact.messages.all) == 1


async def test_a_drop_before_the_acknowledgement_shows_the_message_once(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.faults.append(Fault(drop=True))
        await driven.send(CONTACT, "Once")
        sent = await driven.event("sent")
        await driven.health("offline")
        await driven.health("online")
        assert [one.id for one in linked.contact.messages.all] == [sent["provider_id"]]


async def test_a_message_that_whatsapp_finds_malformed_is_refused(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.faults.append(Fault(error=479))
        await driven.send(CONTACT, "refused", name="1")
        problem = await driven.event("problem")
        assert (problem["code"], problem["vendor_code"]) == ("channel.rejected", "479")
        await driven.send(CONTACT, "accepted", name="2")
        await driven.event("sent")


async def test_a_timelock_is_said_and_holds_only_who_never_wrote(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.faults.append(Fault(error=463))
        await driven.send(CONTACT, "refused", name="1")
        assert (await driven.event("problem"))["code"] == "channel.throttled"
        assert (await driven.health("timelocked"))["until"]
        await driven.send(CONTACT, "accepted", name="2")
        await driven.event("sent")


async def test_a_number_that_is_not_on_whatsapp_is_refused(linked: Linked) -> None:
    async with linked.driven() as driven:
        await driven.send("4915100000000", "Anybody?")
        assert (await driven.event("problem"))["vendor_code"] == "not_on_whatsapp"


async def test_what_the_owner_types_on_the_phone_is_told_and_what_we_send_is_not(linked: Linked) -> None:
    async with linked.driven() as driven:
        await driven.send(CONTACT, "From the bot")
        await driven.event("sent")
        linked.owner.send(CONTACT, "I am here myself")
        own = await driven.event("own")
        assert own["content"]["text"] == "I am here myself"
        assert {"kind": "phone", "value": CONTACT} in own["to"]
        linked.contact.send(OWNER, "Good")
        await driven.text("Good")
        assert len(driven.happened("own")) == 1
        assert len(driven.happened("message")) == 1


async def test_a_device_removed_on_the_phone_forgets_its_keys_and_can_be_linked_again(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.remove(linked.jid)
        assert "unlinked this device" in (await driven.health("logged_out"))["why"]
        await driven.do("pair")
        linked.owner.scan((await driven.health("pairing"))["qr"])
        await driven.health("online")


async def test_a_device_removed_while_away_forgets_its_keys(linked: Linked) -> None:
    async with linked.driven() as driven:
        await driven.stop()
    linked.whatsapp.remove(linked.jid)
    async with linked.number.process() as driven:
        await driven.health("logged_out")
        await driven.stop()
    async with linked.number.process() as driven:
        await driven.health("unlinked")


async def test_unlinks_at_whatsapp_when_it_is_ordered(linked: Linked) -> None:
    async with linked.driven() as driven:
        await driven.do("log_out")
        await driven.health("unlinked")
        assert list(linked.owner.account.devices) == [0]


async def test_a_session_that_was_opened_elsewhere_is_not_fought_for(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.replace(linked.jid)
        assert "somewhere else" in (await driven.health("conflict"))["why"]
        assert linked.jid not in linked.whatsapp.connections
        await driven.send(CONTACT, "Anybody?")
        assert (await driven.event("problem"))["code"] == "channel.throttled"
        await driven.do("restart")
        await driven.health("online")


async def test_a_ban_names_its_end(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.login_failures.append(login.failure(402, code="104", expire="3600"))
        await driven.do("restart")
        banned = await driven.health("banned")
        assert "same message" in banned["why"]
        assert banned["until"]


async def test_another_refusal_at_login_is_tried_again(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.login_failures.append(login.failure(400))
        await driven.do("restart")
        assert (await driven.health("offline"))["until"]


async def test_a_server_that_restarts_is_come_back_to(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.restart(linked.jid)
        await driven.health("offline")
        await driven.health("online")


async def test_a_server_that_is_down_at_the_start_is_tried_again(whatsapp: Emulator, number: Number) -> None:
    linked = Linked(whatsapp, number)
    async with linked.driven() as driven:
        await driven.stop()
    await whatsapp.stop()
    async with number.process() as driven:
        assert "cannot be reached" in (await driven.health("offline"))["why"]
        await whatsapp.start()
        await driven.health("online")
