"""Behind a transaction pooler that keeps no prepared statements, everything but LISTEN goes through it."""

import asyncio
from pathlib import Path

from store.roles import logging_in
from tests.installation import Installation, door_of
from tests.pooler import pooled
from tests.stack.stage import served, write_bot

SAY = '{id: say, action: send, with: {text: "First: {{ message.text }}"}}'
HEAR = "{id: hear, action: wait, with: {message: true}, timeout: 1h, then: {message: again, timeout: stop}}"
AGAIN = '{id: again, action: send, with: {text: "Then: {{ message.text }}"}, next: hear}'


def test_a_conversation_goes_through_a_pooler(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        with pooled(installed.home) as url:
            environment = {
                "DATABASE_URL": url,
                "DATABASE_DIRECT_URL": logging_in(installed.database),
                "DATABASE_PREPARE_THRESHOLD": "off",
            }
            server = await installed.start_another_server("pooled-server", environment)
            bot = write_bot(tmp_path, "pooled", SAY, HEAR, AGAIN)
            async with served(installed, bot, door=door_of(server), environment=environment) as line:
                assert await line.ask("3901", "a") == ["First: a"]
                assert (await line.ask("3901", "b"))[-1] == "Then: b"
                assert (await line.ask("3901", "c"))[-1] == "Then: c"
                await asyncio.gather(*(line.say(f"39{contact}", "all at once") for contact in range(10, 57)))
                await line.stub.until(lambda: len(line.stub.taken) == 50)
                await installed.until(
                    "SELECT count(*) = 50 FROM messages WHERE number_id = %s AND status = 'delivered'",
                    line.number,
                )

    asyncio.run(scene())
