"""A number's process end to end: from the inbox to the channel, exactly once and in order."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from uuid import UUID

import psycopg
import pytest

from flows.machine import advance
from runtime.engine import Engine
from sessions.driver import LoggedOut, Rejected, Throttled, Unreachable
from store import inbox
from store.pool import Database, connect
from store.receipts import ReceiptRow
from tests.flows.talks import compiled_of, files_of
from tests.runtime.house import Channel, House, furnish, stays
from tests.until import until

Scene = Callable[[House], Awaitable[None]]


async def answers(house: House) -> None:
    channel = Channel()
    async with house.serve(channel):
        await house.hear(("1", "hello"), ("2", "ciao"))
        await channel.until(lambda: len(channel.sent) == 2)
        await house.hear(("1", "again"))
        await channel.until(lambda: len(channel.sent) == 3)
    assert channel.texts("1") == ["1:hello", "2:again"]
    assert channel.texts("2") == ["1:ciao"]


async def keeps_order(house: House) -> None:
    channel = Channel()
    lines = [(str(n % 7), f"line{n}") for n in range(600)]
    await house.hear(*lines)
    async with house.serve(channel):
        await channel.until(lambda: len(channel.sent) == 600)
    for phone in {phone for phone, _ in lines}:
        said = [text for of, text in lines if of == phone]
        assert channel.texts(phone) == [f"{n}:{text}" for n, text in enumerate(said, 1)]


async def keeps_the_order_of_arrival_whatever_the_ids(house: House) -> None:
    channel = Channel()
    lines = [house.message("1", f"line{n}", f"wamid.{99 - n}") for n in range(50)]
    await house.take(lines)
    async with house.serve(channel):
        await channel.until(lambda: len(channel.sent) == 50)
    assert channel.texts() == [f"{n + 1}:line{n}" for n in range(50)]


async def hears_a_repeat_once(house: House) -> None:
    channel = Channel()
    repeated = house.message("1", "hello", "same")
    async with house.serve(channel):
        await house.take([repeated, repeated])
        await house.take([repeated])
        await house.hear(("1", "next"))
        await channel.until(lambda: len(channel.sent) == 2)
        await house.take([repeated])
        await house.hear(("1", "last"))
        await channel.until(lambda: len(channel.sent) == 3)
    assert channel.texts() == ["1:hello", "2:next", "3:last"]


async def puts_aside_what_cannot_be_stored(house: House) -> None:
    channel = Channel()
    bad = ["boom", "surrogate", "nul", "huge"]
    lines = [(str(n), bad[n % 5] if n % 5 < 4 else "fine") for n in range(40)]
    lines += [(str(n), "after") for n in range(40)]
    await house.hear(*lines)
    async with house.serve(channel):
        await channel.until(lambda: len(channel.sent) == 48)
        await house.until(
            f"SELECT count(*) FROM inbox WHERE done_at IS NULL AND number_id = '{house.number_id}'", 0
        )
    assert sorted(channel.texts("4")) == ["1:fine", "2:after"]
    assert channel.texts("0") == ["1:after"]
    aside = await house.rows(
        "SELECT id, error, payload FROM quarantine WHERE number_id = %s", house.number_id
    )
    assert len(aside) == 32
    for one, _, payload in aside:
        assert b'"received"' in house.sealer.open("quarantine", "payload", one.bytes, payload)


async def remembers_over_a_restart(house: House) -> None:
    channel = Channel()
    async with house.serve(channel):
        await house.hear(("1", "name Ana"), ("1", "hello"))
        await channel.until(lambda: len(channel.sent) == 1)
    async with house.serve(channel):
        await house.hear(("1", "again"))
        await channel.until(lambda: len(channel.sent) == 2)
    assert channel.texts() == ["2:hello", "3:again"]
    assert len(await house.rows("SELECT 1 FROM contact_changes WHERE number_id = %s", house.number_id)) == 1
    assert len(await house.rows("SELECT 1 FROM runs WHERE number_id = %s", house.number_id)) == 1


async def fires_timers(house: House) -> None:
    channel = Channel()
    async with house.serve(channel):
        await house.hear(("1", "later 0.1"))
        await channel.until(lambda: len(channel.sent) == 1)
        await house.hear(("2", "later 0.8"))
        await house.until(f"SELECT count(*) FROM timers WHERE number_id = '{house.number_id}'", 1)
    async with house.serve(channel):
        await channel.until(lambda: len(channel.sent) == 2)
    assert channel.texts() == ["timer nudge 1", "timer nudge 1"]


async def begins_flows_by_the_clock(house: House) -> None:
    steps = [{"id": "say", "action": "send", "with": {"text": "Good morning."}}]
    daily = {"triggers": [{"schedule": {"cron": "30 8 * * *"}}], "steps": steps}
    engine = Engine(lambda files, version, declared: compiled_of(files_of({"daily": daily})), advance, stays)
    channel, timers = Channel(), f"SELECT count(*) FROM timers WHERE number_id = '{house.number_id}'"
    async with house.serve(channel, engine):
        await house.hear(("1", "hello"))
        await house.until(timers, 1)
    await house.rows("UPDATE timers SET due_at = now() WHERE number_id = %s RETURNING 1", house.number_id)
    for _ in range(2):  # the second start finds the timer of the next day
        async with house.serve(channel, engine):
            await channel.until(lambda: "Good morning." in channel.texts())
            await house.until(f"{timers} AND due_at > now()", 1)
    assert channel.texts().count("Good morning.") == 1


async def tries_again_in_order(house: House) -> None:
    channel = Channel()
    channel.answers["1:a"] = [Unreachable("gone"), Throttled("slow", 0.02, "pair")]
    async with house.serve(channel):
        await house.hear(("1", "a"), ("1", "b"), ("2", "c"))
        await channel.until(lambda: len(channel.sent) == 3)
        await house.until(f"SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}'", 0)
    assert channel.texts("1") == ["1:a", "2:b"]
    assert channel.tried.count("1:a") == 3
    rows = await house.rows(
        "SELECT DISTINCT status FROM messages WHERE number_id = %s AND direction = 'out'", house.number_id
    )
    assert rows == [("sent",)]


async def buries_what_never_goes(house: House) -> None:
    channel = Channel()
    channel.answers["1:a"] = [Unreachable("gone")] * 3
    channel.answers["1:r"] = [Rejected("131047", "window closed")]
    async with house.serve(channel):
        await house.hear(("1", "a"), ("2", "r"))
        await channel.until(lambda: len(channel.sent) == 2)
        await house.until(
            f"SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}' AND state <> 'dead'", 0
        )
    assert sorted(channel.texts()) == ["lost 131047", "lost channel.unreachable"]
    assert await house.rows("SELECT state FROM outbox WHERE number_id = %s", house.number_id) == [("dead",)]
    failed = await house.rows(
        "SELECT 1 FROM messages WHERE number_id = %s AND status = 'failed'", house.number_id
    )
    assert len(failed) == 2


async def stops_sending_when_logged_out(house: House) -> None:
    channel = Channel()
    channel.answers["1:a"] = [LoggedOut("revoked")]
    async with house.serve(channel):
        await house.hear(("1", "a"))
        await house.until(f"SELECT state FROM numbers WHERE id = '{house.number_id}'", "logged_out")
        await house.hear(("2", "b"))
        await house.until(f"SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}'", 2)
    assert channel.sent == []
    states = await house.rows("SELECT DISTINCT state FROM outbox WHERE number_id = %s", house.number_id)
    assert states == [("queued",)]


async def sends_an_open_one_again(house: House) -> None:
    channel = Channel(own_message_id=True)
    await _leave_open(house)
    async with house.serve(channel):
        await channel.until(lambda: len(channel.sent) == 1)
    assert channel.texts() == ["1:open"]


async def waits_for_the_report_of_an_open_one(house: House) -> None:
    channel = Channel(tracker=True)
    (message,) = await _leave_open(house)
    now = dt.datetime.now(dt.UTC)
    async with house.serve(channel):
        await house.hear(("1", "next"))
        report = ReceiptRow(house.number_id, house.workspace_id, 0, message, "p:x", "delivered", now)
        await house.until(f"SELECT count(*) FROM outbox WHERE number_id = '{house.number_id}'", 2)
        assert channel.sent == []
        await house.take([], [report])
        await channel.until(lambda: len(channel.sent) == 1)
    assert channel.texts() == ["2:next"]
    assert await house.rows("SELECT status FROM messages WHERE id = %s", message) == [("delivered",)]


async def waits_for_the_report_of_each_open_one(house: House) -> None:
    """A report settles the first of two: the second still has its own time."""
    channel = Channel(tracker=True)
    first, second = await _leave_open(house, "two")
    now = dt.datetime.now(dt.UTC)
    async with house.serve(channel):
        for message in (first, second):
            assert channel.sent == []
            report = ReceiptRow(house.number_id, house.workspace_id, 0, message, "p:x", "delivered", now)
            await house.take([], [report])
            await house.until(f"SELECT status FROM messages WHERE id = '{message}'", "delivered")
        await house.hear(("1", "next"))
        await channel.until(lambda: len(channel.sent) == 1)
    assert channel.texts() == ["2:next"]


async def sends_an_open_one_again_without_report(house: House) -> None:
    house = furnish_like(house, settle_after=0.3)
    channel = Channel(tracker=True)
    await _leave_open(house)
    async with house.serve(channel):
        await house.hear(("1", "next"))
        await channel.until(lambda: len(channel.sent) == 2)
    assert channel.texts() == ["1:open", "2:next"]


async def _leave_open(house: House, word: str = "open") -> list[UUID]:
    """The messages, in order, that were marked as sending by a process that then died."""
    channel = Channel()
    channel.gate.clear()
    async with house.serve(channel, drain_s=0.2):
        await house.hear(("1", word))
        await channel.until(lambda: bool(channel.tried))
    # A process that ends in order says that it did not begin with the second; a killed one could not.
    rows = await house.rows(
        "WITH open AS (UPDATE outbox SET state = 'sending' WHERE number_id = %s RETURNING message_id, seq)"
        " SELECT message_id FROM open ORDER BY seq",
        house.number_id,
    )
    return [message for (message,) in rows]


def furnish_like(house: House, **settings: object) -> House:
    url = house.url.replace(
        " options='-c role=chatloom_runtime -c idle_in_transaction_session_timeout=5s'", ""
    )
    return furnish(url, house.home, settings)


async def throttles_a_contact(house: House) -> None:
    house = furnish_like(house, throttle=2)
    channel = Channel()
    await house.hear(*(("1", f"m{n}") for n in range(4)), ("2", "other"))
    async with house.serve(channel):
        await channel.until(lambda: len(channel.sent) == 5)
    assert channel.texts("1") == ["1:m0", "2:m1", "3:m2:first", "4:m3:more"]
    assert channel.texts("2") == ["1:other"]


async def folds_reports(house: House) -> None:
    channel = Channel(tracker=True)
    async with house.serve(channel):
        await house.hear(("1", "a"), ("2", "b"), ("3", "c"))
        await channel.until(lambda: len(channel.sent) == 3)
        a, b, c = (UUID(one) for _, _, one in sorted(channel.sent))
        now = dt.datetime.now(dt.UTC)

        def report(message: UUID | None, provider: str, status: str, code: str = "") -> ReceiptRow:
            return ReceiptRow(house.number_id, house.workspace_id, 0, message, provider, status, now, code)

        reports = [report(a, "", "read"), report(a, "", "delivered"), report(None, f"p:{b}", "failed", "9")]
        await house.take([], [*reports, report(None, f"p:{c}", "failed")])
        await channel.until(lambda: len(channel.sent) == 5)
        await house.until(f"SELECT count(*) FROM receipts WHERE number_id = '{house.number_id}'", 0)
    assert channel.texts("2") == ["1:b", "lost 9"]
    assert await house.rows("SELECT status FROM messages WHERE id = %s", a) == [("read",)]
    codes = {b: "9", c: "unknown"}  # what failed is found by its code
    for one, code in codes.items():
        assert await house.rows("SELECT status, error_code FROM messages WHERE id = %s", one) == [
            ("failed", code)
        ]


async def finds_what_comes_late(house: House) -> None:
    """Events that a door took long ago by its clock, and a report whose id is lower than those folded."""
    channel = Channel(tracker=True)
    async with house.serve(channel, look_s=0.2):
        await house.hear(("1", "now"))
        await channel.until(lambda: len(channel.sent) == 1)
        async with await connect(Database(house.url)) as conn:
            for text, age_s in (("behind", 10), ("late", 3600)):
                at = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age_s)
                row = inbox.arrival(house.place, house.message("1", text), at)
                await inbox.insert_rows(conn, {house.workspace_id: house.sealer}, [row])
                await channel.until(lambda text=text: channel.texts()[-1].endswith(text))
            message = UUID(channel.sent[0][2])
            for report, status in ((2**40 + 1, "sent"), (-1, "read")):
                await conn.execute(
                    "INSERT INTO receipts (number_id, id, workspace_id, message_id, provider_id, status, at)"
                    " OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, '', %s, now())",
                    (house.number_id, report, house.workspace_id, message, status),
                )
                await house.until(f"SELECT status FROM messages WHERE id = '{message}'", status)
    assert channel.texts() == ["1:now", "2:behind", "3:late"]


async def pauses_and_goes_on(house: House) -> None:
    channel = Channel()
    owner = furnish_owner(house)
    async with house.serve(channel):
        await house.hear(("1", "a"))
        await channel.until(lambda: len(channel.sent) == 1)
        await owner("paused")
        await house.until(f"SELECT state FROM numbers WHERE id = '{house.number_id}'", "paused")
        await house.hear(("1", "b"))
        await owner("running")
        await channel.until(lambda: len(channel.sent) == 2)
    assert channel.texts() == ["1:a", "2:b"]


def furnish_owner(house: House) -> Callable[[str], Awaitable[None]]:
    import psycopg

    url = house.url.replace("chatloom_runtime", "chatloom_owner")

    async def want(desired: str) -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as db:
            await db.execute("UPDATE numbers SET desired = %s WHERE id = %s", (desired, house.number_id))
            await db.execute("NOTIFY chatloom_numbers")

    return want


async def takes_what_a_session_brings(house: House) -> None:
    channel = Channel()
    async with house.serve(channel):
        await until(lambda: channel.on_message is not None)
        assert channel.on_message is not None
        await channel.on_message(house.message("1", "by driver"))
        rows = await house.rows("SELECT 1 FROM inbox WHERE number_id = %s", house.number_id)
        assert len(rows) == 1
        await channel.until(lambda: len(channel.sent) == 1)


async def makes_the_partitions_of_the_months_ahead(house: House) -> None:
    part = f"message_refs_y{_month_ahead():%Y}m{_month_ahead():%m}"
    with psycopg.connect(house.url.replace("chatloom_runtime", "chatloom_owner"), autocommit=True) as db:
        db.execute(f"DROP TABLE {part}")  # type: ignore[arg-type]
    channel = Channel()
    async with house.serve(channel):
        await house.until(f"SELECT to_regclass('{part}') IS NOT NULL", True)


def _month_ahead() -> dt.date:
    """The first day of the third month from now, as the partitions count."""
    now = dt.datetime.now(dt.UTC)
    return dt.date(now.year + (now.month + 2) // 12, (now.month + 2) % 12 + 1, 1)


SCENES: list[Scene] = [
    makes_the_partitions_of_the_months_ahead, answers, keeps_order, keeps_the_order_of_arrival_whatever_the_ids, hears_a_repeat_once,
    puts_aside_what_cannot_be_stored, remembers_over_a_restart,
    fires_timers, begins_flows_by_the_clock, tries_again_in_order, buries_what_never_goes, stops_sending_when_logged_out,
    sends_an_open_one_again, waits_for_the_report_of_an_open_one, waits_for_the_report_of_each_open_one,
    sends_an_open_one_again_without_report,
    throttles_a_contact, folds_reports, finds_what_comes_late, pauses_and_goes_on, takes_what_a_session_brings,
]  # fmt: skip


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_number(scene: Scene, house: House) -> None:
    asyncio.run(scene(house))


@pytest.mark.parametrize(
    "scene",
    [keeps_order, puts_aside_what_cannot_be_stored, remembers_over_a_restart, sends_an_open_one_again],
    ids=lambda scene: scene.__name__,
)
def test_number_on_any_postgres(scene: Scene, any_house: House) -> None:
    asyncio.run(scene(any_house))
