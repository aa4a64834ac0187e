"""Several numbers in one process: they share commits, looks and the watch over leases, but no faults."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb

from runtime.engine import Engine
from runtime.premises import Premises, PremisesFell, premises
from runtime.process import Ending, serve_number
from store import inbox, notify
from store.custom_actions import Declared
from store.numbers import Pushed
from store.pool import Database, pool
from tests.runtime.house import ECHO, Channel, House, advance, furnish, stays
from tests.until import PATIENCE_S, until

MANY = 5
ROUNDS = 10


@pytest.fixture
def street(runtime_url: str, tmp_path: Path) -> list[House]:
    """Houses that stand on one database, each a workspace with a number."""
    return [furnish(runtime_url, tmp_path) for _ in range(MANY)]


@asynccontextmanager
async def inhabited(
    houses: Sequence[House], engine: Engine = ECHO, **settings: object
) -> AsyncGenerator[tuple[Premises, list[Channel], list[asyncio.Task[Ending]]]]:
    """One process that serves them all."""
    channels = [Channel() for _ in houses]
    stop = asyncio.Event()
    async with premises(houses[0].settings(**settings)) as here:
        serving = [
            asyncio.create_task(
                serve_number(
                    house.settings(**settings),
                    house.masters,
                    house.number_id,
                    engine,
                    here,
                    stop,
                    channel.driver,
                )
            )
            for house, channel in zip(houses, channels, strict=True)
        ]
        try:
            yield here, channels, serving
        finally:
            stop.set()
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*serving)


async def hear(houses: Sequence[House], *texts: str, wake: bool = True) -> None:
    """Somebody says these to each number, as one POST brings them."""
    async with pool(Database(houses[0].url)) as connections:
        messages = [(house.place, house.message("1", text)) for text in texts for house in houses]
        await inbox.accept(connections, {house.workspace_id: house.sealer for house in houses}, messages)
        if wake:
            async with connections.connection() as conn:
                await notify.notify(conn, [notify.channel(house.number_id) for house in houses])


async def until_said(channels: Sequence[Channel], count: int) -> None:
    for channel in channels:
        await channel.until(lambda channel=channel: len(channel.sent) >= count)


async def _shared(street: list[House]) -> None:
    async with inhabited(street) as (_, channels, _):
        for said in range(ROUNDS):
            await hear(street, f"line {said}")
            await until_said(channels, said + 1)
        for channel in channels:
            assert channel.texts() == [f"{said + 1}:line {said}" for said in range(ROUNDS)]
    (found,) = await street[0].rows(
        "SELECT count(*), count(DISTINCT xmin::text) FROM events WHERE number_id = ANY(%s)",
        [house.number_id for house in street],
    )
    events, commits = found
    assert events == MANY * ROUNDS
    assert commits <= events / 2


def test_numbers_of_a_process_share_commits(street: list[House]) -> None:
    asyncio.run(_shared(street))


def publish(house: House, version: int, files: Mapping[str, str]) -> None:
    house.write(
        "INSERT INTO bot_versions (bot_id, version, workspace_id, hash, files) VALUES (%s, %s, %s, %s, %s)",
        house.bot_id,
        version,
        house.workspace_id,
        f"h{version}",
        Jsonb(files),
    )
    house.write("UPDATE bots SET published_version = %s WHERE id = %s", version, house.bot_id)


async def _told(street: list[House]) -> None:
    made: list[str] = []

    def compile(pushed: Pushed, version: int, declared: Sequence[Declared]) -> int:
        made.append(pushed.files.get("bot.yaml", ""))
        return version

    async with inhabited(street[:3], Engine(compile, advance, stays)) as (_, channels, _):
        await hear(street[:3], "a")
        await until_said(channels, 1)
        for house, about in zip(street, ("number_id", "bot_id", "workspace_id"), strict=False):
            publish(house, 2, {"bot.yaml": about})
            house.write("SELECT pg_notify(%s, %s)", notify.NUMBERS, str(getattr(house, about)))
            await until(lambda about=about: about in made)
        for house in street[:2]:
            publish(house, 3, {"bot.yaml": "new"})
        street[0].write("SELECT pg_notify(%s, '')", notify.NUMBERS)
        await until(lambda: made.count("new") == 2)


def test_a_number_looks_at_its_row_when_it_its_bot_or_its_workspace_has_changed(street: list[House]) -> None:
    asyncio.run(_told(street))


async def _poisoned(street: list[House], poison: str) -> None:
    async with inhabited(street) as (_, channels, _):
        await hear(street, "a")
        await until_said(channels, 1)
        sick, *well = street
        texts = [poison if house is sick else "b" for house in street]
        async with pool(Database(sick.url)) as connections:
            messages = [(one.place, one.message("1", text)) for one, text in zip(street, texts, strict=True)]
            messages += [(one.place, one.message("1", "c")) for one in street]
            await inbox.accept(connections, {one.workspace_id: one.sealer for one in street}, messages)
            async with connections.connection() as conn:
                await notify.notify(conn, [notify.channel(one.number_id) for one in street])
        await until_said(channels[:1], 2)
        await until_said(channels[1:], 3)
        assert channels[0].texts() == ["1:a", "2:c"]
        assert all(channel.texts() == ["1:a", "2:b", "3:c"] for channel in channels[1:])
    kept = await sick.rows(
        "SELECT number_id FROM quarantine WHERE workspace_id = ANY(%s)", [one.workspace_id for one in street]
    )
    assert kept == [(sick.number_id,)]
    assert len(well) == MANY - 1


@pytest.mark.parametrize("poison", ["surrogate", "nul", "huge", "boom"])
def test_what_one_number_cannot_store_is_its_own_trouble(street: list[House], poison: str) -> None:
    asyncio.run(_poisoned(street, poison))


async def _robbed(street: list[House]) -> None:
    async with inhabited(street, renew_s=0.2) as (_, channels, serving):
        await hear(street, "a")
        await until_said(channels, 1)
        await street[0].rows(
            "UPDATE leases SET epoch = epoch + 1 WHERE number_id = %s RETURNING 1", street[0].number_id
        )
        await hear(street, "b")
        assert await asyncio.wait_for(serving[0], PATIENCE_S) is Ending.LEASE_LOST
        await until_said(channels[1:], 2)
        assert channels[0].texts() == ["1:a"]
        assert not any(task.done() for task in serving[1:])


def test_a_lost_lease_ends_one_number_and_the_others_go_on(street: list[House]) -> None:
    asyncio.run(_robbed(street))


async def _unheard(street: list[House]) -> None:
    async with inhabited(street) as (_, channels, _):
        await hear(street, "a")
        await until_said(channels, 1)
        await hear(street[1:3], "b", wake=False)
        await until_said(channels[1:3], 2)
        for house, channel in zip(street, channels, strict=True):
            await house.report(f"p:{channel.sent[-1][2]}", "delivered")
        for house in street:
            await house.until(f"SELECT count(*) FROM receipts WHERE number_id = '{house.number_id}'", 0)
    last = await street[0].rows(
        "SELECT count(*) FROM messages WHERE number_id = ANY(%s) AND status = 'delivered'",
        [house.number_id for house in street],
    )
    assert last == [(MANY,)]


def test_what_nobody_tells_of_is_found_by_the_keepers_look(street: list[House]) -> None:
    asyncio.run(_unheard(street))


async def _later(street: list[House]) -> None:
    """Numbers come to the process, and leave it, while others are served."""
    first, second = street[:2]
    async with inhabited([first]) as (here, (channel,), _):
        await hear([first], "a")
        await until_said([channel], 1)
        late, stop = Channel(), asyncio.Event()
        serving = asyncio.create_task(
            serve_number(second.settings(), second.masters, second.number_id, ECHO, here, stop, late.driver)
        )
        await hear([first, second], "b")
        await until_said([channel], 2)
        await until_said([late], 1)
        stop.set()
        assert await asyncio.wait_for(serving, PATIENCE_S) is Ending.STOPPED
        await hear([first, second], "c")
        await until_said([channel], 3)
        assert late.texts() == ["1:b"]


def test_a_part_that_ends_ends_the_process_loudly(
    street: list[House], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr("runtime.clerk.Clerk.run", breaks)

    async def serve() -> None:
        async with premises(street[0].settings()):
            await asyncio.Event().wait()

    with pytest.raises(PremisesFell, match="ValueError"):
        asyncio.run(serve())
    assert "a part that all numbers of this process share has ended" in caplog.text


def test_numbers_come_and_leave_while_others_are_served(street: list[House]) -> None:
    asyncio.run(_later(street))
