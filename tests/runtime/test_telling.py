"""What a number tells webhook endpoints, in the transaction of what it tells; and that it writes nothing for nobody."""

import asyncio
from dataclasses import replace
from typing import Any

import psycopg
from aiohttp import web

from flows.state import State
from flows.turn import Turn, View
from keys.signing import new_secret
from runtime.engine import Engine
from schemas.effects import EndRun, HandOff, Say, StartRun
from schemas.events import Event, Received
from schemas.ids import derived_id, new_event_id
from schemas.messages import Text
from tests.receiver import deliver, receiver
from tests.runtime.house import Channel, House, stays

ALL = ["message.received", "run.started", "run.ended", "run.handed_off", "number.state"]


def advance(compiled: Any, state: State, event: Event, view: View) -> Turn:
    """Each message is a run of its own, with a hand-over and something collected."""
    if not isinstance(event, Received):
        return Turn(state, (), view)
    run = derived_id(event.id, "run")
    text = event.message.content.text if isinstance(event.message.content, Text) else ""
    return Turn(
        replace(state, run=None),
        (
            StartRun(run, "talk", compiled, "any"),
            HandOff("sales", "wants to talk", step="talk.hand"),
            Say(Text("done"), id=derived_id(event.id, 0), step="talk.say"),
            EndRun(run, "talk", "done", "sold", data={"said": text}),
        ),
        view,
    )


TELLS = Engine(lambda files, version, declared: version, advance, stays)


async def endpoint(house: House, owner_url: str, url: str, types: list[str], **only: Any) -> str:
    """An endpoint of the house's workspace; its secret."""
    key, secret = new_event_id(), new_secret()
    sealed = house.sealer.seal("webhook_endpoints", "secret", key.bytes, secret.encode())
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as db:
        await db.execute(
            "INSERT INTO webhook_endpoints (id, workspace_id, name, url, secret, types, numbers, bots, made_by)"
            " VALUES (%s, %s, 'x', %s, %s, %s, %s, %s, 'me')",
            (key, house.workspace_id, url, sealed, types, only.get("numbers", []), only.get("bots", [])),
        )
        await db.execute("SELECT pg_notify('chatloom_numbers', '')")
    return secret


def test_what_happens_is_told_in_order(house: House, runtime_url: str) -> None:
    channel = Channel()

    async def scene() -> None:
        async with receiver() as there:
            secret = await endpoint(house, runtime_url, there.url, ALL)
            async with house.serve(channel, TELLS):
                await house.hear(("39071", "hello"))
                await channel.until(lambda: len(channel.texts()) == 1)
            await deliver(runtime_url, house.masters)
            said = there.verified(secret)
        states = [one["data"]["state"] for one in said if one["type"] == "number.state"]
        assert states == ["online", "stopped"]
        talk = [one for one in said if one["type"] != "number.state"]
        assert [one["type"] for one in talk] == ALL[:2] + ["run.handed_off", "run.ended"]
        received, started, handed, ended = (one["data"] for one in talk)
        assert received["message"]["content"]["text"] == "hello"
        assert received["contact"]["identities"] == [{"kind": "phone", "value": "39071"}]
        assert started["run"]["id"] == ended["run"]["id"]
        assert (handed["team"], handed["note"]) == ("sales", "wants to talk")
        assert (ended["run"]["how"], ended["run"]["data"]) == ("done", {"said": "hello"})
        assert len({one["conversation"] for one in (received, started, handed, ended)}) == 1

    asyncio.run(scene())


def test_only_what_is_wanted_is_written(house: House, runtime_url: str) -> None:
    channel = Channel()

    async def scene() -> None:
        bots = [house.bot_id]
        await endpoint(house, runtime_url, "https://example.com", ["run.ended"], bots=[new_event_id()])
        await endpoint(house, runtime_url, "https://example.com", ["message.received"], bots=bots)
        await endpoint(house, runtime_url, "https://example.com", ALL, numbers=[new_event_id()])
        async with house.serve(channel, TELLS):
            await house.hear(("39072", "hello"))
            await channel.until(lambda: len(channel.texts()) == 1)
        rows = await house.rows("SELECT type FROM webhook_events WHERE workspace_id = %s", house.workspace_id)
        assert rows == [("message.received",)]

    asyncio.run(scene())


def test_one_conversation_waits_for_itself_alone(house: House, runtime_url: str) -> None:
    channel = Channel()

    async def scene() -> None:
        async with receiver() as there:

            async def refuses_ana(request: web.Request) -> web.StreamResponse:
                return web.Response(status=500 if b"39073" in await request.read() else 204)

            good, there.answer = there.answer, refuses_ana
            secret = await endpoint(house, runtime_url, there.url, ["message.received"])
            async with house.serve(channel, TELLS):
                await house.hear(("39073", "one"), ("39074", "other"), ("39073", "two"))
                await channel.until(lambda: len(channel.texts()) == 3)
            await deliver(runtime_url, house.masters)
            texts = [one["data"]["message"]["content"]["text"] for one in there.verified(secret)]
            assert sorted(texts) == ["one", "other"]
            there.answer = good
            await house.rows(
                "UPDATE webhook_deliveries SET due_at = now() WHERE workspace_id = %s RETURNING 1",
                house.workspace_id,
            )
            await deliver(runtime_url, house.masters)
            texts = [one["data"]["message"]["content"]["text"] for one in there.verified(secret)]
            assert texts[2:] == ["one", "two"]

    asyncio.run(scene())


def test_nobody_wants_it_nothing_is_asked(house: House) -> None:
    channel = Channel()

    async def scene() -> None:
        async with house.serve(channel, TELLS):
            await house.hear(("39075", "hello"))
            await channel.until(lambda: len(channel.texts()) == 1)
        assert (
            await house.rows("SELECT 1 FROM webhook_events WHERE workspace_id = %s", house.workspace_id) == []
        )

    asyncio.run(scene())


def test_what_becomes_of_messages_is_told(house: House, runtime_url: str) -> None:
    channel = Channel()

    async def scene() -> None:
        async with receiver() as there:
            secret = await endpoint(house, runtime_url, there.url, ["message.sent", "message.status"])
            async with house.serve(channel, TELLS):
                await house.hear(("39076", "hello"))
                await channel.until(lambda: len(channel.sent) == 1)
                sent = channel.sent[0][2]
                await house.until(f"SELECT status FROM messages WHERE id = '{sent}'", "sent")
                for _ in range(2):
                    await house.report(f"p:{sent}", "read")
                    await house.until(
                        f"SELECT count(*) FROM receipts WHERE number_id = '{house.number_id}'", 0
                    )
            await deliver(runtime_url, house.masters)
            said = there.verified(secret)
        assert [(one["type"], one["data"]["message"]["status"]) for one in said] == [
            ("message.sent", "sent"),
            ("message.status", "read"),
        ]
        assert {one["data"]["message"]["id"] for one in said} == {str(sent)}
        assert {one["data"]["message"]["provider_id"] for one in said} == {f"p:{sent}"}

    asyncio.run(scene())
