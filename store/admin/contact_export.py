"""Everything that is kept of one contact, to be handed to him."""

from typing import Any
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.tables.notes import ConversationNote, ConversationTask
from store.admin import contacts, conversations, notes
from store.admin.desk import Session

MOST_LINES = 1_000_000

_RUNS = (
    "SELECT id, flow, version, trigger, started_at, ended_at, how, result, data FROM runs"
    " WHERE conversation_id = :conversation AND number_id = :number ORDER BY id"
)
_EVENTS = (
    "SELECT id, kind, at, payload FROM events"
    " WHERE conversation_id = :conversation AND number_id = :number ORDER BY id"
)
_THREADS = (
    "SELECT id, opened_at, how, opened_by, team, assignee, assigned, closed_at, closed_by, outcome FROM threads"
    " WHERE conversation_id = :conversation AND number_id = :number ORDER BY opened_at, id"
)
_CALLS = (
    "SELECT id, kind, flow, step, state, created_at, done_at, request, result FROM action_calls"
    " WHERE conversation_id = :conversation AND number_id = :number ORDER BY id"
)


async def everything(session: Session, sealer: Sealer, contact: UUID) -> dict[str, Any]:
    """His profile and names, and of each conversation what was said, happened, ran and was asked. Raises `NotFound`."""
    row = await contacts.shown(session, sealer, contact)
    talks = await contacts.talks(session, sealer, [contact])
    return {
        "contact": row._asdict(),
        "identities": [
            {"kind": one.kind, "value": one.value}
            for one in await contacts.identities(session, sealer, contact)
        ],
        "conversations": [await _talk(session, sealer, one) for one in talks],
    }


async def _talk(session: Session, sealer: Sealer, talk: contacts.Talk) -> dict[str, Any]:
    where = (talk.number_id, talk.id)
    lines = await conversations.transcript(session, sealer, *where, MOST_LINES)
    return {
        "id": talk.id,
        "number": talk.number,
        "name": talk.name,
        "status": talk.status,
        "opted_out": talk.opted_out,
        "messages": [line._asdict() for line in lines],
        "events": await _rows(session, sealer, "events", _EVENTS, where, ("payload",)),
        "runs": await _rows(session, sealer, "runs", _RUNS, where, ("data",)),
        "calls": await _rows(session, sealer, "action_calls", _CALLS, where, ("request", "result")),
        "threads": await _rows(session, sealer, "threads", _THREADS, where, ()),
        "notes": await _said(session, sealer, ConversationNote, talk.id),
        "tasks": await _said(session, sealer, ConversationTask, talk.id),
    }


async def _said(session: Session, sealer: Sealer, kind: type[notes.Row], talk: UUID) -> list[dict[str, Any]]:
    """What people kept beside a conversation, as it was written."""
    found = await notes.beside(session, kind, talk)
    return [
        {**row.model_dump(exclude={"workspace_id", "number_id"}), "body": notes.read(sealer, row)}
        for row in found
    ]


async def _rows(
    session: Session,
    sealer: Sealer,
    table: str,
    statement: str,
    where: tuple[UUID, UUID],
    sealed: tuple[str, ...],
) -> list[dict[str, Any]]:
    """Rows with their sealed columns opened."""
    rows = (await session.sql(statement, number=where[0], conversation=where[1])).mappings()
    found: list[dict[str, Any]] = []
    for each in rows:
        row = dict(each)
        for column in sealed:
            if row[column] is not None:
                plain = sealer.open(table, column, row["id"].bytes, bytes(row[column]))
                row[column] = orjson.loads(plain) if plain else None
        found.append(row)
    return found
