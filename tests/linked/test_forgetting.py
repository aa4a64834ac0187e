"""A contact who is erased is forgotten by the linked phone's session too, and is somebody new when he writes again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from keys.master import load_master_keys
from sessions.vault.generations import found, restored
from tests.installation import Installation
from tests.linked.conftest import Linked
from tests.linked.test_number import SAY, Bot, served
from tests.stack.stage import write_bot
from tests.until import until
from tests.whatsapp.phones import Phone

pytestmark = pytest.mark.anyio

NAME, DIGITS = "Zebedea Canarina", "393339876512"


@pytest.fixture
async def parrot(installed: Installation, linked: Linked, tmp_path: Path) -> AsyncIterator[Bot]:
    async with served(installed, linked, write_bot(tmp_path, "parrot", SAY)) as bot:
        yield bot


def remembered(bot: Bot, canary: Phone) -> set[str]:
    """What the sealed session, opened, holds of a contact."""
    home = bot.installed.home
    masters = load_master_keys(home, {}, create=False)
    [folder] = home.rglob(f"sessions/{bot.id}")
    image = restored(found(folder)[0], masters).image
    return {one for one in (NAME, DIGITS, canary.account.lid) if one.encode() in image}


async def pending(bot: Bot, contact: str) -> list[str]:
    def look() -> list[str]:
        with bot.installed.client() as api:
            return api.get(f"/erasures/{contact}")["pending"]

    return await asyncio.to_thread(look)


async def until_forgotten(bot: Bot, contact: str) -> None:
    async def forgotten() -> bool:
        return await pending(bot, contact) == []

    await until(forgotten)


async def erase(bot: Bot) -> str:
    """Order it for whoever talks with the number."""
    known = "SELECT c.id FROM contacts c JOIN conversations t ON t.contact_id = c.id WHERE t.number_id = %s"
    ((contact,),) = await bot.installed.rows(known, bot.id)

    def order() -> None:
        with bot.installed.client() as api:
            api.delete(f"/contacts/{contact}", sure=True)

    await asyncio.to_thread(order)
    return str(contact)


@pytest.mark.drill  # four starts of a number
async def test_a_session_forgets_who_is_erased(parrot: Bot) -> None:
    canary = parrot.linked.whatsapp.phone(DIGITS, NAME)
    async with parrot.process():
        await parrot.link(parrot.linked.owner)
        await parrot.ask(canary, "one", says="You said: one")
    assert remembered(parrot, canary) == {NAME, DIGITS, canary.account.lid}, "else the search sees nothing"

    first = await erase(parrot)  # the number is stopped: its session forgets at the next start
    assert await pending(parrot, first) == [parrot.linked.number.home.name]
    async with parrot.process():
        await until_forgotten(parrot, first)
    assert remembered(parrot, canary) == set()

    async with parrot.process():
        await parrot.ask(canary, "two", says="You said: two")
        second = await erase(parrot)  # one that runs forgets at once
        assert second != first, "he is somebody new"
        await until_forgotten(parrot, second)
        await parrot.ask(parrot.linked.contact, "hello", says="You said: hello")
    assert remembered(parrot, canary) == set()
    assert parrot.linked.whatsapp.refusals.all == []
