"""Runs: executions of a bot in a conversation."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from store.leases import Lease
from store.named_sql import run
from store.pool import Connection


class RunStarted(NamedTuple):
    id: UUID
    conversation_id: UUID
    version: int
    flow: str
    trigger: str
    at: dt.datetime


class RunEnded(NamedTuple):
    """`data` is a JSON object: what was collected."""

    id: UUID
    at: dt.datetime
    how: str
    result: str
    error: str
    data: bytes


async def start(conn: Connection, lease: Lease, bot_id: UUID | None, rows: Sequence[RunStarted]) -> None:
    """Within a transaction: note runs that began."""
    await run(
        conn,
        "runs",
        "start",
        {
            **lease.key(),
            "bot": bot_id,
            "ids": [row.id for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "versions": [row.version for row in rows],
            "flows": [row.flow for row in rows],
            "triggers": [row.trigger for row in rows],
            "times": [row.at for row in rows],
        },
    )


async def finish(conn: Connection, sealer: Sealer, lease: Lease, rows: Sequence[RunEnded]) -> None:
    """Within a transaction: note runs that ended."""
    await run(
        conn,
        "runs",
        "finish",
        {
            **lease.key(),
            "ids": [row.id for row in rows],
            "times": [row.at for row in rows],
            "hows": [row.how for row in rows],
            "results": [row.result for row in rows],
            "errors": [row.error for row in rows],
            "data": [sealer.seal("runs", "data", row.id.bytes, row.data) for row in rows],
        },
    )
