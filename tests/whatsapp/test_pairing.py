"""The real client is linked by QR code, and comes back without one."""

from pathlib import Path

import pytest

from tests.whatsapp.child import running
from tests.whatsapp.redirect import Redirected
from tests.whatsapp.server import Emulator

pytestmark = pytest.mark.anyio


async def test_a_phone_links_the_client_and_the_session_serves_again(
    whatsapp: Emulator, redirected: Redirected, session: Path
) -> None:
    phone = whatsapp.phone("4915112345678", "Owner")
    async with running(redirected, session) as client:
        code = (await client.event("qr"))["code"]
        phone.scan(code)
        await client.event("connected")
        assert set(phone.account.devices) == {0, 1}
        assert len(phone.account.devices[1].one_time) == 812
        await client.stop()
    async with running(redirected, session) as client:
        await client.event("connected")
        assert client.happened("qr") == []
    assert whatsapp.refusals.all == []
