"""A turn reads no more with much stored, nor under an old snapshot: counted in rows, not timed."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from store.migrate import upgrade
from tests.runtime.house import Channel, House, furnish
from tests.servers import create_database, embedded_server

STORED = 100_000
PEOPLE = [f"39{n}" for n in range(200)]
ROWS_A_MESSAGE = 60  # that indexes lead to; a scan of a stored table is 500 a message

FILL = """
CREATE TEMP TABLE stored AS
    SELECT gen_random_uuid() AS id, gen_random_uuid() AS contact, gen_random_uuid() AS message, n,
        '\\x00'::bytea AS sealed, date_trunc('month', now())::date AS month
    FROM generate_series(1, {stored}) AS n;
INSERT INTO contacts (id, workspace_id) SELECT contact, {workspace} FROM stored;
INSERT INTO identities SELECT {workspace}, contact::text::bytea, 'phone', contact, sealed FROM stored;
INSERT INTO conversations (number_id, id, workspace_id, contact_id) SELECT {number}, id, {workspace}, contact FROM stored;
INSERT INTO inbox (number_id, source_id, workspace_id, event_id, kind, received_at, done_at)
    SELECT {number}, 'wa:' || message, {workspace}, message, 'received', now() - interval '1 hour', now() FROM stored;
INSERT INTO events (number_id, month, id, workspace_id, conversation_id, kind, at, payload)
    SELECT {number}, month, message, {workspace}, id, 'received', now(), sealed FROM stored;
INSERT INTO messages (number_id, month, id, workspace_id, conversation_id, direction, kind, status, status_at, created_at)
    SELECT {number}, month, message, {workspace}, id, 'out', 'text', 'sent', now(), now() FROM stored;
INSERT INTO message_refs SELECT {number}, 'p:' || message, month, message, {workspace} FROM stored;
INSERT INTO timers (number_id, conversation_id, name, id, workspace_id, due_at, visit)
    SELECT {number}, id, 'nudge', message, {workspace}, now() + interval '1 day', 1 FROM stored;
INSERT INTO runs (number_id, id, workspace_id, conversation_id, flow, started_at, ended_at)
    SELECT {number}, message, {workspace}, id, 'talk', now(), now() FROM stored;
INSERT INTO action_calls (number_id, id, workspace_id, conversation_id, kind, visit, request, state, due_at, created_at)
    SELECT {number}, message, {workspace}, id, 'webhook', 1, sealed, 'done', now(), now() FROM stored;
INSERT INTO outbox (number_id, message_id, workspace_id, conversation_id, state, due_at, created_at)
    SELECT {number}, message, {workspace}, id, 'dead', now(), now() FROM stored WHERE n <= 1000;
"""
READ = """
SELECT relname, seq_tup_read, coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables
WHERE seq_tup_read + coalesce(idx_tup_fetch, 0) > 0 ORDER BY relname
"""


async def _talk(house: House, channel: Channel, rounds: int) -> None:
    for _ in range(rounds):
        more = len(channel.sent) + 2 * len(PEOPLE)
        await house.hear(*((phone, "two") for phone in PEOPLE))
        await channel.until(lambda more=more: len(channel.sent) >= more, 120)
        await house.hear(*((phone, "later 3600") for phone in PEOPLE))


@pytest.mark.drill
def test_a_turn_reads_no_more_with_many_stored(worker_id: str, tmp_path: Path) -> None:
    url = create_database(embedded_server(), f"many_{worker_id}")
    upgrade(url, log_in=True)
    house = furnish(url, tmp_path)

    async def scene() -> None:
        channel = Channel(tracker=True)
        async with house.serve(channel):
            await _talk(house, channel, 4)  # the statements are prepared while the tables are small
            with psycopg.connect(url, autocommit=True) as db:
                names = {"number": f"'{house.number_id}'", "workspace": f"'{house.workspace_id}'"}
                db.execute(FILL.format(stored=STORED, **names))  # type: ignore[arg-type]
                db.execute("ANALYZE")
                db.execute("SELECT pg_stat_reset()")
            await _talk(house, channel, 4)
        async with house.serve(channel):
            await _talk(house, channel, 4)

    asyncio.run(scene())
    with psycopg.connect(url, autocommit=True) as db:
        read = {name: (scanned, found) for name, scanned, found in db.execute(READ).fetchall()}
    assert read["conversations"][1] > 0
    assert {name: scanned for name, (scanned, _) in read.items() if scanned >= STORED / 2} == {}
    messages = 2 * 4 * 2 * len(PEOPLE)
    assert sum(found for _, found in read.values()) < ROWS_A_MESSAGE * messages, read


@pytest.mark.drill
def test_an_old_snapshot_does_not_make_turns_read_what_is_done(worker_id: str, tmp_path: Path) -> None:
    url = create_database(embedded_server(), f"snapshot_{worker_id}")
    upgrade(url, log_in=True)
    house = furnish(url, tmp_path)
    done, single = 3_000, 100

    async def scene() -> None:
        channel = Channel()
        async with house.serve(channel, look_back_s=0.05, look_wide_s=0.05):
            with psycopg.connect(url) as old, psycopg.connect(url, autocommit=True) as db:
                old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                old.execute("SELECT count(*) FROM inbox")
                await house.hear(*((PEOPLE[n % len(PEOPLE)], "one") for n in range(done)))
                await channel.until(lambda: len(channel.sent) == done, 120)
                db.execute("SELECT pg_stat_reset()")
                for n in range(single):
                    await house.hear(("1", "one"))
                    await channel.until(lambda n=n: len(channel.sent) == done + n + 1, 120)

    asyncio.run(scene())
    with psycopg.connect(url, autocommit=True) as db:
        row = db.execute("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'inbox_undone'")
        assert row.fetchone()[0] < single * done / 3  # type: ignore[index]
