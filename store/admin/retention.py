"""How long things are kept, and what that would delete now."""

import datetime as dt
from typing import NamedTuple
from uuid import UUID

from schemas.ids import first_id, month_of
from schemas.tables.retention import Retention
from store.admin.desk import Session
from store.retention import before


class Old(NamedTuple):
    """How many would be deleted now."""

    messages: int
    events: int
    runs: int
    audit: int


async def kept(session: Session, workspace: UUID) -> Retention:
    """What the workspace decided, or that all is kept for good."""
    return await session.get(Retention, workspace) or Retention(workspace_id=workspace)


async def counted(session: Session, limits: Retention, at: dt.datetime) -> Old:
    """How much is older than `limits` at a moment. Nothing is deleted."""
    messages = events = runs = audit = 0
    if limits.messages_days is not None:
        first = first_id(before(at, limits.messages_days))
        old = "number_id IN (SELECT id FROM numbers) AND month <= :month AND id < :first"
        waits = "EXISTS (SELECT FROM outbox o WHERE o.number_id = m.number_id AND o.message_id = m.id)"
        months = {"month": month_of(first), "first": first}
        found = await session.sql(f"SELECT count(*) FROM messages m WHERE {old} AND NOT {waits}", **months)
        messages = found.scalar_one()
        events = (await session.sql(f"SELECT count(*) FROM events WHERE {old}", **months)).scalar_one()
    if limits.data_days is not None:
        moment = before(at, limits.data_days)
        found = await session.sql(
            "SELECT count(*) FROM runs"
            " WHERE number_id IN (SELECT id FROM numbers) AND id < :first AND ended_at < :at",
            first=first_id(moment),
            at=moment,
        )
        runs = found.scalar_one()
    if limits.audit_days is not None:
        moment = before(at, limits.audit_days)
        found = await session.sql(
            "SELECT count(*) FROM audit WHERE place IS NOT NULL AND at < :at", at=moment
        )
        audit = found.scalar_one()
    return Old(messages, events, runs, audit)
