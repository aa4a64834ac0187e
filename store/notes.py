"""Notes and tasks that flows write beside conversations. What they say is sealed; `store.admin.notes` reads them."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from store.leases import Lease
from store.named_sql import run
from store.pool import Connection


class NoteRow(NamedTuple):
    """A note. `by` is who wrote it, as transcripts name them."""

    id: UUID
    conversation_id: UUID
    body: str
    by: str
    created_at: dt.datetime


class TaskRow(NamedTuple):
    """A task. `team` is a name that a team has or had, `person` an address; who is not known is nobody."""

    id: UUID
    conversation_id: UUID
    body: str
    by: str
    created_at: dt.datetime
    team: str
    person: str
    due_at: dt.datetime | None


async def write(conn: Connection, sealer: Sealer, lease: Lease, rows: Sequence[NoteRow]) -> None:
    """Within a transaction: keep notes."""
    await run(conn, "notes", "write", _columns(sealer, lease, "conversation_notes", rows))


async def open_tasks(conn: Connection, sealer: Sealer, lease: Lease, rows: Sequence[TaskRow]) -> None:
    """Within a transaction: keep tasks."""
    columns = _columns(sealer, lease, "conversation_tasks", rows)
    columns["teams"] = [row.team for row in rows]
    columns["people"] = [row.person for row in rows]
    columns["due"] = [row.due_at for row in rows]
    await run(conn, "notes", "open_tasks", columns)


def _columns(
    sealer: Sealer, lease: Lease, table: str, rows: Sequence[NoteRow] | Sequence[TaskRow]
) -> dict[str, object]:
    return {
        **lease.key(),
        "ids": [row.id for row in rows],
        "conversations": [row.conversation_id for row in rows],
        "bodies": [sealer.seal(table, "body", row.id.bytes, row.body.encode()) for row in rows],
        "writers": [row.by for row in rows],
        "times": [row.created_at for row in rows],
    }
