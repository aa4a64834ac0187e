"""The emulator in a process of its own, driven over HTTP, with the real client in another."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.whatsapp.child import Client, running_with
from tests.whatsapp.control import picture

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parent.parent.parent
OWNER, ADA = "4915112345670", "4915112345671"


class Served:
    """The other process: what it said first, and its HTTP interface."""

    def __init__(self, process: asyncio.subprocess.Process, first: dict[str, Any]) -> None:
        self.process = process
        self.environment: dict[str, str] = first["environment"]
        self.url: str = first["url"]

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        async with aiohttp.ClientSession() as http, http.post(f"{self.url}api/{path}", json=body) as answer:
            return await answer.json()

    async def seen(self, number: str) -> dict[str, Any]:
        """What a phone shows."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}api/state") as answer:
            phones = (await answer.json())["phones"]
        return next(phone for phone in phones if phone["number"] == number)

    async def texts(self, number: str) -> list[str]:
        return [line["text"] for chat in (await self.seen(number))["chats"] for line in chat["messages"]]

    @asynccontextmanager
    async def client(self, session: Path) -> AsyncGenerator[Client]:
        async with running_with(self.environment, session) as client:
            code = (await client.event("qr"))["code"]
            assert await self.post(f"phones/{OWNER}/scan", code=code) == {}
            await client.event("connected")
            yield client


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.whatsapp.serve",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    yield Served(process, json.loads(await process.stdout.readline()))
    process.stdin.close()  # it ends with its input
    assert await process.wait() == 0


async def test_a_client_elsewhere_talks_with_its_phones(served: Served, session: Path) -> None:
    async with served.client(session) as client:
        sent = await served.post(f"phones/{ADA}/send", to=OWNER, text="Hello?")
        await client.event("message", id=sent["id"], text="Hello?")
        await client.do("send", to=ADA, text="How can I help?")
        await client.event("sent")
        assert await served.texts(ADA) == ["Hello?", "How can I help?"]
        assert (await served.seen(OWNER))["linked"] == [{"device": 1, "online": True}]
        await served.post(f"phones/{ADA}/away", away=True)
        assert (await served.seen(ADA))["away"]
        await client.do("send", to=ADA, text="Still there?")
        await client.event("sent")
        assert (await served.texts(ADA))[-1] == "How can I help?"
        await served.post(f"phones/{ADA}/away", away=False)
        assert (await served.texts(ADA))[-1] == "Still there?"
        await served.post("faults", messages=[{"error": 463}])
        await client.do("send", to=ADA, text="refused")
        assert "463" in (await client.event("not_sent"))["error"]
        await served.post("faults", device=f"{OWNER}:1", happens="remove")
        await client.event("logged_out")


async def test_what_cannot_be_is_said(served: Served) -> None:
    added = await served.post("phones", name="Zoe", number="4915100000009")
    assert added == {"number": "4915100000009"}
    for path, body, why in (
        ("phones", {"number": "4915100000009"}, "already"),
        ("phones", {"number": "abc"}, "digits"),
        (f"phones/{OWNER}/scan", {"code": "nonsense"}, "not a linking code"),
        (f"phones/{OWNER}/scan", {}, "not a linking code"),
        (f"phones/{OWNER}/type", {"code": "ABCD1234"}, "no device wants"),
        (f"phones/{OWNER}/dance", {}, "cannot dance"),
        (f"phones/{OWNER}/send", {"to": ADA, "text": " "}, "nothing to send"),
        (f"phones/{OWNER}/send", {"to": "1234567", "text": "who?"}, "no account"),
        ("phones/1234567/send", {"to": ADA, "text": "hi"}, "no account"),
        ("faults", {"unheard": True}, "no fault"),
    ):
        assert why in (await served.post(path, **body))["error"], path
    answers = [await served.post("phones") for _ in range(7)]
    assert "10 phones" in answers[-1]["error"]


async def test_what_the_product_shows_and_what_the_page_wishes(served: Served) -> None:
    stdin, stdout = served.process.stdin, served.process.stdout
    assert stdin is not None
    assert stdout is not None
    async with aiohttp.ClientSession() as http, http.get(f"{served.url}api/events") as events:
        assert json.loads((await events.content.readuntil(b"\n\n"))[6:])["screen"] == {}
        stdin.write(json.dumps({"screen": {"name": "shop", "state": "pairing"}}).encode() + b"\n")
        assert json.loads((await events.content.readuntil(b"\n\n"))[6:])["screen"]["state"] == "pairing"
    await served.post("pair", phone=OWNER)
    assert json.loads(await stdout.readline()) == {"wish": "pair", "phone": OWNER}


def test_pictures_differ() -> None:
    assert picture("a") != picture("b")
    assert picture("a").startswith(b"\x89PNG")
