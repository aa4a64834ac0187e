"""The outbox: messages to send. A row lives until it is settled, or dead until a person looks at it."""

import datetime as dt
from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.ids import month_of
from store.leases import Lease
from store.named_sql import run
from store.parts import Part, keys, pairs
from store.pool import Connection
from store.problems import problems
from store.receipts import storable


class OutboxRow(NamedTuple):
    """A message to send. `state`: `queued`, or `sending` where it goes as soon as this is committed."""

    message_id: UUID
    conversation_id: UUID
    priority: int
    state: str
    attempt: int
    reply_to: str
    created_at: dt.datetime


class Waiting(NamedTuple):
    """A message as it is read back. `body` is its JSON; empty: the message is gone."""

    message_id: UUID
    conversation_id: UUID
    priority: int
    state: str
    attempt: int
    due_at: dt.datetime
    reply_to: str
    created_at: dt.datetime
    sending_since: dt.datetime | None
    body: bytes
    by: str = ""


class Requeued(NamedTuple):
    """A message that was not sent and waits until `due_at`."""

    message_id: UUID
    attempt: int
    due_at: dt.datetime
    code: str = ""
    error: str = ""


class Failed(NamedTuple):
    """A message that will not be sent. `dead`: it is kept as a dead letter."""

    message_id: UUID
    attempt: int
    code: str
    error: str
    at: dt.datetime
    dead: bool


class OutboxDepth(NamedTuple):
    waiting: int
    oldest: dt.datetime | None
    dead: int


async def insert(conn: Connection, parts: Iterable[Part[OutboxRow]]) -> None:
    """Within a transaction: queue messages, in this order."""
    each = pairs(parts)
    rows = [row for _, row in each]
    await run(
        conn,
        "outbox",
        "insert",
        {
            **keys(each),
            "ids": [row.message_id for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "priorities": [row.priority for row in rows],
            "states": [row.state for row in rows],
            "attempts": [row.attempt for row in rows],
            "reply_tos": [row.reply_to for row in rows],
            "times": [row.created_at for row in rows],
        },
    )


async def sending(conn: Connection, lease: Lease, marks: Sequence[tuple[UUID, int]]) -> None:
    """Within a transaction: mark (message, attempt) as perhaps on their way."""
    params = {**lease.key(), "ids": [mark[0] for mark in marks], "attempts": [mark[1] for mark in marks]}
    await run(conn, "outbox", "sending", params)


async def requeue(conn: Connection, lease: Lease, rows: Sequence[Requeued]) -> None:
    """Within a transaction: put messages back."""
    await run(
        conn,
        "outbox",
        "requeue",
        {
            **lease.key(),
            "ids": [row.message_id for row in rows],
            "attempts": [row.attempt for row in rows],
            "dues": [row.due_at for row in rows],
            "codes": [storable(row.code) for row in rows],
            "errors": [storable(row.error) for row in rows],
        },
    )


async def settle(conn: Connection, parts: Iterable[Part[UUID]]) -> None:
    """Within a transaction: nothing is left to do for these."""
    each = pairs(parts)
    await run(conn, "outbox", "settle", {**keys(each), "ids": [message for _, message in each]})


async def bury(conn: Connection, lease: Lease, rows: Sequence[Failed]) -> None:
    """Within a transaction: make dead letters."""
    await run(
        conn,
        "outbox",
        "bury",
        {
            **lease.key(),
            "ids": [row.message_id for row in rows],
            "attempts": [row.attempt for row in rows],
            "codes": [storable(row.code) for row in rows],
            "errors": [storable(row.error) for row in rows],
        },
    )


async def load(conn: Connection, sealer: Sealer, lease: Lease, known: Set[UUID]) -> list[Waiting]:
    """What is to be sent but for the messages `known`, in order, with the bodies opened."""
    with problems(lease.number_id):
        found = await (await run(conn, "outbox", "load", lease.key())).fetchall()
        rows = [row for row in found if row[0] not in known]
        if not rows:
            return []
        params = {
            **lease.key(),
            "ids": [row[0] for row in rows],
            "months": sorted({month_of(row[0]) for row in rows}),
        }
        told = {one[0]: one[1:] for one in await (await run(conn, "messages", "bodies", params)).fetchall()}
    return [
        Waiting._make((*row, sealer.open("messages", "body", row[0].bytes, body) if body else b"", by))
        for row, (body, by) in ((row, told.get(row[0], (None, ""))) for row in rows)
    ]


async def depth(conn: Connection, lease: Lease) -> OutboxDepth:
    """How much waits to be sent, and how much never will."""
    with problems(lease.number_id):
        row = await (await run(conn, "outbox", "depth", lease.key())).fetchone()
    return OutboxDepth(*row) if row else OutboxDepth(0, None, 0)
