"""Action calls: requests to the world outside, each a row with an idempotency key, its id."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from store.leases import Lease
from store.named_sql import run
from store.pool import Connection
from store.problems import problems
from store.receipts import storable


class CallRow(NamedTuple):
    """A call to make. `request` is what it asks for, as JSON."""

    id: UUID
    conversation_id: UUID
    kind: str
    flow: str
    step: str
    visit: int
    request: bytes
    created_at: dt.datetime


class OpenCall(NamedTuple):
    """A call without a result, as it is read back."""

    id: UUID
    conversation_id: UUID
    kind: str
    visit: int
    request: bytes
    attempt: int
    due_at: dt.datetime
    created_at: dt.datetime


class Progress(NamedTuple):
    """Where a call stands after a try. `result` is JSON, when it ended."""

    id: UUID
    state: str
    attempt: int
    due_at: dt.datetime
    error: str = ""
    result: bytes | None = None


async def insert(conn: Connection, sealer: Sealer, lease: Lease, rows: Sequence[CallRow]) -> None:
    """Within a transaction: queue calls."""
    await run(
        conn,
        "action_calls",
        "insert",
        {
            **lease.key(),
            "ids": [row.id for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "kinds": [row.kind for row in rows],
            "flows": [row.flow for row in rows],
            "steps": [row.step for row in rows],
            "visits": [row.visit for row in rows],
            "requests": [sealer.seal("action_calls", "request", row.id.bytes, row.request) for row in rows],
            "times": [row.created_at for row in rows],
        },
    )


async def advance(conn: Connection, sealer: Sealer, lease: Lease, rows: Sequence[Progress]) -> None:
    """Within a transaction: note where calls stand."""
    await run(
        conn,
        "action_calls",
        "advance",
        {
            **lease.key(),
            "ids": [row.id for row in rows],
            "states": [row.state for row in rows],
            "attempts": [row.attempt for row in rows],
            "dues": [row.due_at for row in rows],
            "errors": [storable(row.error) for row in rows],
            "results": [
                None
                if row.result is None
                else sealer.seal("action_calls", "result", row.id.bytes, row.result)
                for row in rows
            ],
        },
    )


async def unfinished(conn: Connection, sealer: Sealer, lease: Lease) -> list[OpenCall]:
    """The calls that have no result yet."""
    with problems(lease.number_id):
        rows = await (await run(conn, "action_calls", "open", lease.key())).fetchall()
    return [
        OpenCall(
            one,
            conversation,
            kind,
            visit,
            sealer.open("action_calls", "request", one.bytes, request),
            attempt,
            due_at,
            created_at,
        )
        for one, conversation, kind, visit, request, attempt, due_at, created_at in rows
    ]
