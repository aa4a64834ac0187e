"""Receipts: delivery reports. The doors only insert them; the owner folds them into messages.

A status never falls. `failed` stands between `sent` and `delivered`: a message that is known to have arrived
did not fail, and one that failed is corrected by a later report that it arrived. So folding is a maximum,
and the order in which reports come does not matter.
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
from store.pool import Connection
from store.problems import problems

RANKS = {"queued": 0, "sending": 1, "sent": 2, "failed": 3, "delivered": 4, "read": 5}


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


def storable(text: str) -> str:
    """A vendor's text as PostgreSQL can hold it: no NUL, no half of a surrogate pair, at most 1,000 characters."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:1000]
