"""/metrics tells of a conversation: what came, what went, how long it took, what waits and what went wrong."""

import asyncio
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.graph import Fault
from tests.installation import Installation
from tests.stack.stage import Served, served, write_bot
from tests.until import until
from tests.webhooks import inbound_text

SAY = '{id: say, action: send, with: {text: "You said: {{ message.text }}"}}'
CALL = "{id: call, action: webhook, with: {url: 'https://localhost/x'}, timeout: 5s, then: {failed: hear, timeout: hear}}"
HEAR = "{id: hear, action: wait, with: {message: true}, timeout: 1h, then: {message: say, timeout: stop}}"

Read = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def _read(installed: Installation) -> Read:
    async with httpx.AsyncClient(trust_env=False) as client:
        page = (await client.get(f"{installed.url}/metrics")).text
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(page)
        for one in family.samples
    }


def _of(read: Read, name: str, **labels: str) -> float:
    return sum(
        value for (of, with_), value in read.items() if of == name and labels.items() <= dict(with_).items()
    )


async def _converse(line: Served) -> None:
    await line.ask("3901", "one")
    await line.ask("3901", "two")
    await line.say("3902", "dead")
    body = inbound_text(line.account, "3901", "forged", "wamid.forged")
    async with httpx.AsyncClient(trust_env=False) as client:
        forged = await client.post(
            line.installed.door, content=body, headers={"X-Hub-Signature-256": "sha256=00"}
        )
    assert forged.status_code in (401, 403)
    await line.post(inbound_text(line.account, "3901", "a\0b", f"wamid.nul.{line.account}"))
    await line.installed.until(
        "SELECT EXISTS (SELECT FROM outbox WHERE number_id = %s AND state = 'dead')"
        " AND EXISTS (SELECT FROM quarantine WHERE number_id = %s)"
        " AND (SELECT count(*) = 1 FROM runs WHERE number_id = %s AND ended_at IS NULL)",
        line.number, line.number, line.number,
    )  # fmt: skip


def test_metrics_tell_of_a_conversation(installed: Installation, tmp_path: Path) -> None:
    async def scene() -> None:
        bot = write_bot(tmp_path, "measured", SAY, CALL, HEAR)
        async with served(installed, bot, fault_for={"3902": Fault.of(500)}) as line:
            before = await _read(installed)
            await _converse(line)
            installed.call("bots", "publish", "measured", "1")  # whatever changes makes numbers measure again
            here = {"number": line.number}

            async def measured() -> bool:
                return _of(await _read(installed), "chatloom_outbox_dead", **here) == 1

            await until(measured)
            after = await _read(installed)

            def more(name: str, **labels: str) -> float:
                return _of(after, name, **labels) - _of(before, name, **labels)

            assert more("chatloom_messages_total", direction="in", channel="cloud_api") == 3
            assert more("chatloom_messages_total", direction="out", channel="cloud_api") == 2
            assert more("chatloom_turn_seconds_count") >= 3
            assert more("chatloom_send_seconds_count", channel="cloud_api") == 2
            assert more("chatloom_sends_total", how="sent") == 2
            assert more("chatloom_sends_total", how="unreachable") == 1
            assert more("chatloom_dead_letters_total", channel="cloud_api") == 1
            assert more("chatloom_action_seconds_count") >= 1
            assert more("chatloom_door_quarantined_total", channel="cloud_api") == 1
            assert more("chatloom_door_requests_total", result="not_signed") == 1
            assert _of(after, "chatloom_active_runs", **here) == 1
            assert _of(after, "chatloom_inbox_depth", **here) == 0
            assert _of(after, "chatloom_inbox_oldest_seconds", **here) == 0
            assert _of(after, "chatloom_outbox_depth", **here) == 0
            assert _of(after, "chatloom_outbox_oldest_seconds", **here) == 0
            assert _of(after, "chatloom_lease_held", **here) == 1

    asyncio.run(scene())
