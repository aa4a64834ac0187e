"""The real client is linked by QR code, and comes back without one."""

import base64
import os

import pytest

from tests.whatsapp.child import running
from tests.whatsapp.linked import OWNER, Linked
from tests.whatsapp.pairing import QR_PREFIX, read_code
from tests.whatsapp.pairing_code import WrongCode
from tests.whatsapp.refusals import Refused

pytestmark = pytest.mark.anyio


async def test_a_phone_links_the_client_and_the_session_serves_again(linked: Linked) -> None:
    account = linked.owner.account
    async with linked.client() as client:
        assert set(account.devices) == {0, 1}
        assert len(account.devices[1].seen) == 812
        assert client.happened("paired") == [
            {"event": "paired", "jid": f"{account.number}:1@s.whatsapp.net", "error": ""}
        ]
        await client.stop()
    async with linked.client() as client:
        assert client.happened("qr") == []
    assert linked.whatsapp.refusals.all == []


async def test_a_code_with_another_key_or_that_nobody_shows_is_refused(linked: Linked) -> None:
    async with running(linked.redirected, linked.session) as client:
        code = (await client.event("qr"))["code"]
        ref, noise, rest = code.removeprefix(QR_PREFIX).split(",", 2)
        other = base64.b64encode(os.urandom(32)).decode()
        with pytest.raises(Refused, match="noise key"):
            linked.owner.scan(f"{QR_PREFIX}{ref},{other},{rest}")
        with pytest.raises(Refused, match="nobody shows"):
            linked.owner.scan(f"{QR_PREFIX}2@unknown,{noise},{rest}")
        with pytest.raises(ValueError, match="not a linking code"):
            read_code("https://example.com")


async def test_the_owner_types_the_code(linked: Linked) -> None:
    async with running(linked.redirected, linked.session) as client:
        await client.event("qr")
        with pytest.raises(Refused, match="no device wants"):
            linked.owner.type_code("ABCD-1234")
        await client.do("pair_phone", phone=OWNER)
        code = (await client.event("code"))["code"]
        with pytest.raises(Refused, match="no device wants"):
            linked.contact.type_code(code)
        with pytest.raises(WrongCode):
            linked.owner.type_code("ABC")
        wrong = "1" + code[1:] if code[0] != "1" else "2" + code[1:]
        linked.owner.type_code(wrong)
        assert "not the code" in await linked.owner.notices.wait()
        linked.owner.type_code(code.lower())
        await client.event("connected")
        assert set(linked.owner.account.devices) == {0, 1}
    assert linked.whatsapp.refusals.all == []


async def test_the_client_refuses_an_identity_sealed_with_another_secret(linked: Linked) -> None:
    async with running(linked.redirected, linked.session) as client:
        code = (await client.event("qr"))["code"]
        *parts, _, kind = code.split(",")
        linked.owner.scan(",".join([*parts, base64.b64encode(os.urandom(32)).decode(), kind]))
        refusal = await linked.whatsapp.refusals.wait()
        assert "did not accept" in refusal
        assert set(linked.owner.account.devices) == {0}
