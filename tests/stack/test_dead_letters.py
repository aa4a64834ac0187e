"""A message that could not be sent is kept, shown, and sent at once when a person says so."""

import asyncio
import json
import time
from pathlib import Path

from tests.graph import Fault
from tests.installation import Installation
from tests.stack.stage import served, write_bot

SAY = '{id: say, action: send, with: {text: "You said: {{ message.text }}"}, next: stop}'


def test_a_dead_letter_is_sent_again_at_once(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        bot = write_bot(tmp_path, "dead", SAY)
        async with served(installed, bot, fault_for={"3901": Fault.of(500)}) as line:
            await line.say("3901", "one")
            assert await line.ask("3902", "other") == ["You said: other"]
            dead = "SELECT count(*) = %s FROM outbox WHERE number_id = %s AND state = 'dead'"
            await installed.until(dead, 1, line.number)
            listed = json.loads(installed.call("dead-letters", "list", "--number", line.number, "--json"))
            assert [(row["number"], row["attempt"]) for row in listed] == [(line.number, 1)]
            assert listed[0]["error_code"]
            assert listed[0]["body"] is None
            shown = json.loads(installed.call("dead-letters", "show", listed[0]["message"], "--json"))
            assert shown["body"]["text"] == "You said: one"
            line.stub.fault_for = {}
            began = time.monotonic()
            installed.call("dead-letters", "retry", listed[0]["message"])
            assert await line.heard("3901", 1) == ["You said: one"]
            assert time.monotonic() - began < 10  # look_s is 30
            await installed.until(
                "SELECT NOT EXISTS (SELECT FROM outbox WHERE number_id = %s)"
                " AND EXISTS (SELECT FROM messages WHERE id = %s AND status = 'delivered' AND error = '')",
                line.number, listed[0]["message"],
            )  # fmt: skip

    asyncio.run(scene())


def test_one_that_fails_again_is_dead_again(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        bot = write_bot(tmp_path, "dead-again", SAY)
        async with served(installed, bot, fault=Fault.of(500)) as line:
            dead = "SELECT count(*) = %s FROM outbox WHERE number_id = %s AND state = 'dead'"
            for contact in ("3901", "3902"):
                await line.say(contact, "one")
            await installed.until(dead, 2, line.number)
            refused = line.stub.refused
            with installed.client() as api:
                assert api.post("/dead-letters/retry", {"number": line.number}) == {"retried": 2}
            await line.stub.until(lambda: line.stub.refused == refused + 2)
            await installed.until(dead, 2, line.number)
            line.stub.fault = None
            with installed.client() as api:
                assert api.post("/dead-letters/retry", {"number": line.number}) == {"retried": 2}
            await line.stub.until(lambda: len(line.stub.taken) == 2)

    asyncio.run(scene())
