"""What goes wrong around Chatloom: repeated webhooks, a Graph API that fails, a database that is away."""

import asyncio
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.drill.house import ACCOUNT, Meta, beside, house, replies
from tests.drill.test_kills import check_all_answered_once
from tests.webhooks import envelope, inbound_text


def test_repeated_webhooks_are_answered_once_and_close_ones_both(tmp_path: Path) -> None:
    async def drill() -> None:
        async with house(tmp_path) as (installed, stub, number), Meta(installed, stub) as meta:
            installed.start_number(number)
            await installed.until_online([number])
            at = int(time.time())
            same = inbound_text(ACCOUNT, "390000000001", "same bytes", "wamid.same", at=at)
            assert await asyncio.gather(*(meta.post(same) for _ in range(5))) == [200] * 5
            await stub.until(lambda: len(stub.taken) == 1)
            assert await meta.post(same) == 200

            again: dict[str, Any] = {
                "from": "390000000001",
                "id": "wamid.same",
                "timestamp": str(at),
                "type": "text",
            }
            again["text"] = {"body": "same bytes"}
            other: dict[str, Any] = {
                "from": "390000000002",
                "id": "wamid.other",
                "timestamp": str(at),
                "type": "text",
            }
            other["text"] = {"body": "in another batch"}
            assert await meta.post(orjson.dumps(envelope(ACCOUNT, messages=[again, other]))) == 200
            await stub.until(lambda: len(stub.taken) == 2)

            one = inbound_text(ACCOUNT, "390000000003", "one", "wamid.one", at=at)
            two = inbound_text(ACCOUNT, "390000000003", "two", "wamid.two", at=at)
            first = asyncio.create_task(meta.post(one))
            await asyncio.sleep(0.005)  # not to wait for something: how far apart the two are written
            assert await meta.post(two) == 200
            assert await first == 200
            await stub.until(lambda: len(stub.taken) == 4)
            meta.accepted += [("390000000001", "same bytes"), ("390000000002", "in another batch")]
            meta.accepted += [("390000000003", "one"), ("390000000003", "two")]
            await check_all_answered_once(installed, stub, meta, number)

    asyncio.run(drill())


@pytest.mark.parametrize("lines", [10, pytest.param(200, marks=pytest.mark.drill)])
def test_no_reply_is_lost_when_the_channel_fails_now_and_then(lines: int, tmp_path: Path) -> None:
    async def drill() -> None:
        async with (
            house(tmp_path, settle_after_s=1, fraction_500=0.05) as (installed, stub, number),
            Meta(installed, stub) as meta,
        ):
            installed.start_number(number)
            await installed.until_online([number])
            await meta.chat(20, asyncio.Event(), most_lines=lines)
            await stub.until(lambda: len(stub.taken) >= len(meta.accepted), timeout_s=300)
            await check_all_answered_once(installed, stub, meta, number)
            assert stub.refused > 0

    asyncio.run(drill())


def test_while_the_database_is_away_the_door_says_so_and_then_all_goes_on(tmp_path: Path) -> None:
    async def drill() -> None:
        async with house(tmp_path) as (installed, stub, number), Meta(installed, stub) as meta:
            installed.start_number(number)
            await installed.until_online([number])
            enough = asyncio.Event()
            async with beside(meta.chat(10, enough), enough.set):
                await stub.until(lambda: len(stub.taken) >= 100, timeout_s=60)
                await asyncio.to_thread(installed.stop_postgres)
                body = inbound_text(ACCOUNT, "390000000099", "away", "wamid.away", at=int(time.time()))
                assert await meta.post(body) == 503
                await asyncio.to_thread(installed.start_postgres)
                await meta.say("390000000098", "back")
                await stub.until(lambda: "390000000098" in replies(stub), timeout_s=60)
            await check_all_answered_once(installed, stub, meta, number)

    asyncio.run(drill())
