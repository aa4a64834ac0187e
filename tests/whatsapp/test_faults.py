"""What goes wrong at WhatsApp, and what the real client makes of it."""

import pytest

from tests.whatsapp import login
from tests.whatsapp.child import running
from tests.whatsapp.faults import Fault, Moment
from tests.whatsapp.linked import CONTACT, OWNER, Linked
from tests.whatsapp.refusals import Refused

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("error", [463, 479])
async def test_an_acknowledgement_with_an_error(linked: Linked, error: int) -> None:
    async with linked.client() as client:
        linked.whatsapp.faults.append(Fault(error=error))
        await client.do("send", to=CONTACT, text="refused")
        assert str(error) in (await client.event("not_sent"))["error"]
        await client.do("send", to=CONTACT, text="accepted")
        await client.event("sent", text="accepted")
        assert [message.text for message in linked.contact.messages.all] == ["accepted"]


async def test_a_drop_before_the_acknowledgement_sends_the_same_id_again(linked: Linked) -> None:
    async with linked.client() as client:
        linked.whatsapp.faults.append(Fault(drop=True))
        await client.do("send", to=CONTACT, text="once")
        sent = await client.event("sent")
        assert [message.id for message in linked.contact.messages.all] == [sent["id"]]
        assert linked.contact.repeats == [sent["id"]]


async def test_no_acknowledgement_leaves_the_send_open(linked: Linked) -> None:
    async with linked.client() as client:
        linked.whatsapp.faults.append(Fault(silent=True))
        await client.do("send", to=CONTACT, text="silence")
        await linked.contact.messages.wait()
        linked.contact.send(OWNER, "got it")
        await client.event("message", text="got it")
        assert client.happened("sent") == client.happened("not_sent") == []


async def test_a_stream_that_is_replaced_is_not_fought_for(linked: Linked) -> None:
    async with linked.client() as client:
        linked.whatsapp.replace(linked.jid)
        await client.event("stream_replaced")
        assert linked.jid not in linked.whatsapp.connections


async def test_a_second_process_with_the_session_replaces_the_first(linked: Linked) -> None:
    async with linked.client() as first, linked.client():
        await first.event("stream_replaced")


async def test_a_device_removed_on_the_phone_cannot_come_back(linked: Linked) -> None:
    """The library says so before it has deleted the session: killed in between, it tries once more."""
    async with linked.client() as client:
        linked.whatsapp.remove(linked.jid)
        assert (await client.event("logged_out"))["on_connect"] is False
    async with running(linked.redirected, linked.session) as client:
        await client.events.wait(lambda event: event["event"] in ("qr", "logged_out"))
        assert client.happened("connected") == []


async def test_a_401_at_login_forgets_the_session(linked: Linked) -> None:
    async with linked.client() as client:
        await client.stop()
    linked.whatsapp.login_failures.append(login.failure(401))
    async with running(linked.redirected, linked.session) as client:
        assert (await client.event("logged_out"))["on_connect"] is True


async def test_the_client_comes_back_after_a_restart_and_after_a_503(linked: Linked) -> None:
    async with linked.client() as client:
        linked.whatsapp.login_failures.append(login.failure(503))
        linked.whatsapp.restart(linked.jid)
        await client.event("connected")
        linked.contact.send(OWNER, "back?")
        await client.event("message", text="back?")


async def test_a_temporary_ban(linked: Linked) -> None:
    async with linked.client() as client:
        await client.stop()
    linked.whatsapp.login_failures.append(login.failure(402, code="101", expire="3600"))
    async with running(linked.redirected, linked.session) as client:
        await client.event("temporary_ban")


@pytest.mark.parametrize("moment", [Moment.login, Moment.upload, Moment.active, Moment.handshake])
async def test_a_drop_while_the_client_logs_in(linked: Linked, moment: Moment) -> None:
    async with running(linked.redirected, linked.session) as client:
        code = (await client.event("qr"))["code"]
        linked.whatsapp.plan.drops.append(moment)
        linked.owner.scan(code)
        await client.event("connected")
        linked.contact.send(OWNER, "there?")
        await client.event("message", text="there?")
        await client.do("send", to=CONTACT, text="here")
        await client.event("sent")


async def test_a_drop_while_a_message_is_received_brings_it_again(linked: Linked) -> None:
    async with linked.client() as client:
        linked.whatsapp.plan.drops.append(Moment.receive)
        linked.contact.send(OWNER, "one")
        linked.contact.send(OWNER, "two")
        await client.event("connected")
        linked.contact.send(OWNER, "three")
        await client.event("message", text="three")
        assert [message["text"] for message in client.happened("message")] == ["one", "two", "three"]
        await linked.contact.receipts.wait(lambda receipt: receipt.sender == linked.jid)


async def test_a_drop_before_anybody_gets_a_message(linked: Linked) -> None:
    async with linked.client() as client:
        linked.whatsapp.plan.drops.append(Moment.send)
        await client.do("send", to=CONTACT, text="once")
        sent = await client.event("sent")
        assert [message.id for message in linked.contact.messages.all] == [sent["id"]]
        assert linked.contact.repeats == []


async def test_a_drop_after_the_client_has_signed_leaves_it_with_a_session_that_nobody_knows(
    linked: Linked,
) -> None:
    async with running(linked.redirected, linked.session) as client:
        code = (await client.event("qr"))["code"]
        linked.whatsapp.plan.drops.append(Moment.paired)
        linked.owner.scan(code)
        await client.event("paired")
    async with running(linked.redirected, linked.session) as client:
        assert (await client.event("logged_out"))["on_connect"] is True


async def test_a_pairing_sealed_with_another_secret(linked: Linked) -> None:
    async with running(linked.redirected, linked.session) as client:
        linked.whatsapp.plan.spoil_pairing = True
        linked.owner.scan((await client.event("qr"))["code"])
        assert "did not accept" in await linked.whatsapp.refusals.wait()
        assert set(linked.owner.account.devices) == {0}


async def test_a_passkey_that_is_asked_for_ends_without_an_event(linked: Linked) -> None:
    async with running(linked.redirected, linked.session) as client:
        linked.whatsapp.plan.ask_passkey = True
        linked.owner.scan((await client.event("qr"))["code"])
        await linked.whatsapp.refusals.wait(lambda refusal: refusal.startswith("iq md"))
        assert client.happened("paired") == client.happened("connected") == []


async def test_a_burst_after_offline(linked: Linked) -> None:
    async with linked.client() as client:
        await client.stop()
    texts = [f"{number}" for number in range(400)]
    for text in texts:
        linked.contact.send(OWNER, text)
    async with linked.client() as client:
        await client.event("message", text=texts[-1])
        assert [message["text"] for message in client.happened("message")] == texts


async def test_the_server_is_down_for_a_while(linked: Linked) -> None:
    async with linked.client() as client:
        await linked.whatsapp.stop()
        await client.event("disconnected")
        linked.contact.send(OWNER, "back?")
        await linked.whatsapp.start()
        await client.event("message", text="back?")


@pytest.mark.drill
async def test_a_black_hole_is_noticed(linked: Linked) -> None:
    async with linked.client() as client:
        linked.whatsapp.go_silent(linked.jid)
        await client.events.wait(lambda event: event["event"] == "keep_alive_timeout")


@pytest.mark.drill
async def test_codes_run_out_without_an_event(linked: Linked) -> None:
    linked.whatsapp.plan.refs = 1
    async with running(linked.redirected, linked.session) as client:
        code = (await client.event("qr"))["code"]
        await linked.whatsapp.gone.wait()
        assert {event["event"] for event in client.events.all} == {"qr"}
        with pytest.raises(Refused, match="nobody shows"):
            linked.owner.scan(code)
