"""Timers: rows that become inbox events when they fall due. One of a name lives in a conversation."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from store.leases import Lease
from store.named_sql import run
from store.parts import Part, keys, pairs
from store.pool import Connection
from store.problems import problems


class TimerRow(NamedTuple):
    """A timer. `visit` is the wait that set it."""

    conversation_id: UUID
    name: str
    id: UUID
    due_at: dt.datetime
    visit: int


async def set_all(conn: Connection, parts: Iterable[Part[TimerRow]]) -> None:
    """Within a transaction: set timers. A conversation's name stands at most once among the rows."""
    each = pairs(
        part._replace(rows=sorted(part.rows, key=lambda row: (row.conversation_id.int, row.name)))
        for part in parts
    )
    await run(
        conn,
        "timers",
        "set",
        {
            **keys(each),
            "conversations": [row.conversation_id for _, row in each],
            "names": [row.name for _, row in each],
            "ids": [row.id for _, row in each],
            "dues": [row.due_at for _, row in each],
            "visits": [row.visit for _, row in each],
        },
    )


async def cancel(conn: Connection, parts: Iterable[Part[tuple[UUID, str]]]) -> None:
    """Within a transaction: forget timers by (conversation, name)."""
    by_name: dict[str, list[tuple[Part[tuple[UUID, str]], tuple[UUID, str]]]] = defaultdict(list)
    for part, row in pairs(part._replace(rows=sorted(part.rows)) for part in parts):
        by_name[row[1]].append((part, row))
    for name, some in by_name.items():
        conversations = [row[0] for _, row in some]
        await run(conn, "timers", "cancel", {**keys(some), "conversations": conversations, "name": name})


async def fired(conn: Connection, lease: Lease, rows: Sequence[TimerRow]) -> None:
    """Within a transaction: these became events."""
    conversations, ids = [row.conversation_id for row in rows], [row.id for row in rows]
    await run(conn, "timers", "fired", {**lease.key(), "conversations": conversations, "ids": ids})


async def due(conn: Connection, lease: Lease, before: dt.datetime, limit: int = 10_000) -> list[TimerRow]:
    """The timers that fall due before that moment, soonest first."""
    with problems(lease.number_id):
        params = {**lease.key(), "before": before, "limit": limit}
        rows = await (await run(conn, "timers", "due", params)).fetchall()
    return [TimerRow(*row) for row in rows]
