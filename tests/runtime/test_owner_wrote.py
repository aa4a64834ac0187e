"""What the number's owner types on his phone: shown, never sent, and the bot is silent for a while."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from flows.machine import advance
from runtime.engine import Engine
from schemas.events import OwnerWrote
from schemas.ids import new_event_id
from schemas.messages import Content, Deleted, Edited, FromOwner, Identity, Text
from store import inbox, notify
from store.pool import Database, pool
from tests.flows.talks import compiled_of, files_of
from tests.runtime.house import Channel, House, stays

BOT = compiled_of(
    files_of({"echo": {"triggers": [], "steps": [{"id": "s", "action": "send", "with": {"text": "Bot: {{ message.text }}"}}]}},
             {"fallback": "echo"})
)  # fmt: skip
ENGINE = Engine(lambda files, version, declared: BOT, advance, stays)


async def owner_writes(house: House, phone: str, *contents: Content, silent_s: float | None) -> list[str]:
    """The driver brings what the owner typed; the provider's ids."""
    rows, now = [], dt.datetime.now(dt.UTC)
    for content in contents:
        house.counter += 1
        message = FromOwner(f"own{house.counter}", now, (Identity("phone", phone),), content)
        event = OwnerWrote(new_event_id(), dt.datetime.now(dt.UTC), message, silent_s)  # type: ignore[arg-type]
        rows.append(inbox.row_of(house.place, f"wa:{message.provider_id}", None, event))
    async with pool(Database(house.url)) as connections, connections.connection() as conn:
        await inbox.insert_rows(conn, {house.workspace_id: house.sealer}, rows)
        await notify.notify(conn, [notify.channel(house.number_id)])
    return [row.source_id.removeprefix("wa:") for row in rows]


async def transcript(house: House) -> list[tuple[Any, ...]]:
    rows = await house.rows(
        "SELECT id, direction, kind, body, status, by, amended FROM messages WHERE number_id = %s"
        " ORDER BY created_at, place, id",
        house.number_id,
    )
    return [
        (
            direction,
            kind,
            orjson.loads(house.sealer.open("messages", "body", key.bytes, body)).get("text", "") if body else "",
            status,
            by,
            amended,
        )
        for key, direction, kind, body, status, by, amended in rows
    ]  # fmt: skip


async def the_owner_has_the_floor_until_some_time_after_his_last_word(house: House) -> None:
    channel = Channel()
    async with house.serve(channel, ENGINE):
        await house.hear(("1", "a"))
        await channel.until(lambda: len(channel.sent) == 1)
        await owner_writes(house, "1", Text("It is me"), silent_s=1)
        await house.hear(("1", "b"), ("2", "c"))
        await channel.until(lambda: len(channel.sent) == 2)
        await house.until(f"SELECT count(*) FROM timers WHERE number_id = '{house.number_id}'", 1)
    async with house.serve(channel, ENGINE):  # the timer survives a restart
        await house.until(f"SELECT count(*) FROM timers WHERE number_id = '{house.number_id}'", 0)
        await house.until(
            f"SELECT count(*) FROM conversations WHERE number_id = '{house.number_id}' AND status = 'handed_off'",
            0,
        )
        await house.hear(("1", "d"))
        await channel.until(lambda: len(channel.sent) == 3)
    assert channel.texts("1") == ["Bot: a", "Bot: d"]
    assert channel.texts("2") == ["Bot: c"]
    assert ("out", "text", "It is me", "sent", "owner", "") in await transcript(house)


async def the_owner_may_write_first_and_reports_find_his_words(house: House) -> None:
    channel = Channel()
    async with house.serve(channel, ENGINE):
        (own,) = await owner_writes(house, "5", Text("Hello, this is the shop"), silent_s=3600)
        await house.report(own, "read")
        await house.until(
            f"SELECT count(*) FROM messages WHERE number_id = '{house.number_id}' AND status = 'read'", 1
        )
        await house.hear(("5", "oh hi"), ("6", "x"))
        await channel.until(lambda: len(channel.sent) == 1)
    assert channel.texts() == ["Bot: x"]
    assert (await transcript(house))[0] == ("out", "text", "Hello, this is the shop", "read", "owner", "")
    assert len(await house.rows("SELECT 1 FROM conversations WHERE number_id = %s", house.number_id)) == 2
    assert not await house.rows("SELECT 1 FROM outbox WHERE number_id = %s", house.number_id)


async def a_changed_message_says_so(house: House, change: Content, how: str) -> None:
    channel = Channel()
    async with house.serve(channel, ENGINE):
        first = house.message("1", "tea", "m1")
        other = house.message("2", "mine", "m2")
        changed = replace(house.message("1", ""), content=change)
        stranger = replace(house.message("2", ""), content=change)  # names another's message
        await house.take([first, other, changed, stranger, house.message("1", "next")])
        await channel.until(lambda: len(channel.sent) == 3)
    assert channel.texts("1") == ["Bot: tea", "Bot: next"]
    rows = await house.rows(
        "SELECT provider_id, amended FROM messages WHERE number_id = %s AND amended <> ''", house.number_id
    )
    assert rows == [("m1", how)]
    kinds = await house.rows(
        "SELECT kind FROM messages WHERE number_id = %s AND direction = 'in' AND kind = %s",
        house.number_id,
        how,
    )
    assert len(kinds) == 2


async def what_the_owner_changes_is_marked_too(house: House) -> None:
    channel = Channel()
    async with house.serve(channel, ENGINE):
        await owner_writes(house, "1", Text("Teh shop"), silent_s=60)
        await owner_writes(house, "1", Edited("own1", "The shop"), silent_s=60)
        await owner_writes(house, "1", Text("a"), Deleted("own3"), silent_s=60)
        await house.hear(("2", "x"))
        await channel.until(lambda: len(channel.sent) == 1)
    changed = [line for line in await transcript(house) if line[5]]
    assert changed == [
        ("out", "text", "Teh shop", "sent", "owner", "edited"),
        ("out", "text", "a", "sent", "owner", "deleted"),
    ]


@pytest.mark.parametrize(
    "scene",
    [
        the_owner_has_the_floor_until_some_time_after_his_last_word,
        the_owner_may_write_first_and_reports_find_his_words,
        what_the_owner_changes_is_marked_too,
    ],
    ids=lambda scene: scene.__name__,
)
def test_what_the_owner_writes(house: House, scene: Callable[[House], Awaitable[None]]) -> None:
    asyncio.run(scene(house))


@pytest.mark.parametrize(
    ("change", "how"),
    [(Edited("m1", "stop"), "edited"), (Deleted("m1"), "deleted")],
    ids=["edited", "deleted"],
)
def test_a_changed_message_says_so_and_is_not_heard(house: House, change: Content, how: str) -> None:
    asyncio.run(a_changed_message_says_so(house, change, how))
