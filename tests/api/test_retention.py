"""Retention: what is older than the workspace keeps it is gone, nothing else, and a dry run says so before."""

import asyncio
import datetime as dt
from uuid import UUID

import httpx
import psycopg

from keys.signer import Signer
from schemas.ids import event_id, month_of
from store import audit, retention
from store.audit_chain import PURPOSE
from store.pool import Database, pool
from store.roles import url_for
from tests.api.people import Enter, elsewhere
from tests.live import MASTERS, Live

TABLES = ("messages", "message_refs", "events", "runs")


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


def work(url: str) -> None:
    async def until_done() -> None:
        async with pool(Database(url_for(url, "runtime")), least=0, most=1) as connections:
            signer = Signer(MASTERS, PURPOSE)
            while await audit.chain(connections, signer):
                pass
            while await retention.apply(connections, signer):
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
    assert counted == {"messages": 2, "events": 2, "runs": 1, "audit": 0}
    work(url)
    assert left(url, numbers[0]) == dict.fromkeys(TABLES, 4)
    assert mine.put("/api/v1/retention", json=limits).json() == limits
    work(url)
    assert mine.get("/api/v1/retention").json() == limits
    assert left(url, numbers[0]) == {"messages": 2, "message_refs": 2, "events": 2, "runs": 3}
    assert left(url, numbers[1]) == dict.fromkeys(TABLES, 4)
    assert mine.post("/api/v1/retention/dry-run", json=limits).json() == dict.fromkeys(counted, 0)
    (told,) = mine.get("/api/v1/audit", params={"action": "retention.set"}).json()["items"]
    assert told["changes"]["messages_days"] == [None, 30]
    assert mine.get("/api/v1/audit/verification").json()["broken"] is None
