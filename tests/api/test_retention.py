"""Retention: what is older than the workspace keeps it is gone, nothing else, and a dry run says so before."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from keys.seal import Sealer, unwrap
from keys.signer import Signer
from schemas.ids import event_id, month_of
from store import audit, migrate, retention
from store.audit_chain import PURPOSE
from store.directory import SealerShelf
from store.media import Media
from store.pool import Database, connect, pool
from store.roles import url_for
from tests.api.people import Enter, elsewhere
from tests.live import MASTERS, Live
from tests.servers import create_database, embedded_server

TABLES = ("messages", "message_refs", "message_words", "events", "runs")


def fill(url: str, workspace: str, number: str, days: list[int]) -> None:
    """A message that came in, one that went out and a run that ended, so many days ago."""
    with psycopg.connect(url, autocommit=True) as db:
        for nth, ago in enumerate(days):
            at = dt.datetime.now(dt.UTC) - dt.timedelta(days=ago)
            key = event_id(int(at.timestamp() * 1000), bytes([nth]) * 10)
            row = {"number": number, "workspace": workspace, "id": key, "month": month_of(key), "at": at}
            row |= {"conversation": UUID(int=1), "said": b"x", "provider": f"wamid.{nth}"}
            for statement in (
                "INSERT INTO messages (number_id, month, id, workspace_id, conversation_id, direction, kind, status,"
                " status_at, provider_id, created_at) VALUES (%(number)s, %(month)s, %(id)s, %(workspace)s,"
                " %(conversation)s, 'in', 'text', 'received', %(at)s, %(provider)s, %(at)s)",
                "INSERT INTO message_refs (number_id, provider_id, month, message_id, workspace_id)"
                " VALUES (%(number)s, %(provider)s, %(month)s, %(id)s, %(workspace)s)",
                "INSERT INTO message_words (number_id, month, id, workspace_id, conversation_id, words)"
                " VALUES (%(number)s, %(month)s, %(id)s, %(workspace)s, %(conversation)s, '{1}')",
                "INSERT INTO events (number_id, month, id, workspace_id, conversation_id, kind, at, payload)"
                " VALUES (%(number)s, %(month)s, %(id)s, %(workspace)s, %(conversation)s, 'received', %(at)s, %(said)s)",
                "INSERT INTO runs (number_id, id, workspace_id, conversation_id, flow, started_at, ended_at)"
                " VALUES (%(number)s, %(id)s, %(workspace)s, %(conversation)s, 'f', %(at)s, %(at)s)",
            ):
                db.execute(statement, row)


def left(url: str, number: str) -> dict[str, int]:
    with psycopg.connect(url, autocommit=True) as db:
        counts = {}
        for table in TABLES:
            row = db.execute(f"SELECT count(*) FROM {table} WHERE number_id = %s", [number]).fetchone()  # type: ignore[arg-type]
            assert row
            counts[table] = row[0]
        return counts


def work(url: str, media: Path = Path("/nowhere")) -> None:
    async def until_done() -> None:
        async with pool(Database(url_for(url, "runtime")), least=0, most=1) as connections:
            signer = Signer(MASTERS, PURPOSE)
            while await audit.chain(connections, signer):
                pass
            while await retention.apply(connections, signer, SealerShelf(MASTERS), media):
                pass

    asyncio.run(until_done())


def number_of(api: httpx.Client) -> str:
    return api.post("/api/v1/numbers", json={"name": "kept", "channel": "simulator"}).json()["id"]


def test_what_is_too_old_goes_and_nothing_else(server: Live, enter: Enter) -> None:
    url = server.config.database_url
    mine, theirs = enter(elsewhere(server)).client, enter(elsewhere(server)).client
    numbers = []
    for api in (mine, theirs):
        numbers.append(number_of(api))
        fill(url, api.get("/api/v1/me").json()["workspace"], numbers[-1], [400, 40, 29, 0])
    none = {"messages_days": None, "data_days": None, "audit_days": None}
    assert mine.get("/api/v1/retention").json() == none
    limits = {"messages_days": 30, "data_days": 365, "audit_days": 1}
    counted = mine.post("/api/v1/retention/dry-run", json=limits).json()
    assert counted == dict.fromkeys(counted, 0) | {"messages": 2, "message_refs": 2, "events": 2, "runs": 1}
    work(url)
    assert left(url, numbers[0]) == dict.fromkeys(TABLES, 4)
    assert mine.put("/api/v1/retention", json=limits).json() == limits
    work(url)
    assert mine.get("/api/v1/retention").json() == limits
    assert left(url, numbers[0]) == dict.fromkeys(TABLES, 2) | {"runs": 3}
    assert left(url, numbers[1]) == dict.fromkeys(TABLES, 4)
    assert mine.post("/api/v1/retention/dry-run", json=limits).json() == dict.fromkeys(counted, 0)
    (told,) = mine.get("/api/v1/audit", params={"action": "retention.set"}).json()["items"]
    assert told["changes"]["messages_days"] == [None, 30]
    assert mine.get("/api/v1/audit/verification").json()["broken"] is None


def numbers_of(url: str, statement: str, *values: Any) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as db:
        return [row[0] for row in db.execute(statement, values).fetchall()]  # type: ignore[call-overload]


def test_all_that_holds_what_was_said_goes_with_it(server: Live, enter: Enter, tmp_path: Path) -> None:
    """Files, calls of actions, what nobody understood, and what webhook endpoints were told."""
    url = server.config.database_url
    api = enter(elsewhere(server)).client
    workspace, number = UUID(api.get("/api/v1/me").json()["workspace"]), number_of(api)
    hook = {"name": "h", "url": "https://example.com/", "types": ["run.ended"]}
    endpoint = api.post("/api/v1/webhooks", json=hook).json()["id"]
    with psycopg.connect(url, autocommit=True) as db:
        for nth, ago in enumerate((40, 0)):
            at = dt.datetime.now(dt.UTC) - dt.timedelta(days=ago)
            row = {"id": event_id(int(at.timestamp() * 1000), bytes([nth]) * 10), "at": at, "x": b"x"}
            row |= {
                "number": number,
                "workspace": workspace,
                "endpoint": endpoint,
                "other": UUID(int=nth + 1),
            }
            for statement in (
                "INSERT INTO action_calls (number_id, id, workspace_id, conversation_id, kind, visit, request, state,"
                " due_at, created_at) VALUES (%(number)s, %(id)s, %(workspace)s, %(other)s, 'webhook', 1, %(x)s, 'done',"
                " %(at)s, %(at)s)",
                "INSERT INTO action_calls (number_id, id, workspace_id, conversation_id, kind, visit, request, state,"
                " due_at, created_at) VALUES (%(number)s, %(other)s, %(workspace)s, %(other)s, 'webhook', 1, %(x)s,"
                " 'queued', %(at)s, %(at)s)",
                "INSERT INTO quarantine (id, workspace_id, kind, received_at, payload, error)"
                " VALUES (%(id)s, %(workspace)s, 'message', %(at)s, %(x)s, 'strange')",
                "INSERT INTO conversation_notes (id, workspace_id, number_id, conversation_id, body, by)"
                " VALUES (%(id)s, %(workspace)s, %(number)s, %(other)s, %(x)s, 'a')",
                "INSERT INTO conversation_tasks (id, workspace_id, number_id, conversation_id, body, by, done_at)"
                " VALUES (%(id)s, %(workspace)s, %(number)s, %(other)s, %(x)s, 'a', %(at)s)",
                "INSERT INTO conversation_tasks (id, workspace_id, number_id, conversation_id, body, by)"
                " VALUES (%(other)s, %(workspace)s, %(number)s, %(other)s, %(x)s, 'still to be done')",
                "INSERT INTO threads (id, workspace_id, number_id, conversation_id, opened_at, how, opened_by, closed_at)"
                " VALUES (%(id)s, %(workspace)s, %(number)s, %(other)s, %(at)s, 'taken_over', 'a', %(at)s)",
                "INSERT INTO threads (id, workspace_id, number_id, conversation_id, opened_at, how, opened_by)"
                " VALUES (%(other)s, %(workspace)s, %(number)s, %(other)s, %(at)s, 'taken_over', 'still open')",
                "INSERT INTO webhook_events (id, workspace_id, type, at, data)"
                " VALUES (%(id)s, %(workspace)s, 'run.ended', %(at)s, %(x)s)",
                "INSERT INTO webhook_deliveries (workspace_id, endpoint_id, event_id, lane)"
                " VALUES (%(workspace)s, %(endpoint)s, %(id)s, %(id)s)",
            ):
                db.execute(statement, row)

    async def keep(*files: bytes) -> None:
        media = Media(tmp_path, workspace, sealer_of(url, workspace))
        async with await connect(Database(url_for(url, "runtime"))) as conn:
            for each in files:
                await media.keep(conn, each, "image/png")

    asyncio.run(keep(b"an old picture", b"one that came again"))
    old = "UPDATE media SET created_at = now() - interval '40 days' WHERE workspace_id = %s RETURNING 1"
    numbers_of(url, old, workspace)
    asyncio.run(keep(b"one that came again"))

    limits = {"messages_days": 30, "data_days": None, "audit_days": None}
    counted = api.post("/api/v1/retention/dry-run", json=limits).json()
    ones = (
        "action_calls",
        "conversation_notes",
        "conversation_tasks",
        "threads",
        "quarantine",
        "webhook_events",
        "webhook_deliveries",
        "files",
    )
    assert counted == dict.fromkeys(counted, 0) | dict.fromkeys(ones, 1) | {"file_bytes": 14}
    api.put("/api/v1/retention", json=limits)
    work(url, tmp_path)
    assert api.post("/api/v1/retention/dry-run", json=limits).json() == dict.fromkeys(counted, 0)
    tables = {
        "conversation_notes": 1,
        "conversation_tasks": 3,
        "threads": 3,
        "action_calls": 3,
        "quarantine": 1,
        "webhook_events": 1,
        "webhook_deliveries": 1,
        "media": 1,
    }
    for table, count in tables.items():
        assert numbers_of(url, f"SELECT count(*) FROM {table} WHERE workspace_id = %s", workspace) == [
            count
        ], table
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def sealer_of(url: str, workspace: UUID) -> Sealer:
    (wrapped,) = numbers_of(url, "SELECT wrapped FROM data_keys WHERE workspace_id = %s", workspace)
    return Sealer(unwrap(wrapped, MASTERS, workspace), workspace)


def months(url: str) -> list[str]:
    """The partitions of long ago."""
    return numbers_of(
        url,
        "SELECT relname::text FROM pg_class WHERE relispartition AND relkind = 'r' AND relname ~ '_y20[01]' ORDER BY 1",
    )


def test_months_that_nobody_keeps_go_whole(worker_id: str) -> None:
    """A month goes only when no workspace keeps it, and none that holds a message that still waits to be sent."""
    url = create_database(embedded_server(), f"months_{worker_id}")
    migrate.upgrade(url)
    made = ("messages", "events", "message_refs", "message_words")
    with psycopg.connect(url, autocommit=True) as db:
        for table in made:
            for month in ("2010-05-01", "2010-06-01"):
                name = f"{table}_y{month[:4]}m{month[5:7]}"
                db.execute(
                    f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{month}')"  # type: ignore[arg-type]
                    f" TO ('{month[:5]}0{int(month[6]) + 1}-01')"
                )
        for table in made:
            for month in ("05", "06"):
                db.execute(f"ALTER TABLE {table}_y2010m{month} OWNER TO chatloom_owner")  # type: ignore[arg-type]
        for nth in (1, 2):
            db.execute("INSERT INTO workspaces (id, name) VALUES (%s, 'w')", [UUID(int=nth)])
        db.execute("INSERT INTO retention (workspace_id, messages_days) VALUES (%s, 30)", [UUID(int=1)])
    limits = "INSERT INTO retention (workspace_id, messages_days) SELECT id, %s FROM workspaces ON CONFLICT DO NOTHING RETURNING 1"
    eight = [f"{table}_y2010m{month}" for table in sorted(made) for month in ("05", "06")]
    assert months(url) == sorted(eight)
    drop(url)
    assert months(url) == sorted(eight)  # somebody keeps them for good
    numbers_of(url, limits, 365)
    waiting = event_id(int(dt.datetime(2010, 6, 15, tzinfo=dt.UTC).timestamp() * 1000), bytes(10))
    out = (
        "INSERT INTO outbox (number_id, message_id, workspace_id, conversation_id, due_at, created_at)"
        " VALUES (%s, %s, %s, %s, now(), now()) RETURNING 1"
    )
    numbers_of(url, out, *[UUID(int=1), waiting, UUID(int=1), UUID(int=1)])
    drop(url)
    assert months(url) == sorted(name for name in eight if name.endswith("06"))
    numbers_of(url, "DELETE FROM outbox RETURNING 1")
    with psycopg.connect(url) as reading:
        reading.execute("SELECT count(*) FROM messages")
        drop(url)
        assert months(url) == sorted(name for name in eight if name.endswith("06"))  # a reader comes first
    drop(url)
    assert months(url) == []
    assert numbers_of(url, "SELECT count(*) > 0 FROM pg_class WHERE relname ~ '^messages_y'") == [True]


def drop(url: str) -> None:
    async def once() -> None:
        async with pool(Database(url_for(url, "runtime")), least=0, most=1) as connections:
            await retention.drop_months(connections, dt.datetime.now(dt.UTC))

    asyncio.run(once())
