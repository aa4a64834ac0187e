"""SIGKILL under load: what was accepted is answered once, in order, and nothing is stuck."""

import asyncio
import os
import random
import signal

import pytest

from cli.number_process import FAILED
from tests.drill.house import NOTING, PATIENCE_S, beside, counted_doubles, first_of_each, house
from tests.installation import Installation
from tests.until import until

SHORT = pytest.param(("number", "server"), id="short")
LONG = pytest.param(
    tuple(random.Random(7).choice(("number", "number", "server")) for _ in range(24)),
    id="long",
    marks=pytest.mark.drill,
)


@pytest.mark.parametrize("victims", [SHORT, LONG])
def test_killed_again_and_again(victims: tuple[str, ...], installed: Installation) -> None:
    chance = random.Random(len(victims))

    async def drill() -> None:
        async with house(installed, bot=NOTING) as here:
            process = await here.start()
            enough = asyncio.Event()
            async with beside(here.meta.chat(20, enough), enough.set):
                for victim in victims:
                    await here.until_taken(chance.randrange(50, 200))
                    if victim == "server":
                        assert installed.server is not None
                        installed.kill(installed.server)
                        await installed.start_server()
                    else:
                        installed.kill(process)
                        process = await here.start()
                await here.until_taken(50)
            await here.check_all_answered_once()
            for table in ("conversation_notes", "conversation_tasks"):
                kept = await installed.rows(f"SELECT count(*) FROM {table} WHERE number_id = %s", here.number)
                assert kept[0][0] == len(here.meta.accepted), table

    asyncio.run(drill())


@pytest.mark.parametrize("rounds", [1, pytest.param(3, marks=pytest.mark.drill)])
def test_the_database_is_killed(rounds: int, installed: Installation) -> None:
    async def drill() -> None:
        async with house(installed) as here:
            await here.start()
            enough = asyncio.Event()
            async with beside(here.meta.chat(20, enough), enough.set):
                for _ in range(rounds):
                    await here.until_taken(200)
                    await asyncio.to_thread(installed.kill_postgres)
                    await asyncio.to_thread(installed.start_postgres)
                await here.until_taken(200)
            await here.check_all_answered_once()

    asyncio.run(drill())


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.drill)])
def test_without_reports_only_open_sends_are_doubled_and_counted(
    rounds: int, installed: Installation
) -> None:
    async def drill() -> None:
        async with house(installed, settle_after_s=1, withhold_statuses=True) as here:
            process = await here.start()
            enough = asyncio.Event()
            counted = await counted_doubles(installed)
            in_doubt = 0
            async with beside(here.meta.chat(20, enough), enough.set):
                for _ in range(rounds):
                    await here.until_taken(100)
                    installed.kill(process)
                    rows = await installed.rows(
                        "SELECT count(*) FROM outbox WHERE state = 'sending' AND number_id = %s", here.number
                    )
                    in_doubt += rows[0][0]
                    process = await here.start()
            told = here.expected()
            await here.stub.until(
                lambda: sum(map(len, map(first_of_each, here.replies().values()))) >= len(here.meta.accepted),
                PATIENCE_S,
            )
            await here.settled()
            assert {to: first_of_each(lines) for to, lines in here.replies().items()} == told
            doubled = sum(times - 1 for times in here.stub.duplicates().values())
            assert doubled <= await counted_doubles(installed) - counted <= in_doubt

    asyncio.run(drill())


@pytest.mark.parametrize("rounds", [1, pytest.param(3, marks=pytest.mark.drill)])
def test_a_stopped_owner_commits_and_sends_nothing(rounds: int, installed: Installation) -> None:
    async def drill() -> None:
        async with house(installed) as here:
            process = await here.start()
            for _ in range(rounds):
                enough = asyncio.Event()
                async with beside(here.meta.chat(10, enough), enough.set):
                    await here.until_taken(50)
                    os.kill(process.pid, signal.SIGSTOP)
                    heir = await here.start()
                    await here.until_taken(50)
                    os.kill(process.pid, signal.SIGCONT)
                    assert await asyncio.to_thread(process.wait, PATIENCE_S) == FAILED
                    await here.until_taken(50)
                process = heir
            await here.check_all_answered_once()

    asyncio.run(drill())


def test_of_two_processes_one_works_and_the_other_waits(installed: Installation) -> None:
    async def drill() -> None:
        async with house(installed) as here:
            pair = [installed.start_number(here.number) for _ in range(2)]
            await installed.until_online([here.number])
            for line in range(5):
                await here.meta.say("390000000001", f"line {line}")
            await here.stub.until(lambda: len(here.stub.taken) == 5, PATIENCE_S)
            log = f"number-{here.number[-8:]}"
            await until(lambda: "is held by another process" in installed.log(log), PATIENCE_S)
            assert all(process.poll() is None for process in pair)
            assert await here.owners() == 1
            owner = (await installed.rows("SELECT owner FROM leases WHERE number_id = %s", here.number))[0][0]
            first = next(one for one in pair if str(one.pid) == owner.split(":")[1])
            first.terminate()
            assert await asyncio.to_thread(first.wait, PATIENCE_S) == 0
            await here.until_owned(1)
            await here.meta.say("390000000001", "line 5")
            await here.check_all_answered_once()

    asyncio.run(drill())
