"""Quarantine, for people to look at: what could not be understood or processed, with why."""

import datetime as dt
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.problems import NotFound
from store.admin.desk import Session
from store.admin.page import Cursor, Window, cursor, typed


class Kept(NamedTuple):
    """One thing kept aside, without its content."""

    id: UUID
    number_id: UUID | None
    app_id: UUID | None
    source_id: str
    conversation_id: UUID | None
    kind: str
    received_at: dt.datetime
    error: str


_COLUMNS = "id, number_id, app_id, source_id, conversation_id, kind, received_at, error"


async def listed(session: Session, window: Window) -> tuple[list[Kept], Cursor | None]:
    """The latest first."""
    after, values = "", {}
    if window.after is not None:
        at, last = typed(window.after, dt.datetime, UUID)
        after, values = "WHERE (received_at, id) < (:at, :last)", {"at": at, "last": last}
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM quarantine {after} ORDER BY received_at DESC, id DESC LIMIT :limit",
        limit=window.limit + 1,
        **values,
    )
    kept = [Kept(*row) for row in rows]
    if len(kept) <= window.limit:
        return kept, None
    return kept[:-1], cursor(kept[-2].received_at, kept[-2].id)


async def found(session: Session, key: UUID) -> Kept:
    """One. Raises `NotFound`."""
    rows = await session.sql(f"SELECT {_COLUMNS} FROM quarantine WHERE id = :id", id=key)
    if (row := rows.first()) is None:
        raise NotFound(what="entry in quarantine", name=str(key))
    return Kept(*row)


async def content(session: Session, sealer: Sealer, key: UUID) -> bytes:
    """What was kept, whole. Raises `NotFound`."""
    rows = await session.sql("SELECT payload FROM quarantine WHERE id = :id", id=key)
    if (row := rows.first()) is None:
        raise NotFound(what="entry in quarantine", name=str(key))
    return sealer.open("quarantine", "payload", key.bytes, bytes(row[0]))
