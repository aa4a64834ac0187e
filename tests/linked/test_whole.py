"""A linked number as a whole: the API and the command line, its own process, the real client, the emulator."""

import asyncio
import base64
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from store import migrate
from tests.installation import ROOT
from tests.live import KEY, MASTER, Live, live
from tests.whatsapp import kinds
from tests.whatsapp.conftest import MEMORY
from tests.whatsapp.linked import CONTACT, OWNER
from tests.whatsapp.phones import Phone
from tests.whatsapp.redirect import NOWHERE, Redirected
from tests.whatsapp.server import Emulator

pytestmark = pytest.mark.anyio

NOT_THERE = 5  # how the process of a number that was removed ends
BOT = ROOT / "bots/hello"
HELLO = {path.relative_to(BOT).as_posix(): path.read_text() for path in sorted(BOT.rglob("*.yaml"))}


class Shop:
    """A number that serves `bots/hello`, the phone that it is linked with, and a contact's."""

    def __init__(self, server: Live, api: httpx.AsyncClient, whatsapp: Emulator, name: str, row: Any) -> None:
        self.server, self.api, self.name = server, api, name
        self.id = UUID(row["id"])
        self.owner: Phone = whatsapp.phone(OWNER, "Owner")
        self.contact: Phone = whatsapp.phone(CONTACT, "Ada")
        self.environment: dict[str, str] = {}
        self.home = Path()

    @asynccontextmanager
    async def process(self) -> AsyncGenerator[asyncio.subprocess.Process]:
        """The number's process; killed at the end if it still runs."""
        with (self.home / "log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "cli.number_process", str(self.id),
                env=self.environment, cwd=self.home, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def session(self) -> dict[str, Any]:
        return (await self.api.get(f"/api/v1/numbers/{self.name}/session")).json()

    async def events(self, **params: Any) -> AsyncGenerator[dict[str, Any]]:
        """What the session's stream says."""
        place = f"/api/v1/numbers/{self.name}/session/events"
        async with self.api.stream("GET", place, params=params) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line[6:])

    async def state(self, *states: str) -> dict[str, Any]:
        """Wait until the session is in one of `states`."""
        async with asyncio.timeout(60), contextlib.aclosing(self.events(follow=True)) as events:
            async for event in events:
                if event["state"] in states:
                    return event
        raise AssertionError("the stream ended")

    async def link(self) -> None:
        """Pair by the stream, as the admin's page does."""
        await self.state("unlinked", "logged_out")
        answer = await self.api.post(f"/api/v1/numbers/{self.name}/session/pair", json={})
        assert answer.status_code == 202, answer.text
        self.owner.scan((await self.state("pairing"))["qr"])
        await self.state("online")

    async def command(self, *words: str) -> asyncio.subprocess.Process:
        """A command of `numbers` on this number."""
        environment = {"CHATLOOM_SERVER": self.server.url, "CHATLOOM_OPERATOR_KEY": KEY}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cli.main", "numbers", words[0], self.name, *words[1:],
            env=os.environ | environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def said(self) -> list[dict[str, Any]]:
        """The transcript of the only conversation."""
        place = f"/api/v1/numbers/{self.name}/conversations"
        rows = (await self.api.get(place)).json()["items"]
        if not rows:
            return []
        return (await self.api.get(f"{place}/{rows[0]['id']}/transcript")).json()["items"]


@pytest.fixture
async def shop(
    database_url: str,
    redirected: Redirected,
    whatsapp: Emulator,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Shop]:
    migrate.upgrade(database_url)
    with live(database_url, rate_limit=0, media=tmp_path / "media") as server:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(
            base_url=server.url, headers=headers, timeout=60, trust_env=False
        ) as api:
            bot, name = f"bot-{request.node.name}"[:60].replace("_", "-"), request.node.name[:60]
            files = {**HELLO, "README.md": bot}
            assert (await api.put(f"/api/v1/bots/{bot}", json={"files": files})).status_code == 201
            assert (await api.post(f"/api/v1/bots/{bot}/versions/1/publish")).status_code == 200
            body = {"name": name, "channel": "linked_device", "bot": bot, "settings": {"policy": "off"}}
            added = await api.post("/api/v1/numbers", json=body)
            assert added.status_code == 201, added.text
            shop = Shop(server, api, whatsapp, name, added.json())
            shop.home = tmp_path
            shop.environment = {
                **redirected.environment,
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{redirected.folder}:{ROOT}",
                "HTTPS_PROXY": NOWHERE,
                "HTTP_PROXY": NOWHERE,
                "DATABASE_URL": database_url,
                "CHATLOOM_HOME": str(tmp_path),
                "CHATLOOM_MASTER_KEY": base64.b64encode(MASTER).decode(),
            }
            with tempfile.TemporaryDirectory(dir=MEMORY) as memory:
                shop.environment["CHATLOOM_SESSIONS_LIVE"] = memory
                yield shop


async def test_linked_by_the_stream_it_talks_with_a_contact_and_survives_a_restart(shop: Shop) -> None:
    async with shop.process() as process:
        await shop.link()
        shown = await shop.session()
        assert (shown["account"], shown["vault_generation"] > 0) == (OWNER, True)
        shop.contact.send(OWNER, "hi")
        assert (await shop.contact.messages.wait()).text.startswith("Hello Ada! Tea or coffee?")
        process.terminate()
        assert await process.wait() == 0
    assert (await shop.session())["state"] == "stopped"
    shop.contact.send(OWNER, "tea")
    async with shop.process():
        await shop.state("online")
        assert (await shop.contact.messages.wait()).text == "One tea, coming up."
        page = (await shop.api.get(f"/api/v1/numbers/{shop.name}/session/history")).json()
        states = [one["state"] for one in page["changes"]][::-1]
        assert states[:6] == ["connecting", "unlinked", "connecting", "pairing", "connecting", "online"]
        assert states[-3:] == ["stopped", "connecting", "online"]
    lines = [(one["direction"], one["body"]["text"]) for one in await shop.said()]
    assert [each[0] for each in lines] == ["in", "out", "in", "out"]


async def test_linked_and_unlinked_by_commands(shop: Shop) -> None:
    async with shop.process():
        pair = await shop.command("pair", "--phone", f"+{OWNER}")
        assert pair.stdout is not None
        async with asyncio.timeout(60):
            async for line in pair.stdout:
                if line.startswith(b"Type this code: "):
                    shop.owner.type_code(line.split(b": ")[1].decode().strip().replace("-", ""))
                    break
            out, err = await pair.communicate()
        assert (pair.returncode, out.splitlines()[-1]) == (0, f"online as +{OWNER}".encode()), err
        assert len(shop.owner.account.devices) == 2
        unlink = await shop.command("unlink", "--yes")
        out, err = await unlink.communicate()
        assert unlink.returncode == 0, err
        assert len(shop.owner.account.devices) == 1, "the phone no longer lists it"
        await shop.link()
        shop.contact.send(OWNER, "hi")
        assert (await shop.contact.messages.wait()).text.startswith("Hello Ada!")


async def test_what_a_contact_sends_as_a_file_can_be_downloaded(shop: Shop) -> None:
    async with shop.process():
        await shop.link()
        reference = shop.contact.upload(b"%PDF-1.7 the bytes", "document", "application/pdf")
        shop.contact.say(OWNER, kinds.media("document", reference, fileName="menu.pdf"))
        await shop.contact.messages.wait()
        async with asyncio.timeout(30):
            while True:
                line = next(one for one in await shop.said() if one["direction"] == "in")
                if line["body"].get("state") == "ready":
                    break
                await asyncio.sleep(0.05)
        rows = (await shop.api.get(f"/api/v1/numbers/{shop.name}/conversations")).json()["items"]
        place = f"/api/v1/numbers/{shop.name}/conversations/{rows[0]['id']}/messages/{line['id']}/file"
        answer = await shop.api.get(place)
        assert (answer.status_code, answer.content) == (200, b"%PDF-1.7 the bytes")
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''menu.pdf"


async def test_a_removed_number_leaves_no_device_behind(shop: Shop) -> None:
    async with shop.process() as process:
        await shop.link()
        assert len(shop.owner.account.devices) == 2
        removed = await shop.api.delete(f"/api/v1/numbers/{shop.name}", params={"sure": True})
        assert removed.status_code == 204
        async with asyncio.timeout(30):
            assert await process.wait() == NOT_THERE
    assert len(shop.owner.account.devices) == 1


async def test_its_settings_are_those_of_the_channel(shop: Shop) -> None:
    place = f"/api/v1/numbers/{shop.name}"
    good = {"policy": "off", "groups": "on", "choices": "poll", "after_owner_wrote": None}
    seen = {"If-Match": f'"{(await shop.api.get(place)).json()["etag"]}"'}
    changed = await shop.api.patch(place, json={"settings": good}, headers=seen)
    assert changed.json()["settings"] == good
    seen = {"If-Match": f'"{changed.json()["etag"]}"'}
    refused = await shop.api.patch(place, json={"settings": {"groups": "maybe"}}, headers=seen)
    assert (refused.status_code, refused.json()["code"]) == (422, "numbers.settings_unfit")
