"""How long things are kept, and what that would delete now."""

import datetime as dt
from typing import NamedTuple
from uuid import UUID

from schemas.ids import first_id, month_of
from schemas.tables.retention import Retention
from store.admin.desk import Session
from store.retention import before


class Old(NamedTuple):
    """How many rows of each table would be deleted now; `files`: of contacts and their bytes on the disk."""

    messages: int = 0
    message_refs: int = 0
    events: int = 0
    action_calls: int = 0
    conversation_notes: int = 0
    conversation_tasks: int = 0
    threads: int = 0
    reply_drafts: int = 0
    quarantine: int = 0
    webhook_events: int = 0
    webhook_deliveries: int = 0
    files: int = 0
    file_bytes: int = 0
    runs: int = 0
    audit: int = 0


_MINE = "number_id IN (SELECT id FROM numbers)"
_MONTHS = f"{_MINE} AND month <= :month AND id < :first"
_BY_MESSAGES = {
    "messages": f"FROM messages m WHERE {_MONTHS} AND NOT EXISTS"
    " (SELECT FROM outbox o WHERE o.number_id = m.number_id AND o.message_id = m.id)",
    "message_refs": f"FROM message_refs r WHERE {_MINE} AND month <= :month AND message_id < :first AND NOT EXISTS"
    " (SELECT FROM outbox o WHERE o.number_id = r.number_id AND o.message_id = r.message_id)",
    "events": f"FROM events WHERE {_MONTHS}",
    "action_calls": f"FROM action_calls WHERE {_MINE} AND id < :first AND state IN ('done', 'failed')",
    "conversation_notes": "FROM conversation_notes WHERE id < :first",
    "conversation_tasks": "FROM conversation_tasks WHERE id < :first AND done_at < :at",
    "threads": "FROM threads WHERE opened_at < :at AND closed_at < :at",
    "reply_drafts": "FROM reply_drafts WHERE updated_at < :at",
    "quarantine": "FROM quarantine WHERE received_at < :at",
    "webhook_events": "FROM webhook_events WHERE at < :at",
    "webhook_deliveries": "FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id WHERE e.at < :at",
    "files": "FROM media WHERE created_at < :at",
}


async def kept(session: Session, workspace: UUID) -> Retention:
    """What the workspace decided, or that all is kept for good."""
    return await session.get(Retention, workspace) or Retention(workspace_id=workspace)


async def counted(session: Session, limits: Retention, at: dt.datetime) -> Old:
    """How much is older than `limits` at a moment. Nothing is deleted."""
    found: dict[str, int] = {}
    if limits.messages_days is not None:
        moment = before(at, limits.messages_days)
        params = {"at": moment, "first": first_id(moment), "month": month_of(first_id(moment))}
        for name, rows in _BY_MESSAGES.items():
            given = {each: value for each, value in params.items() if f":{each}" in rows}
            found[name] = (await session.sql(f"SELECT count(*) {rows}", **given)).scalar_one()
        size = await session.sql(f"SELECT coalesce(sum(bytes), 0)::bigint {_BY_MESSAGES['files']}", at=moment)
        found["file_bytes"] = size.scalar_one()
    if limits.data_days is not None:
        moment = before(at, limits.data_days)
        runs = f"FROM runs WHERE {_MINE} AND id < :first AND ended_at < :at"
        ended = await session.sql(f"SELECT count(*) {runs}", first=first_id(moment), at=moment)
        found["runs"] = ended.scalar_one()
    if limits.audit_days is not None:
        moment = before(at, limits.audit_days)
        told = await session.sql("SELECT count(*) FROM audit WHERE place IS NOT NULL AND at < :at", at=moment)
        found["audit"] = told.scalar_one()
    return Old(**found)
