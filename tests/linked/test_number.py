"""A linked number as it is run: the API's stream of codes, the number's own process, a sample bot, a phone."""

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.installation import ROOT, Installation
from tests.linked.conftest import Linked
from tests.whatsapp.child import NOWHERE
from tests.whatsapp.conftest import MEMORY
from tests.whatsapp.linked import OWNER
from tests.whatsapp.phones import Phone

pytestmark = pytest.mark.anyio

AT_ONCE = {"policy": "off", "throttle": "off", "max_sends": "off"}


@dataclass
class Bot:
    """A number of the installation, with its bot and its phone."""

    installed: Installation
    linked: Linked
    id: str
    environment: dict[str, str]

    @asynccontextmanager
    async def process(self) -> AsyncIterator[subprocess.Popen[bytes]]:
        process = self.installed.start_number(self.id, **self.environment)
        try:
            yield process
        except BaseException as error:
            error.add_note(self.installed.log(f"number-{self.id[-8:]}")[-3000:])
            raise
        finally:
            if process.poll() is None:
                process.terminate()
                await asyncio.to_thread(process.wait, 30)

    async def link(self, phone: Phone) -> None:
        """Order a code by the API, scan it off the API's stream, and wait until the stream says online."""
        loop = asyncio.get_running_loop()

        def watch() -> list[str]:
            states: list[str] = []
            with self.installed.client() as api:
                api.post(f"/numbers/{self.id}/session/pair", {})
                for shown in api.events(f"/numbers/{self.id}/session/events"):
                    if shown is None:
                        continue
                    states.append(shown["state"])
                    assert not (shown["order"] or {}).get("error"), shown["order"]
                    if shown["qr"] and "pairing" not in states[:-1]:
                        assert shown["svg"].startswith("<svg")
                        loop.call_soon_threadsafe(phone.scan, shown["qr"])
                    if shown["state"] == "online":
                        break
            return states

        assert (await asyncio.to_thread(watch))[-1] == "online"

    async def ask(self, phone: Phone, text: str, *, says: str) -> None:
        """Write, and wait for the next answer."""
        phone.send(OWNER, text)
        answer = await phone.messages.wait()
        assert says in answer.text


@pytest.fixture
async def bot(installed: Installation, linked: Linked) -> AsyncIterator[Bot]:
    name = installed.add_bot(ROOT / "bots" / "table-booking")
    with installed.client() as api:
        body = {"name": linked.number.home.name, "channel": "linked_device", "bot": name, "settings": AT_ONCE}
        number = api.post("/numbers", body)["id"]
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as live:
        environment = {
            **linked.number.redirected.environment,
            "HTTPS_PROXY": NOWHERE,
            "HTTP_PROXY": NOWHERE,
            "CHATLOOM_SESSIONS_LIVE": live,
        }
        yield Bot(installed, linked, number, environment)
        await asyncio.to_thread(installed.end_numbers)
    with installed.client() as api:
        api.delete(f"/numbers/{number}", sure=True)


async def book(bot: Bot, phone: Phone) -> None:
    """A whole conversation of the sample bot."""
    await bot.ask(phone, "good evening", says="1. Book a table")
    await bot.ask(phone, "1", says="For which day")
    await bot.ask(phone, "tomorrow", says="At what time")
    await bot.ask(phone, "20:00", says="How many of you")
    await bot.ask(phone, "4", says="In which name")
    await bot.ask(phone, "Anna Rossi", says="Thank you, Anna Rossi")
    await bot.ask(phone, "a high chair", says="A table for 4")
    await bot.ask(phone, "1", says="Booked.")


async def test_a_bot_on_a_linked_number_from_the_code_to_the_booked_table(bot: Bot) -> None:
    ada = bot.linked.contact
    async with bot.process() as process:
        await bot.link(bot.linked.owner)
        await book(bot, ada)
        process.terminate()
        assert await asyncio.to_thread(process.wait, 20) == 0
    ada.send(OWNER, "another table")
    async with bot.process():
        assert "1. Book a table" in (await ada.messages.wait()).text
        delivered = "SELECT count(*) = 9 FROM messages WHERE number_id = %s AND status = 'delivered'"
        await bot.installed.until(delivered, bot.id)
    assert ada.unread.all == []
    assert bot.linked.whatsapp.refusals.all == []


async def test_the_owner_takes_over_on_the_phone(bot: Bot) -> None:
    ada = bot.linked.contact
    async with bot.process():
        await bot.link(bot.linked.owner)
        await bot.ask(ada, "good evening", says="1. Book a table")
        bot.linked.owner.send(ada.account.number, "This is Luca himself")
        assert (await ada.messages.wait()).text == "This is Luca himself"
        owners = "SELECT count(*) = 2 FROM messages WHERE number_id = %s AND direction = 'out'"
        await bot.installed.until(owners, bot.id)
        ada.send(OWNER, "1")
        await bot.installed.until(
            "SELECT count(*) = 2 FROM messages WHERE number_id = %s AND direction = 'in'", bot.id
        )
        await bot.installed.until("SELECT count(*) = 0 FROM outbox WHERE number_id = %s", bot.id)
        assert [one.text for one in ada.messages.all][-1] == "This is Luca himself"
