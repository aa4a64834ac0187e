"""A number with a send policy: what goes, waits or is refused, over restarts, and what people see of it."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest

from flows.state import State
from flows.turn import Turn, View
from runtime.engine import Engine
from schemas.events import Event, OwnerWrote, Undelivered
from schemas.ids import new_event_id
from schemas.messages import FromOwner, Identity, Text
from sessions.driver import Throttled
from sessions.settings import ChannelSettings, SendPolicy
from store import inbox, notify
from store.pool import Database, pool
from tests.runtime.house import Channel, House, advance, furnish, stays

QUIET_ALL_DAY = {"quiet_hours": "00:00-23:59"}
PLAIN = {"manners": "off", "spacing": 0, "quiet_hours": "off"}


class Settings(SendPolicy, ChannelSettings):
    """Those of a channel that asks for the policy."""


class Polite(Channel):
    settings_model = Settings


Furnish = Callable[..., House]
Scene = Callable[[Furnish], Awaitable[None]]


async def write_first(house: House, *phones: str) -> None:
    """Make the bot write to people who never did: it answers what their owner wrote to them."""
    rows, now = [], dt.datetime.now(dt.UTC)
    for phone in phones:
        house.counter += 1
        message = FromOwner(f"own{house.counter}", now, (Identity("phone", phone),), Text("x"))
        rows.append(
            inbox.row_of(
                house.place, f"wa:own{house.counter}", None, OwnerWrote(new_event_id(), now, message)
            )
        )
    async with pool(Database(house.url)) as connections, connections.connection() as conn:
        await inbox.insert_rows(conn, {house.workspace_id: house.sealer}, rows)
        await notify.notify(conn, [notify.channel(house.number_id)])


async def told(house: House) -> list[tuple[Any, ...]]:
    return await house.rows(
        "SELECT status, error_code FROM messages WHERE number_id = %s AND direction = 'out' AND by = ''"
        " ORDER BY created_at, id",
        house.number_id,
    )


def counted(house: House, what: str) -> str:
    return (
        f"SELECT count(*) FROM messages WHERE number_id = '{house.number_id}' AND direction = 'out' AND by = ''"
        f" AND (status = '{what}' OR error_code = '{what}')"
    )


async def replies_as_a_person_does(made: Furnish) -> None:
    house, channel = made({"spacing": 0}), Polite(typing=True, read_mark=True)
    async with house.serve(channel):
        await house.hear(("1", "two"))
        await channel.until(lambda: len(channel.sent) == 2)
    assert channel.texts("1") == ["1:first", "1:second"]
    heard = channel.marked[0][0]
    assert channel.marked == [(heard, False), (heard, True), (heard, True)]


def resigned(compiled: Any, state: State, event: Event, view: View) -> Turn:
    """A bot that says nothing to a message that could not be delivered."""
    return Turn(state, (), view) if isinstance(event, Undelivered) else advance(compiled, state, event, view)


async def only_replies(made: Furnish) -> None:
    house, channel = made(PLAIN), Polite()
    async with house.serve(channel, Engine(lambda files, version, declared: version, resigned, stays)):
        await write_first(house, "9")
        await house.hear(("1", "hello"))
        await channel.until(lambda: len(channel.sent) == 1)
        await house.until(counted(house, "policy.not_a_reply"), 1)
    assert channel.tried == ["1:hello"]
    assert ("failed", "policy.not_a_reply") in await told(house)


async def writes_first_within_a_budget_that_a_restart_knows(made: Furnish) -> None:
    house = made({**PLAIN, "first_messages": "allow", "new_contacts": 2, "warm_up_days": 0})
    channel = Polite()
    async with house.serve(channel):
        await write_first(house, "a", "b", "c")
        await channel.until(lambda: len(channel.sent) == 2)
        await house.until(counted(house, "policy.budget"), 1)
    async with house.serve(channel):
        await write_first(house, "d", "a")
        await channel.until(lambda: len(channel.sent) == 3)  # who was introduced counts no more
        await house.until(counted(house, "policy.budget"), 2)
        assert len(await house.rows("SELECT 1 FROM new_contacts WHERE number_id = %s", house.number_id)) == 2
        (waits,) = {"a", "b", "c"} - {to for to, _, _ in channel.sent}
        await house.hear((waits, "hello"))  # who writes himself is new no more, and what waited goes first
        await channel.until(lambda: len(channel.texts(waits)) == 2)
    assert channel.texts(waits) == ["owner_wrote", "1:hello"]
    assert sorted(await told(house)) == [("queued", "policy.budget")] + [("sent", "")] * 5


async def quiet_hours_hold_a_reminder_but_no_answer(made: Furnish) -> None:
    house, channel = made({**PLAIN, **QUIET_ALL_DAY}), Polite()
    async with house.serve(channel):
        await house.hear(("1", "hello"))
        await channel.until(lambda: len(channel.sent) == 1)
    with psycopg.connect(house.url, autocommit=True) as db:  # it was said an hour ago
        db.execute(
            "UPDATE conversations SET last_in_at = now() - interval '1 hour' WHERE number_id = %s",
            (house.number_id,),
        )
    async with house.serve(channel):
        await write_first(house, "1")
        await house.until(counted(house, "policy.quiet_hours"), 1)
        assert len(channel.sent) == 1
    async with house.serve(channel):  # still
        await house.until(f"SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}'", 1)
        await house.hear(("1", "are you there?"))  # he is awake
        await channel.until(lambda: len(channel.sent) == 3)
    assert channel.texts("1") == ["1:hello", "owner_wrote", "2:are you there?"]
    assert await told(house) == [("sent", "")] * 3


async def writes_to_nobody_new_while_the_channel_says_so(made: Furnish) -> None:
    house = made({**PLAIN, "first_messages": "allow", "warm_up_days": 0})
    channel = Polite()
    channel.answers["owner_wrote"] = [Throttled("463", None, "new")]
    async with house.serve(channel):
        await write_first(house, "a")
        await house.until(f"SELECT count(*) FROM send_policies WHERE number_id = '{house.number_id}'", 1)
        await write_first(house, "b")
        await house.hear(("1", "hello"))
        await channel.until(lambda: len(channel.sent) == 1)
        await house.until(counted(house, "policy.held"), 1)
    channel.answers["3:a known one"] = [Throttled("463", None, "new")]
    async with house.serve(
        channel, Engine(lambda files, version, declared: version, resigned, stays)
    ):  # not tried again
        await house.hear(("1", "again"), ("1", "a known one"))
        await house.until(counted(house, "failed"), 1)
        await house.until(counted(house, "policy.held"), 2)
        await channel.until(lambda: len(channel.sent) == 2)
    assert channel.tried == ["owner_wrote", "1:hello", "2:again", "3:a known one"]


async def keeps_its_distance(made: Furnish) -> None:
    house, channel = made({**PLAIN, "spacing": 0.2}), Polite()
    times: list[float] = []
    async with house.serve(channel):
        await house.hear(("1", "two"), ("1", "two"))
        for count in range(1, 5):
            await channel.until(lambda count=count: len(channel.sent) >= count)
            times.append(asyncio.get_running_loop().time())
    assert channel.texts("1") == ["1:first", "1:second", "2:first", "2:second"]
    assert times[3] - times[0] > 0.5


async def may_be_off_as_a_whole(made: Furnish) -> None:
    house, channel = made({"policy": "off", **QUIET_ALL_DAY}), Polite(typing=True, read_mark=True)
    async with house.serve(channel):
        await write_first(house, "a")
        await house.hear(("1", "hello"))
        await channel.until(lambda: len(channel.sent) == 2)
    assert not channel.marked


SCENES: list[Scene] = [
    replies_as_a_person_does, only_replies, writes_first_within_a_budget_that_a_restart_knows,
    quiet_hours_hold_a_reminder_but_no_answer, writes_to_nobody_new_while_the_channel_says_so,
    keeps_its_distance, may_be_off_as_a_whole,
]  # fmt: skip


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_send_policy(scene: Scene, runtime_url: str, tmp_path: Any) -> None:
    asyncio.run(scene(lambda settings: furnish(runtime_url, tmp_path, settings)))  # type: ignore[arg-type]
