"""SIGKILL under load: what was accepted is answered once, in order, and nothing is stuck."""

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from cli.number_process import FAILED
from store.child import wait_until
from tests.drill.house import (
    Meta,
    beside,
    counted_doubles,
    epoch,
    expected,
    first_of_each,
    house,
    replies,
    settled,
    until_owned,
)
from tests.graph import Graph
from tests.installation import Installation

SHORT = pytest.param(("number", "server"), id="short")
LONG = pytest.param(
    tuple(random.Random(7).choice(("number", "number", "server")) for _ in range(24)),
    id="long",
    marks=pytest.mark.drill,
)


async def check_all_answered_once(installed: Installation, stub: Graph, meta: Meta, number: str) -> None:
    """Every accepted line was answered, once and in order, and nothing waits."""
    told = expected(meta)
    await stub.until(lambda: len(stub.taken) >= len(meta.accepted), timeout_s=120)
    await settled(installed, number)
    assert replies(stub) == told


@pytest.mark.parametrize("victims", [SHORT, LONG])
def test_killed_again_and_again(victims: tuple[str, ...], tmp_path: Path) -> None:
    chance = random.Random(len(victims))

    async def drill() -> None:
        async with house(tmp_path) as (installed, stub, number), Meta(installed, stub) as meta:
            process = installed.start_number(number)
            await installed.until_online([number])
            enough = asyncio.Event()
            async with beside(meta.chat(20, enough), enough.set):
                for victim in victims:
                    more = len(stub.taken) + chance.randrange(50, 200)
                    await stub.until(lambda more=more: len(stub.taken) >= more, timeout_s=60)
                    if victim == "server":
                        assert installed.server is not None
                        installed.kill(installed.server)
                        await installed.start_server()
                    else:
                        owners = await epoch(installed, number)
                        installed.kill(process)
                        process = installed.start_number(number)
                        await until_owned(installed, number, owners)
                more = len(stub.taken) + 50
                await stub.until(lambda: len(stub.taken) >= more, timeout_s=60)
            await check_all_answered_once(installed, stub, meta, number)

    asyncio.run(drill())


@pytest.mark.parametrize("rounds", [1, pytest.param(3, marks=pytest.mark.drill)])
def test_the_database_is_killed(rounds: int, tmp_path: Path) -> None:
    async def drill() -> None:
        async with house(tmp_path) as (installed, stub, number), Meta(installed, stub) as meta:
            installed.start_number(number)
            await installed.until_online([number])
            enough = asyncio.Event()
            async with beside(meta.chat(20, enough), enough.set):
                for _ in range(rounds):
                    more = len(stub.taken) + 200
                    await stub.until(lambda more=more: len(stub.taken) >= more, timeout_s=60)
                    await asyncio.to_thread(installed.kill_postgres)
                    await asyncio.to_thread(installed.start_postgres)
                more = len(stub.taken) + 200
                await stub.until(lambda: len(stub.taken) >= more, timeout_s=60)
            await check_all_answered_once(installed, stub, meta, number)

    asyncio.run(drill())


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.drill)])
def test_without_reports_only_open_sends_are_doubled_and_counted(rounds: int, tmp_path: Path) -> None:
    async def drill() -> None:
        async with (
            house(tmp_path, settle_after_s=1, withhold_statuses=True) as (installed, stub, number),
            Meta(installed, stub) as meta,
        ):
            process = installed.start_number(number)
            await installed.until_online([number])
            enough = asyncio.Event()
            in_doubt = 0
            async with beside(meta.chat(20, enough), enough.set):
                for _ in range(rounds):
                    more = len(stub.taken) + 100
                    await stub.until(lambda more=more: len(stub.taken) >= more, timeout_s=60)
                    owners = await epoch(installed, number)
                    installed.kill(process)
                    rows = await installed.rows("SELECT count(*) FROM outbox WHERE state = 'sending'")
                    in_doubt += rows[0][0]
                    process = installed.start_number(number)
                    await until_owned(installed, number, owners)
            told = expected(meta)
            await stub.until(
                lambda: sum(map(len, map(first_of_each, replies(stub).values()))) >= len(meta.accepted), 120
            )
            await settled(installed, number)
            assert {to: first_of_each(lines) for to, lines in replies(stub).items()} == told
            doubled = sum(times - 1 for times in stub.duplicates().values())
            assert doubled <= await counted_doubles(installed) <= in_doubt

    asyncio.run(drill())


@pytest.mark.parametrize("rounds", [1, pytest.param(3, marks=pytest.mark.drill)])
def test_a_stopped_owner_commits_and_sends_nothing(rounds: int, tmp_path: Path) -> None:
    async def drill() -> None:
        async with house(tmp_path) as (installed, stub, number), Meta(installed, stub) as meta:
            process = installed.start_number(number)
            await installed.until_online([number])
            for _ in range(rounds):
                enough = asyncio.Event()
                async with beside(meta.chat(10, enough), enough.set):
                    more = len(stub.taken) + 50
                    await stub.until(lambda more=more: len(stub.taken) >= more, timeout_s=60)
                    owners = await epoch(installed, number)
                    os.kill(process.pid, signal.SIGSTOP)
                    heir = installed.start_number(number)
                    await until_owned(installed, number, owners)
                    more = len(stub.taken) + 50
                    await stub.until(lambda more=more: len(stub.taken) >= more, timeout_s=60)
                    os.kill(process.pid, signal.SIGCONT)
                    assert await asyncio.to_thread(process.wait, 30) == FAILED
                    more = len(stub.taken) + 50
                    await stub.until(lambda more=more: len(stub.taken) >= more, timeout_s=60)
                process = heir
            await check_all_answered_once(installed, stub, meta, number)

    asyncio.run(drill())


def test_of_two_processes_one_works_and_the_other_waits(tmp_path: Path) -> None:
    async def drill() -> None:
        async with house(tmp_path) as (installed, stub, number), Meta(installed, stub) as meta:
            pair = [installed.start_number(number) for _ in range(2)]
            await installed.until_online([number])
            for line in range(5):
                await meta.say("390000000001", f"line {line}")
            await stub.until(lambda: len(stub.taken) == 5)
            await asyncio.to_thread(
                _until_logged, installed, f"number-{number[-8:]}", "is held by another process"
            )
            assert all(process.poll() is None for process in pair)
            assert await epoch(installed, number) == 1
            owner = (await installed.rows("SELECT owner FROM leases WHERE number_id = %s", number))[0][0]
            first = next(one for one in pair if str(one.pid) == owner.split(":")[1])
            first.terminate()
            assert await asyncio.to_thread(first.wait, 30) == 0
            await until_owned(installed, number, 1)
            await meta.say("390000000001", "line 5")
            await check_all_answered_once(installed, stub, meta, number)

    asyncio.run(drill())


def _until_logged(installed: Installation, name: str, words: str) -> None:
    assert wait_until(lambda: words in installed.log(name), 30)
