"""What takes minutes by WhatsApp's own clocks: codes that run out, a message that nobody confirms."""

import pytest

from tests.linked.conftest import Linked
from tests.whatsapp.linked import CONTACT, OWNER
from tests.whatsapp.server import Fault

pytestmark = [pytest.mark.anyio, pytest.mark.drill]


async def test_six_codes_run_out_and_new_ones_can_be_asked_for(linked: Linked) -> None:
    async with linked.number.process() as driven:
        await driven.health("unlinked")
        await driven.do("pair")
        codes = {(await driven.event("health", 240, state="pairing"))["qr"] for _ in range(6)}
        assert len(codes) == 6
        assert "have run out" in (await driven.event("health", 240, state="unlinked"))["why"]
        await driven.do("pair")
        linked.owner.scan((await driven.health("pairing"))["qr"])
        await driven.health("online")


async def test_a_message_that_nobody_confirms_is_in_doubt_after_75_seconds(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.faults.append(Fault(silent=True))
        ours = await driven.send(CONTACT, "Once")
        received = await linked.contact.messages.wait()
        assert (await driven.event("receipt", id=received.id))["tracker"] == ours
        problem = await driven.event("problem", 240)
        assert (problem["code"], problem["maybe_sent"]) == ("channel.unreachable", True)
        linked.contact.send(OWNER, "I saw it")
        await driven.text("I saw it")
        await driven.send(CONTACT, "Once", attempt=2)
        await driven.event("sent")
        assert [one.text for one in linked.contact.shown(OWNER) if not one.mine] == ["Once"]


async def test_a_session_in_which_nothing_is_answered_is_stuck_and_opened_anew(linked: Linked) -> None:
    async with linked.driven() as driven:
        linked.whatsapp.go_silent(linked.jid)
        await driven.send(CONTACT, "Hello?")
        why = (await driven.event("health", 240, state="stuck"))["why"]
        assert "in a row unanswered" in why or "unconfirmed" in why
        await driven.event("health", 240, state="online")
