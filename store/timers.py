"""Timers: rows that become inbox events when they fall due. One of a name lives in a conversation."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from store.leases import Lease
from store.named_sql import run
from store.pool import Connection
from store.problems import problems


class TimerRow(NamedTuple):
    """A timer. `visit` is the wait that set it."""

    conversation_id: UUID
    name: str
    id: UUID
    due_at: dt.datetime
    visit: int


async def set_all(conn: Connection, lease: Lease, rows: Sequence[TimerRow]) -> None:
    """Within a transaction: set timers. A conversation's name stands at most once among `rows`."""
    rows = sorted(rows, key=lambda row: (row.conversation_id.int, row.name))
    await run(
        conn,
        "timers",
        "set",
        {
            **lease.key(),
            "conversations": [row.conversation_id for row in rows],
            "names": [row.name for row in rows],
            "ids": [row.id for row in rows],
            "dues": [row.due_at for row in rows],
            "visits": [row.visit for row in rows],
        },
    )


async def cancel(conn: Connection, lease: Lease, names: Sequence[tuple[UUID, str]]) -> None:
    """Within a transaction: forget timers by (conversation, name)."""
    by_name: dict[str, list[UUID]] = defaultdict(list)
    for conversation_id, name in names:
        by_name[name].append(conversation_id)
    for name, some in by_name.items():
        await run(conn, "timers", "cancel", {**lease.key(), "conversations": some, "name": name})


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
