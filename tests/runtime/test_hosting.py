"""What a number does for a session that is linked with a phone: health, orders, marks, and leaving."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import orjson
import psycopg
import pytest

from runtime.process import Ending
from schemas.ids import new_event_id
from schemas.messages import FromOwner, Identity, Text
from schemas.problems import Refused
from sessions.driver import Hosting, Mark, Rejected, Throttled
from store import chores, notify
from store.pool import Database, connect, pool
from store.problems import LeaseLost
from tests.runtime.cut import cuttable
from tests.runtime.house import House
from tests.runtime.linked import Line
from tests.until import PATIENCE_S, until

Scene = Callable[[House], Awaitable[None]]


@asynccontextmanager
async def served(house: House, line: Line, **changes: Any) -> AsyncGenerator[Hosting]:
    async with house.serve(line, **changes):  # type: ignore[arg-type]
        async with asyncio.timeout(PATIENCE_S):
            await line.running.wait()
        assert line.hosting is not None
        yield line.hosting


async def order(house: House, kind: str, age_s: float = 0, begun: bool = False, **args: str) -> Any:
    """Give an order as the API does; returns its id."""
    key = new_event_id()
    sealed = house.sealer.seal("number_orders", "args", key.bytes, orjson.dumps(args))
    made = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age_s)
    with psycopg.connect(house.url.replace("chatloom_runtime", "chatloom_owner"), autocommit=True) as db:
        db.execute(
            "INSERT INTO number_orders (number_id, id, workspace_id, kind, args, by, made_at, taken_at)"
            " VALUES (%s, %s, %s, %s, %s, 'operator', %s, %s)",
            (house.number_id, key, house.workspace_id, kind, sealed, made, made if begun else None),
        )
    conn = await connect(Database(house.url))
    async with conn:
        await notify.notify(conn, [notify.orders_channel(house.number_id)])
    return key


async def outcome(house: House, key: Any) -> tuple[str, str]:
    """The code and the sentence of a finished order."""
    sql = "SELECT error_code, error FROM number_orders WHERE id = %s AND done_at IS NOT NULL"

    async def done() -> bool:
        return bool(await house.rows(sql, key))

    await until(done)
    return (await house.rows(sql, key))[0]  # type: ignore[return-value]


async def states(house: House) -> list[str]:
    sql = "SELECT state FROM session_states WHERE number_id = %s ORDER BY seq"
    return [row[0] for row in await house.rows(sql, house.number_id)]


async def in_state(house: House, state: str) -> None:
    await house.until(f"SELECT state FROM sessions WHERE number_id = '{house.number_id}'", state)


async def what_a_session_says_is_kept_in_order_and_shown(house: House) -> None:
    line = Line()
    async with served(house, line):
        line.say("offline", "The connection is down.")
        line.say("connecting")
        line.say("online", account="491700000002")
        await house.until(f"SELECT count(*) FROM session_states WHERE number_id = '{house.number_id}'", 5)
        number = await house.rows("SELECT state FROM numbers WHERE id = %s", house.number_id)
        account, pairing = (
            await house.rows("SELECT account, pairing FROM sessions WHERE number_id = %s", house.number_id)
        )[0]
    assert number == [("online",)]
    assert await states(house) == ["connecting", "online", "offline", "connecting", "online", "stopped"]
    assert house.sealer.open("sessions", "account", house.number_id.bytes, account) == b"491700000002"
    assert pairing is None
    assert line.closed


async def a_code_is_sealed_and_gone_when_it_is_no_longer_shown(house: House) -> None:
    line = Line()
    sql = f"SELECT pairing IS NOT NULL FROM sessions WHERE number_id = '{house.number_id}'"
    async with served(house, line):
        assert await outcome(house, await order(house, "pair", phone="4917")) == ("", "")
        assert line.asked == [("pair", "4917")]
        sealed = (
            await house.rows("SELECT pairing, version FROM sessions WHERE number_id = %s", house.number_id)
        )[0]
        assert b"secret" not in sealed[0]
        plain = house.sealer.open("sessions", "pairing", house.number_id.bytes, sealed[0])
        assert orjson.loads(plain)["qr"] == "2@secret-of-the-code"
        await order(house, "stop_pairing")
        await house.until(sql, False)
    assert (await states(house))[:4] == ["connecting", "online", "pairing", "unlinked"]


async def an_order_that_fails_says_why(house: House) -> None:
    line = Line()
    async with served(house, line):
        line.refuses = Rejected("linked", "a phone is linked already")
        code, error = await outcome(house, await order(house, "pair"))
        assert (code, "already" in error) == ("channel.rejected", True)
        code, error = await outcome(house, await order(house, "restart"))
        assert (code, "RuntimeError" in error) == ("misuse", True)
        assert "broke" not in error


async def an_order_is_carried_out_once_and_in_time(house: House) -> None:
    line = Line()
    stale = await order(house, "pair", age_s=180)
    begun = await order(house, "pair", begun=True)
    async with served(house, line):
        assert (await outcome(house, stale))[0] == "session.order_stale"
        assert (await outcome(house, begun))[0] == "session.order_interrupted"
        assert await outcome(house, await order(house, "pair")) == ("", "")
    async with served(house, line):
        await in_state(house, "online")
    assert line.asked == [("pair", "")]


async def a_vault_that_cannot_be_opened_is_named_and_tried_again_on_order(house: House) -> None:
    class VaultBroken(Refused):
        code = "vault.broken"
        sentence = "File 7.vlt was altered."

    line = Line()
    line.fails.append(VaultBroken())
    async with served(house, line):  # after its pause
        await in_state(house, "online")
    assert await states(house) == ["connecting", "paused", "online", "stopped"]
    line.fails.extend([VaultBroken()] * 4)
    async with house.serve(line):  # type: ignore[arg-type]
        await in_state(house, "paused")
        line.fails.clear()
        assert await outcome(house, await order(house, "restart")) == ("", "")
        await in_state(house, "online")
    assert line.asked == []


async def the_mark_only_grows_and_is_given_back(house: House) -> None:
    line = Line()
    async with served(house, line) as hosting:
        assert hosting.mark is None
        assert hosting.vault == house.home / "sessions" / str(house.number_id)
        await hosting.on_mark(Mark(2, 10))
        await hosting.on_mark(Mark(1, 99))
        await hosting.on_mark(Mark(2, 11))
    async with served(house, line) as hosting:
        assert hosting.mark == Mark(2, 11)


async def what_we_sent_is_recalled_by_the_providers_id(house: House) -> None:
    line = Line()
    async with served(house, line) as hosting:
        await house.hear(("1", "hello"))
        await house.until(f"SELECT count(*) FROM message_refs WHERE number_id = '{house.number_id}'", 1)
        provider = (
            await house.rows("SELECT provider_id FROM message_refs WHERE number_id = %s", house.number_id)
        )[0][0]
        assert await hosting.recall(provider) == Text("1:hello")
        assert await hosting.recall("p:other") is None


async def after_a_removal_from_the_phone_the_messages_go_when_it_is_linked_again(house: House) -> None:
    line = Line()
    line.linked = False
    async with served(house, line):
        await house.hear(("1", "hello"))
        await house.until(
            f"SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}' AND state = 'queued'"
            " AND attempt = 1",
            1,
        )
        assert line.sent == []
        line.linked = True
        line.say("online")
        await house.until(f"SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}'", 0)
    assert line.sent == ["1:hello"]


async def what_waits_for_the_session_goes_when_it_is_online(house: House) -> None:
    line = Line()
    line.throttles.append(Throttled("the session is not open", 600))
    async with served(house, line):
        await house.hear(("1", "hello"))
        await house.until(
            f"SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}' AND error_code = 'channel.throttled'",
            1,
        )
        line.say("online")
        await house.until(f"SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}'", 0)
    assert line.sent == ["1:hello"]


async def what_cannot_be_stored_is_put_aside(house: House) -> None:
    line = Line()
    async with served(house, line):
        line.spool.append(house.message("1", "hello", "a\0b"))
        await house.until(f"SELECT count(*) FROM quarantine WHERE number_id = '{house.number_id}'", 1)
        line.spool.append(house.message("1", "next"))
        await house.until(f"SELECT count(*) FROM messages WHERE number_id = '{house.number_id}'", 2)
    assert line.sent == ["1:next"]


async def a_removed_number_is_unlinked(house: House) -> None:
    line = Line()
    async with house.serve(line) as task:  # type: ignore[arg-type]
        await in_state(house, "online")
        with psycopg.connect(house.url.replace("chatloom_runtime", "chatloom_owner"), autocommit=True) as db:
            db.execute("UPDATE numbers SET removed_at = now() WHERE id = %s", (house.number_id,))
            db.execute("SELECT pg_notify(%s, '')", (notify.NUMBERS,))
        async with asyncio.timeout(PATIENCE_S):
            assert await task is Ending.REMOVED
    assert line.asked == [("log_out",)]
    assert (await states(house))[-2:] == ["logged_out", "stopped"]


async def who_lost_the_lease_closes_the_session_and_writes_nothing_more(house: House) -> None:
    line = Line()
    async with house.serve(line) as task:  # type: ignore[arg-type]
        await in_state(house, "online")
        await house.rows(
            "UPDATE leases SET epoch = epoch + 1 WHERE number_id = %s RETURNING 1", house.number_id
        )
        assert line.hosting is not None
        with pytest.raises(LeaseLost):
            await line.hosting.on_mark(Mark(9, 9))
        async with asyncio.timeout(PATIENCE_S):
            assert await task is Ending.LEASE_LOST
    assert not line.running.is_set()
    assert await states(house) == ["connecting", "online"]


async def what_the_owner_typed_is_an_event(house: House) -> None:
    line = Line()
    async with served(house, line) as hosting:
        typed = FromOwner("own-1", dt.datetime.now(dt.UTC), (Identity("phone", "1"),), Text("I am on it"))
        await hosting.on_own(typed)
        await hosting.on_own(typed)
        await house.until(
            f"SELECT count(*) FROM inbox WHERE number_id = '{house.number_id}' AND done_at IS NOT NULL", 1
        )
    rows = await house.rows("SELECT source_id, kind FROM inbox WHERE number_id = %s", house.number_id)
    assert rows == [("wa:own-1", "owner_wrote")]


async def lease_over(house: House) -> None:
    await house.until(
        f"SELECT expires_at < clock_timestamp() FROM leases WHERE number_id = '{house.number_id}'", True
    )


async def receives_while_the_database_is_away_and_answers_when_it_is_back(house: House) -> None:
    line = Line()
    async with cuttable(house.url) as way, served(replace(house, url=way.url), line):
        await in_state(house, "online")
        await way.cut()
        line.say("offline", "The connection is down.")
        line.say("online", account="491700000003")
        line.spool += [house.message("1", "one"), house.message("1", "next")]
        await lease_over(house)
        assert (line.running.is_set(), line.sent) == (True, [])
        await way.open()
        await house.until(f"SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}'", 0)
        await house.until(
            f"SELECT count(*) FROM messages WHERE number_id = '{house.number_id}' AND direction = 'out'", 2
        )
        await house.until(f"SELECT epoch FROM leases WHERE number_id = '{house.number_id}'", 1)
    assert line.sent == ["1:one", "2:next"]
    assert await states(house) == ["connecting", "online", "offline", "online", "stopped"]


async def ends_while_the_database_is_away(house: House) -> None:
    line = Line()
    async with cuttable(house.url) as way:
        async with served(replace(house, url=way.url), line, drain_s=0.5, desk_s=0.2):
            await in_state(house, "online")
            await way.cut()
            line.spool += [house.message("1", "one")]
        assert line.closed
        assert await states(house) == ["connecting", "online"]
        await way.open()


async def leaves_to_its_heir_what_it_spooled_while_the_database_was_away(house: House) -> None:
    line = Line()
    async with cuttable(house.url) as way, replace(house, url=way.url).serve(line) as task:  # type: ignore[arg-type]
        await in_state(house, "online")
        await way.cut()
        line.spool += [house.message("1", "one")]
        await lease_over(house)
        await house.rows(
            "UPDATE leases SET epoch = epoch + 1 WHERE number_id = %s RETURNING 1", house.number_id
        )
        await way.open()
        async with asyncio.timeout(PATIENCE_S):
            assert await task is Ending.LEASE_LOST
        assert (line.running.is_set(), len(line.spool)) == (False, 1)
    assert await house.rows("SELECT 1 FROM inbox WHERE number_id = %s", house.number_id) == []


async def forgets_what_is_too_old_or_too_much(house: House) -> None:
    line = Line()
    async with served(house, line):
        for count in range(5):
            line.say("offline", f"why {count}")
        old = await order(house, "restart", age_s=100 * 86400)
        assert (await outcome(house, old))[0] == "session.order_stale"
        await outcome(house, await order(house, "stop_pairing"))
    all_states = await states(house)
    async with pool(Database(house.url)) as connections:
        await chores.prune_sessions(connections, dt.timedelta(days=90), 3)
        assert await states(house) == all_states[-3:]
        kinds = await house.rows("SELECT kind FROM number_orders WHERE number_id = %s", house.number_id)
        assert kinds == [("stop_pairing",)]
        await chores.prune_sessions(connections, dt.timedelta(), 3)
        assert await states(house) == []


SCENES: list[Scene] = [
    forgets_what_is_too_old_or_too_much,
    receives_while_the_database_is_away_and_answers_when_it_is_back,
    leaves_to_its_heir_what_it_spooled_while_the_database_was_away,
    ends_while_the_database_is_away,
    what_a_session_says_is_kept_in_order_and_shown,
    a_code_is_sealed_and_gone_when_it_is_no_longer_shown,
    an_order_that_fails_says_why,
    an_order_is_carried_out_once_and_in_time,
    a_vault_that_cannot_be_opened_is_named_and_tried_again_on_order,
    the_mark_only_grows_and_is_given_back,
    what_we_sent_is_recalled_by_the_providers_id,
    after_a_removal_from_the_phone_the_messages_go_when_it_is_linked_again,
    what_waits_for_the_session_goes_when_it_is_online,
    what_cannot_be_stored_is_put_aside,
    a_removed_number_is_unlinked,
    who_lost_the_lease_closes_the_session_and_writes_nothing_more,
    what_the_owner_typed_is_an_event,
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_hosting(scene: Scene, house: House) -> None:
    asyncio.run(scene(house))
