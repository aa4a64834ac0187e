"""Runs: executions of a bot in a conversation."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from store.leases import Lease
from store.named_sql import run
from store.parts import Part, keys, pairs
from store.pool import Connection


class RunStarted(NamedTuple):
    id: UUID
    conversation_id: UUID
    version: int
    flow: str
    trigger: str
    at: dt.datetime


class RunMoved(NamedTuple):
    id: UUID
    version: int


class RunEnded(NamedTuple):
    """`data` is a JSON object: what was collected."""

    id: UUID
    at: dt.datetime
    how: str
    result: str
    error: str
    data: bytes


async def start(
    conn: Connection, bots: Mapping[UUID, UUID | None], parts: Iterable[Part[RunStarted]]
) -> None:
    """Within a transaction: note runs that began. `bots`: whose bot each number has."""
    each = pairs(parts)
    rows = [row for _, row in each]
    await run(
        conn,
        "runs",
        "start",
        {
            **keys(each),
            "bots": [bots[part.lease.number_id] for part, _ in each],
            "ids": [row.id for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "versions": [row.version for row in rows],
            "flows": [row.flow for row in rows],
            "triggers": [row.trigger for row in rows],
            "times": [row.at for row in rows],
        },
    )


async def finish(conn: Connection, parts: Iterable[Part[RunEnded]]) -> None:
    """Within a transaction: note runs that ended."""
    each = pairs(parts)
    rows = [row for _, row in each]
    await run(
        conn,
        "runs",
        "finish",
        {
            **keys(each),
            "ids": [row.id for row in rows],
            "times": [row.at for row in rows],
            "hows": [row.how for row in rows],
            "results": [row.result for row in rows],
            "errors": [row.error for row in rows],
            "data": [part.sealer.seal("runs", "data", row.id.bytes, row.data) for part, row in each],
        },
    )


async def move(conn: Connection, lease: Lease, moved: Iterable[RunMoved]) -> None:
    """Within a transaction: note runs that go on with another version."""
    rows = list(moved)
    params = {"ids": [row.id for row in rows], "versions": [row.version for row in rows]}
    await run(conn, "runs", "move", {"number": lease.number_id, **params})
