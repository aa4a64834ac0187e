"""What goes wrong at WhatsApp, and what the real client makes of it."""

import pytest

from tests.whatsapp import login
from tests.whatsapp.child import running
from tests.whatsapp.linked import CONTACT, OWNER, Linked
from tests.whatsapp.server import Fault

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
