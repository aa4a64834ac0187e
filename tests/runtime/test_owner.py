"""Who owns a number: one process at a time, through stops, kills and outages of the database."""

import asyncio
import json
import random
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import ValidationError

from runtime.process import Ending, run_number
from sessions.settings import ChannelSettings
from store import leases
from store.pool import Database, connect
from tests.runtime.house import ECHO, Channel, House
from tests.until import PATIENCE_S, until

SHORT = {"lease_s": 1.2, "renew_s": 0.2}


class Unfit(ChannelSettings):
    needed: int


async def start(house: House, sent: Path, send_s: float = 0.0, **settings: Any) -> Process:
    key = house.masters.current
    given = {
        "url": house.url,
        "home": str(house.home),
        "number": str(house.number_id),
        "key_id": key,
        "key": house.masters.current_key.hex(),
        "sent": str(sent),
        "send_s": send_s,
        "settings": settings,
        "capabilities": {"own_message_id": True},
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.runtime.process_of_a_number",
        json.dumps(given),
        stdout=PIPE,
        stderr=DEVNULL,
    )


async def until_owner(house: House, epoch: int) -> None:
    await house.until(f"SELECT epoch FROM leases WHERE number_id = '{house.number_id}'", epoch)


async def until_quiet(house: House) -> None:
    await house.until(
        f"SELECT (SELECT count(*) FROM inbox WHERE number_id = '{house.number_id}' AND done_at IS NULL)"
        f" + (SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}')",
        0,
        40,
    )


def read(sent: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sent.read_text().splitlines()] if sent.exists() else []


async def _second_waits(house: House) -> None:
    first, second = Channel(), Channel()
    async with house.serve(second) as waiting:
        async with house.serve(first):
            await house.until(f"SELECT state FROM numbers WHERE id = '{house.number_id}'", "online")
            await until(lambda: first.on_message is not None or second.on_message is not None)
            owner = first if first.on_message else second
            other = second if owner is first else first
            await house.hear(("1", "a"))
            await owner.until(lambda: len(owner.sent) == 1)
            assert other.sent == []
        assert not waiting.done()
        await house.hear(("1", "b"))
        await second.until(lambda: "2:b" in second.texts())
    assert sorted(first.texts() + second.texts()) == ["1:a", "2:b"]


def test_a_second_process_waits_for_the_lease(house: House) -> None:
    asyncio.run(_second_waits(house))


async def _taken_at_once(house: House) -> None:
    """Ten processes ask at the same moment, first for a new number, then for one whose lease has run out."""
    async with AsyncExitStack() as stack:
        database = Database(house.url)
        asking = [await stack.enter_async_context(await connect(database)) for _ in range(10)]
        for epoch in range(1, 6):
            taken = await asyncio.gather(
                *(
                    leases.acquire(conn, house.number_id, house.workspace_id, 0, f"owner {place}", 60)
                    for place, conn in enumerate(asking)
                )
            )
            (lease,) = [one for one in taken if one is not None]
            assert lease.epoch == epoch
            await leases.release(asking[0], lease)
            late = await leases.renew(asking[0], [lease], 60)
            assert late == set(), "a renewal that was under way does not take back what was given back"


@pytest.mark.parametrize("_again", range(3))
def test_of_many_that_ask_at_once_one_gets_the_lease(any_house: House, _again: int) -> None:
    asyncio.run(_taken_at_once(any_house))


async def _loses(house: House) -> None:
    channel = Channel()
    async with house.serve(channel, renew_s=0.2) as task:
        await house.hear(("1", "a"))
        await channel.until(lambda: len(channel.sent) == 1)
        await house.rows(
            "UPDATE leases SET epoch = epoch + 1 WHERE number_id = %s RETURNING 1", house.number_id
        )
        await house.hear(("1", "b"))
        assert await asyncio.wait_for(task, 5) is Ending.LEASE_LOST
    assert channel.texts() == ["1:a"]
    waiting = await house.rows(
        "SELECT 1 FROM inbox WHERE number_id = %s AND done_at IS NULL", house.number_id
    )
    assert len(waiting) == 1


def test_a_lost_lease_ends_it_and_nothing_is_committed(house: House) -> None:
    asyncio.run(_loses(house))


async def _stopped(house: House, tmp_path: Path) -> None:
    """A process that sleeps longer than its lease wakes up as nobody: it commits and sends nothing."""
    first = await start(house, tmp_path / "first", **SHORT)
    await until_owner(house, 1)
    await house.hear(("1", "a"))
    await until_quiet(house)
    first.send_signal(signal.SIGSTOP)
    await house.hear(*((str(n % 5), f"b{n}") for n in range(50)))
    second = await start(house, tmp_path / "second", **SHORT)
    await until_owner(house, 2)
    before = len(read(tmp_path / "first"))
    first.send_signal(signal.SIGCONT)
    out, _ = await asyncio.wait_for(first.communicate(), PATIENCE_S)
    assert out.decode().strip() == "lease_lost"
    await until_quiet(house)
    assert len(read(tmp_path / "first")) == before
    assert len(read(tmp_path / "second")) == 50
    second.terminate()
    out, _ = await asyncio.wait_for(second.communicate(), PATIENCE_S)
    assert out.decode().strip() == "stopped"


def test_a_stopped_owner_has_nothing_to_say_when_it_wakes(house: House, tmp_path: Path) -> None:
    asyncio.run(_stopped(house, tmp_path))


async def _killed(house: House, tmp_path: Path, kills: int, lines: int) -> None:
    sent = tmp_path / "sent"
    rng = random.Random(7)
    said = defaultdict(list)
    for round_ in range(kills + 1):
        process = await start(house, sent, 0.005, **SHORT)
        batch = [(str(rng.randrange(20)), f"r{round_}n{n}") for n in range(lines)]
        for phone, text in batch:
            said[phone].append(text)
        await until_owner(house, round_ + 1)
        await house.hear(*batch)
        if round_ < kills:
            goal = len(read(sent)) + rng.randrange(1, lines)
            await until(lambda goal=goal: len(read(sent)) >= goal, 20)
            process.kill()
            await process.communicate()
    await until_quiet(house)
    process.terminate()
    await asyncio.wait_for(process.communicate(), 20)
    first_of: dict[str, dict[str, Any]] = {}
    for line in read(sent):
        assert first_of.setdefault(line["id"], line)["text"] == line["text"]  # again only under the same id
    heard = defaultdict(list)
    for line in first_of.values():
        heard[line["to"]].append(line["text"])
    assert heard == {
        phone: [f"{n}:{text}" for n, text in enumerate(texts, 1)] for phone, texts in said.items()
    }
    again = Counter(line["id"] for line in read(sent))
    assert sum(again.values()) - len(again) <= 512 * kills


def test_a_kill_in_the_middle_loses_and_doubles_nothing(any_house: House, tmp_path: Path) -> None:
    asyncio.run(_killed(any_house, tmp_path, 1, 400))


@pytest.mark.drill
def test_many_kills(house: House, tmp_path: Path) -> None:
    asyncio.run(_killed(house, tmp_path, 12, 1500))


async def _outage(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The database breaks all connections in the middle, and refuses new ones for a while."""
    channel = Channel()
    caplog.set_level("INFO", "runtime.keeper")

    def refused(level: str = "") -> int:
        said = [one for one in caplog.records if "cannot be renewed" in one.message]
        return sum(not level or one.levelname == level for one in said)

    database = psycopg.conninfo.conninfo_to_dict(house.url)["dbname"]
    admin = psycopg.conninfo.make_conninfo(house.url, dbname="postgres", options="")
    async with house.serve(channel, lease_s=30.0):
        await house.hear(*((str(n % 9), f"a{n}") for n in range(300)))
        await channel.until(lambda: len(channel.sent) > 20)
        async with await psycopg.AsyncConnection.connect(admin, autocommit=True) as db:
            await db.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
            try:
                await db.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,)
                )
                await until(lambda: refused() >= 2)  # noticed, and turned away once at least
            finally:
                await db.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true')
        await house.hear(*((str(n % 9), f"b{n}") for n in range(90)))
        await channel.until(lambda: len(channel.sent) == 390, 25)
        await until_quiet(house)
    assert refused("WARNING") == 1, "once, and again each minute"
    for phone in map(str, range(9)):
        texts = [f"a{n}" for n in range(300) if str(n % 9) == phone] + [
            f"b{n}" for n in range(90) if str(n % 9) == phone
        ]
        assert channel.texts(phone) == [f"{n}:{text}" for n, text in enumerate(texts, 1)]


def test_an_outage_of_the_database_is_waited_out(house: House, caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(_outage(house, caplog))


async def _unfit(house: House) -> None:
    """Its channel's settings are not what this version knows, as after an update."""
    channel = Channel()
    channel.settings_model = Unfit
    stop = asyncio.Event()
    with pytest.raises(ValidationError):
        await run_number(
            house.settings(lease_s=60.0), house.masters, house.number_id, ECHO, stop, channel.driver
        )
    ((held,),) = await house.rows(
        "SELECT expires_at > clock_timestamp() FROM leases WHERE number_id = %s", house.number_id
    )
    assert not held


def test_who_cannot_begin_leaves_the_number_free(house: House) -> None:
    asyncio.run(_unfit(house))
