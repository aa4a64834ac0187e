"""Events: what was processed, once, normalized. Replay and transcripts read it."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.ids import month_of
from store.leases import Lease
from store.named_sql import run
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


async def insert(conn: Connection, sealer: Sealer, lease: Lease, rows: Sequence[EventRow]) -> None:
    """Within a transaction: keep events."""
    seal = sealer.seal
    await run(
        conn,
        "events",
        "insert",
        {
            **lease.key(),
            "months": [month_of(row.id) for row in rows],
            "ids": [row.id for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "runs": [row.run_id for row in rows],
            "versions": [row.version for row in rows],
            "kinds": [row.kind for row in rows],
            "times": [row.at for row in rows],
            "payloads": [seal("events", "payload", row.id.bytes, row.plain) for row in rows],
            "traces": [row.trace for row in rows],
        },
    )
