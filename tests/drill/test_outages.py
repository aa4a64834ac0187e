"""What goes wrong around Chatloom: repeated webhooks, a Graph API that fails, a database that is away."""

import asyncio
import time
from typing import Any

import orjson
import pytest

from tests.drill.house import PATIENCE_S, beside, house
from tests.installation import Installation
from tests.webhooks import envelope, inbound_text


def test_repeated_webhooks_are_answered_once_and_close_ones_both(installed: Installation) -> None:
    async def drill() -> None:
        async with house(installed) as here:
            await here.start()
            at = int(time.time())
            same = inbound_text(here.meta.account, "390000000001", "same bytes", "wamid.same", at=at)
            assert await asyncio.gather(*(here.meta.post(same) for _ in range(5))) == [200] * 5
            await here.stub.until(lambda: len(here.stub.taken) == 1, PATIENCE_S)
            assert await here.meta.post(same) == 200

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
            assert (
                await here.meta.post(orjson.dumps(envelope(here.meta.account, messages=[again, other])))
                == 200
            )
            await here.stub.until(lambda: len(here.stub.taken) == 2, PATIENCE_S)

            one = inbound_text(here.meta.account, "390000000003", "one", "wamid.one", at=at)
            two = inbound_text(here.meta.account, "390000000003", "two", "wamid.two", at=at)
            first = asyncio.create_task(here.meta.post(one))
            await asyncio.sleep(0.005)  # not to wait for something: how far apart the two are written
            assert await here.meta.post(two) == 200
            assert await first == 200
            await here.stub.until(lambda: len(here.stub.taken) == 4, PATIENCE_S)
            here.meta.accepted += [("390000000001", "same bytes"), ("390000000002", "in another batch")]
            here.meta.accepted += [("390000000003", "one"), ("390000000003", "two")]
            await here.check_all_answered_once()

    asyncio.run(drill())


@pytest.mark.parametrize("lines", [10, pytest.param(200, marks=pytest.mark.drill)])
def test_no_reply_is_lost_when_the_channel_fails_now_and_then(lines: int, installed: Installation) -> None:
    async def drill() -> None:
        async with house(installed, settle_after_s=1, fraction_500=0.05) as here:
            await here.start()
            await here.meta.chat(20, asyncio.Event(), most_lines=lines)
            await here.stub.until(lambda: len(here.stub.taken) >= len(here.meta.accepted), PATIENCE_S)
            await here.check_all_answered_once()
            assert here.stub.refused > 0

    asyncio.run(drill())


def test_while_the_database_is_away_the_door_says_so_and_then_all_goes_on(installed: Installation) -> None:
    async def drill() -> None:
        async with house(installed) as here:
            await here.start()
            enough = asyncio.Event()
            async with beside(here.meta.chat(10, enough), enough.set):
                await here.until_taken(100)
                await asyncio.to_thread(installed.stop_postgres)
                body = inbound_text(
                    here.meta.account, "390000000099", "away", "wamid.away", at=int(time.time())
                )
                assert await here.meta.post(body) == 503
                await asyncio.to_thread(installed.start_postgres)
                await here.meta.say("390000000098", "back")
                await here.stub.until(lambda: "390000000098" in here.replies(), PATIENCE_S)
            await here.check_all_answered_once()

    asyncio.run(drill())
