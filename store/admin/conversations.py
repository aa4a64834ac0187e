"""Conversations and their transcripts, as people read them."""

import datetime as dt
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.ids import month_of
from schemas.messages import Identity
from schemas.problems import NotFound
from store.admin.desk import Session
from store.conversations import conversation_id


class Talk(NamedTuple):
    """Where a conversation stands."""

    id: UUID
    contact_id: UUID
    status: str
    flow: str
    step: str
    version: int | None
    team: str
    opted_out: bool
    last_in_at: dt.datetime | None
    updated_at: dt.datetime


class Line(NamedTuple):
    """One message of a transcript. `body`: the content of an inbound one, the body of an outbound one."""

    id: UUID
    direction: str
    kind: str
    body: dict[str, Any]
    status: str
    error: str
    by: str
    flow: str
    step: str
    provider_id: str
    amended: str
    resends: int
    created_at: dt.datetime


_LINES = (
    "SELECT m.id, m.direction, m.kind, m.body, m.status, m.error, m.by, m.flow, m.step, m.provider_id,"
    " m.amended, m.resends, m.created_at, e.payload FROM messages m LEFT JOIN events e ON m.direction = 'in'"
    " AND e.number_id = m.number_id AND e.month = m.month AND e.id = m.id"
    " WHERE m.number_id = :number AND m.conversation_id = :conversation"
)
_COLUMNS = "id, contact_id, status, flow, step, version, team, opted_out, last_in_at, updated_at"


async def listed(session: Session, number: UUID, limit: int) -> list[Talk]:
    """A number's conversations, the liveliest first."""
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM conversations WHERE number_id = :number ORDER BY updated_at DESC LIMIT :limit",
        number=number,
        limit=limit,
    )
    return [Talk(*row) for row in rows]


async def found(session: Session, number: UUID, key: UUID) -> Talk:
    """One. Raises `NotFound`."""
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM conversations WHERE number_id = :number AND id = :id",
        number=number,
        id=key,
    )
    if (row := rows.first()) is None:
        raise NotFound(what="conversation", name=str(key))
    return Talk(*row)


async def of_identity(session: Session, sealer: Sealer, number: UUID, who: Identity) -> UUID | None:
    """The conversation of a number with whom a channel names so, or None before his first message."""
    rows = await session.sql(
        "SELECT contact_id FROM identities WHERE blind = :blind",
        blind=sealer.blind(who.kind, who.value),
    )
    contact = rows.scalar()
    return conversation_id(number, contact) if contact else None


async def transcript(
    session: Session, sealer: Sealer, number: UUID, conversation: UUID, limit: int
) -> list[Line]:
    """The latest `limit` messages, in the order in which they were said."""
    rows = await session.sql(
        f"{_LINES} ORDER BY m.created_at DESC, m.place DESC, m.id DESC LIMIT :limit",
        number=number,
        conversation=conversation,
        limit=limit,
    )
    return [_line(sealer, tuple(row)) for row in rows][::-1]


async def message(session: Session, sealer: Sealer, number: UUID, conversation: UUID, key: UUID) -> Line:
    """One message of a conversation. Raises `NotFound`."""
    rows = await session.sql(
        f"{_LINES} AND m.month = :month AND m.id = :id",
        number=number,
        conversation=conversation,
        month=month_of(key),
        id=key,
    )
    if (row := rows.first()) is None:
        raise NotFound(what="message", name=str(key))
    return _line(sealer, tuple(row))


def _line(sealer: Sealer, row: tuple[Any, ...]) -> Line:
    key, direction, _, body, *_, payload = row
    said: dict[str, Any] = {}
    if body is not None:
        said = orjson.loads(sealer.open("messages", "body", key.bytes, bytes(body)))
    elif direction == "in" and payload is not None:
        said = orjson.loads(sealer.open("events", "payload", key.bytes, bytes(payload)))["message"]["content"]
    return Line._make((*row[:3], said, *row[4:-1]))


async def fingerprint(session: Session, number: UUID, conversation: UUID) -> tuple[Any, ...]:
    """Something small that differs when the transcript does."""
    rows = await session.sql(
        "SELECT count(*), max(created_at), max(status_at) FROM messages"
        " WHERE number_id = :number AND conversation_id = :conversation",
        number=number,
        conversation=conversation,
    )
    return tuple(rows.one())
