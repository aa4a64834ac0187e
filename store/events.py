"""Events: what was processed, once, normalized. Replay and transcripts read it."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from schemas.ids import month_of
from store.named_sql import run
from store.parts import Part, keys, pairs
from store.pool import Connection


class EventRow(NamedTuple):
    """One event and what it did. `trace` is a JSON list of steps and outcomes, without values."""

    id: UUID
    conversation_id: UUID
    run_id: UUID | None
    version: int | None
    kind: str
    at: dt.datetime
    plain: bytes
    trace: str


async def insert(conn: Connection, parts: Iterable[Part[EventRow]]) -> None:
    """Within a transaction: keep events."""
    each = pairs(parts)
    rows = [row for _, row in each]
    await run(
        conn,
        "events",
        "insert",
        {
            **keys(each),
            "months": [month_of(row.id) for row in rows],
            "ids": [row.id for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "runs": [row.run_id for row in rows],
            "versions": [row.version for row in rows],
            "kinds": [row.kind for row in rows],
            "times": [row.at for row in rows],
            "payloads": [
                part.sealer.seal("events", "payload", row.id.bytes, row.plain) for part, row in each
            ],
            "traces": [row.trace for row in rows],
        },
    )
