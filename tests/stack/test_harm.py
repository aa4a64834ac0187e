"""What goes wrong with one message costs that message, and people can see it."""

import asyncio
import json
import os
import signal
from pathlib import Path

import orjson
import pytest

from store.embedded_redis import start_redis
from tests.conftest import Stack
from tests.installation import Installation
from tests.stack.stage import Served, served, write_bot
from tests.webhooks import envelope

SAY = '{id: say, action: send, with: {text: "You said: {{ message.text }}"}, next: stop}'
DIVIDE = '{id: divide, action: send, with: {text: "{{ 10 / int(message.text) }}"}, next: stop}'


def test_a_flow_that_raises_ends_its_run_and_tells_the_contact(
    installed: Installation, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with served(installed, write_bot(tmp_path, "divide", DIVIDE)) as line:
            assert await line.ask("3901", "5") == ["2"]
            assert "something went wrong" in (await line.ask("3901", "0"))[-1]
            assert (await line.ask("3901", "2"))[-1] == "5"
            runs = await line.rows(
                "SELECT how, ended_at IS NOT NULL, error <> '' FROM runs WHERE number_id = %s ORDER BY started_at"
            )
            assert [(how, ended) for how, ended, _ in runs] == [
                ("done", True),
                ("failed", True),
                ("done", True),
            ]
            assert [error for _, _, error in runs] == [False, True, False]
            traces = await line.rows("SELECT trace FROM events WHERE number_id = %s AND kind = 'received'")
            assert len(traces) == 3
            assert all("divide" in json.dumps(trace) for (trace,) in traces)
            assert await line.rows("SELECT id FROM quarantine WHERE number_id = %s") == []

    asyncio.run(scene())


def _odd(account: str) -> dict[str, bytes]:
    """Bodies that hold one message which cannot be taken, each between two that can."""

    def body(name: str, at: str = "1767225600", text: str = "odd") -> dict[str, object]:
        return {
            "from": "3901",
            "id": f"wamid.{account}.{name}",
            "timestamp": at,
            "type": "text",
            "text": {"body": text},
        }

    def post(name: str, odd: dict[str, object]) -> bytes:
        kept = [body(f"{name}.{place}", text=f"{name} {place}") for place in ("before", "after")]
        contacts = [{"profile": {"name": "Ana"}, "wa_id": "3901"}]
        return orjson.dumps(envelope(account, messages=[kept[0], odd, kept[1]], contacts=contacts))

    return {
        "nul": post("nul", body("nul", text="a\0b")),
        "surrogate": post("surrogate", body("surrogate", text="HALF")).replace(b"HALF", b"\\ud800"),
        "huge": post("huge", body("huge", text="x" * (1 << 20))),
        "early": post("early", body("early", at="-1")),
        "late": post("late", body("late", at="99999999999999999999")),
        "wordy": post("wordy", body("wordy", at="yesterday")),
    }


@pytest.mark.parametrize("bare", [False, True], ids=["among others", "alone"])
def test_what_cannot_be_taken_is_kept_aside_alone(
    installed: Installation, tmp_path: Path, bare: bool
) -> None:
    async def scene() -> None:
        name = f"odd-{bare}".lower()
        async with served(installed, write_bot(tmp_path, name, SAY)) as line:
            odd = _odd(line.account)
            for body in odd.values():
                await line.post(_alone(body) if bare else body)
            if bare:
                assert await line.ask("3901", "fine") == ["You said: fine"]
            else:
                said = await line.heard("3901", 2 * len(odd))
                assert said == [f"You said: {kind} {place}" for kind in odd for place in ("before", "after")]
            await _in_quarantine(line, len(odd))

    asyncio.run(scene())


async def _in_quarantine(line: Served, count: int) -> None:
    rows = json.loads(line.installed.call("quarantine", "list", "--limit", "1000", "--json"))
    mine = [row for row in rows if row["number"] == line.number]
    assert len(mine) == count
    assert all(row["error"] and row.get("content") is None for row in mine)
    shown = json.loads(line.installed.call("quarantine", "show", mine[-1]["id"], "--content", "--json"))
    assert line.account in shown["content"]


def _alone(body: bytes) -> bytes:
    """The same POST without the messages around the odd one."""
    head, _, rest = body.partition(b'"messages":[')
    first, odd, last = rest.split(b'{"from":"3901"')[1:]
    assert first.endswith(b",")
    tail = last[last.index(b"]") :]
    return head + b'"messages":[{"from":"3901"' + odd.rstrip(b",") + tail


def test_messages_flow_while_redis_is_dead(stack: Stack, tmp_path: Path) -> None:
    async def scene() -> None:
        async with served(stack.installed, write_bot(tmp_path, "no-redis", SAY)) as line:
            assert await line.ask("3901", "before") == ["You said: before"]
            assert stack.redis.pid is not None
            os.kill(stack.redis.pid, signal.SIGKILL)
            for place in range(20):
                assert (await line.ask("3901", f"after {place}"))[-1] == f"You said: after {place}"
            with stack.installed.client() as api:
                assert api.get("/numbers")

    try:
        asyncio.run(scene())
    finally:
        stack.redis.stop()
        stack.redis = start_redis(stack.redis_home)
