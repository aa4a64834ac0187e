"""Receipts: delivery reports. The doors only insert them; the owner folds them into messages.

A status never falls. `unconfirmed` (no report came, though one should have: `store/watch.py`) and `failed` stand
between `sent` and `delivered`: a message that is known to have arrived did not fail, and one that failed is
corrected by a later report that it arrived. So folding is a maximum, and the order in which reports come does not
matter. The database does the same against what it holds (`store/sql/receipts.sql`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from psycopg import AsyncCursor

from keys.seal import Sealer
from schemas.events import Undelivered
from schemas.events import codec as event_codec
from schemas.ids import month_of, new_event_id
from store.leases import Lease
from store.named_sql import run
from store.parts import Part, keys, pairs
from store.pool import Connection
from store.problems import problems

RANKS = {"queued": 0, "sending": 1, "sent": 2, "unconfirmed": 3, "failed": 4, "delivered": 5, "read": 6}


class ReceiptRow(NamedTuple):
    """A report as a door took it. `message_id` is the tracker, where the channel returns it."""

    number_id: UUID
    workspace_id: UUID
    slot: int
    message_id: UUID | None
    provider_id: str
    status: str
    at: dt.datetime
    error_code: str = ""
    error: str = ""
    pricing: dict[str, Any] | None = None


class PendingReceipt(NamedTuple):
    """A report to fold."""

    id: int
    message_id: UUID | None
    provider_id: str
    status: str
    at: dt.datetime
    error_code: str
    error: str


class Folded(NamedTuple):
    """The best that is known of a message."""

    message_id: UUID
    status: str
    at: dt.datetime
    error_code: str = ""
    error: str = ""


def best(folded: Iterable[Folded]) -> dict[UUID, Folded]:
    """What says most of each message."""
    found: dict[UUID, Folded] = {}
    for one in folded:
        known = found.get(one.message_id)
        found[one.message_id] = one if known is None else better(known, one)
    return found


def better(one: Folded, other: Folded) -> Folded:
    """The one that says more; of equals the earlier."""
    if RANKS[one.status] != RANKS[other.status]:
        return max(one, other, key=lambda folded: RANKS[folded.status])
    return min(one, other, key=lambda folded: (folded.at, folded.error_code, folded.error))


async def insert(conn: Connection, rows: Sequence[ReceiptRow]) -> None:
    """Add reports. A status that we do not know is left out."""
    rows = [row for row in rows if row.status in RANKS]
    await run(
        conn,
        "receipts",
        "insert",
        {
            "numbers": [row.number_id for row in rows],
            "workspaces": [row.workspace_id for row in rows],
            "slots": [row.slot for row in rows],
            "messages": [row.message_id for row in rows],
            "providers": [storable(row.provider_id) for row in rows],
            "statuses": [row.status for row in rows],
            "times": [row.at for row in rows],
            "codes": [storable(row.error_code) for row in rows],
            "errors": [storable(row.error) for row in rows],
            "pricings": [_json(row.pricing) for row in rows],
        },
    )


async def messages_of(conn: Connection, lease: Lease, provider_ids: Iterable[str]) -> dict[str, UUID]:
    """Our message ids by the provider's."""
    params = {**lease.key(), "providers": list(provider_ids)}
    with problems(lease.number_id):
        rows = await (await run(conn, "receipts", "messages_of", params)).fetchall()
    return {row[0]: row[1] for row in rows}


async def fold(conn: Connection, parts: Iterable[Part[Folded]]) -> None:
    """Within a transaction: raise the statuses, and post `Undelivered` for what failed. Each message stands once."""
    by_month: dict[dt.date, list[tuple[Part[Folded], Folded]]] = defaultdict(list)
    for part, one in pairs(
        part._replace(rows=sorted(part.rows, key=lambda one: one.message_id.int)) for part in parts
    ):
        by_month[month_of(one.message_id)].append((part, one))
    for month, each in by_month.items():
        failed: dict[UUID, tuple[Part[Folded], list[Folded]]] = {}
        for part, one in each:
            if one.status == "failed":
                failed.setdefault(part.lease.number_id, (part, []))[1].append(one)
        for part, some in failed.values():
            await _tell(conn, part.sealer, part.lease, month, some)
        await run(
            conn,
            "receipts",
            "fold",
            {
                **keys(each),
                "month": month,
                "messages": [one.message_id for _, one in each],
                "statuses": [one.status for _, one in each],
                "times": [one.at for _, one in each],
                "codes": [storable(one.error_code) for _, one in each],
                "errors": [storable(one.error) for _, one in each],
            },
        )


async def ask_pending(
    conn: Connection, wanted: Sequence[tuple[Lease, int]], unknown: Sequence[int], limit: int
) -> AsyncCursor[Any]:
    """Ask for reports of numbers to fold, each from its id, oldest first; none of `unknown`.

    The cursor's rows are those of `PendingReceipt` after the number's id.
    """
    params = {
        "numbers": [lease.number_id for lease, _ in wanted],
        "slots": [lease.slot for lease, _ in wanted],
        "firsts": [first for _, first in wanted],
        "unknown": unknown,
        "limit": limit,
    }
    return await run(conn, "receipts", "pending", params)


async def oldest(conn: Connection, lease: Lease) -> int | None:
    """The id of the oldest report that waits."""
    with problems(lease.number_id):
        row = await (await run(conn, "receipts", "oldest", lease.key())).fetchone()
    return row[0] if row else None


async def forget(conn: Connection, parts: Iterable[Part[int]]) -> None:
    """Delete folded reports."""
    each = pairs(parts)
    await run(conn, "receipts", "forget", {**keys(each), "ids": [report for _, report in each]})


def _json(value: dict[str, Any] | None) -> str | None:
    """JSON that jsonb takes: it refuses an escaped NUL."""
    if value is None:
        return None
    text = orjson.dumps(value).decode()
    return None if "\\u0000" in text else text


async def _tell(
    conn: Connection, sealer: Sealer, lease: Lease, month: dt.date, failed: Sequence[Folded]
) -> None:
    now = dt.datetime.now(dt.UTC)
    events = [
        Undelivered(
            id=new_event_id(),
            at=now,
            message=one.message_id,
            code=storable(one.error_code),
            why=storable(one.error),
        )
        for one in failed
    ]
    await run(
        conn,
        "receipts",
        "undelivered",
        {
            **lease.key(),
            "month": month,
            "messages": [one.message_id for one in failed],
            "sources": [f"undelivered:{one.message_id}" for one in failed],
            "events": [event.id for event in events],
            "times": [event.at for event in events],
            "payloads": [
                sealer.seal("inbox", "payload", event.id.bytes, event_codec.dump_json(event))
                for event in events
            ],
        },
    )


def storable(text: str) -> str:
    """A vendor's text as PostgreSQL can hold it: no NUL, no half of a surrogate pair, at most 1,000 characters."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:1000]
