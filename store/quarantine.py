"""Quarantine: what was taken but could not be understood or processed, whole and sealed, with why."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.ids import new_event_id
from schemas.messages import Inbound
from store.named_sql import run
from store.pool import Connection

if TYPE_CHECKING:
    from store.inbox import Place

MOST_ERROR_CHARS = 2000


class QuarantineRow(NamedTuple):
    """One thing kept aside. `kind`: `webhook`, `message`, or the kind of the event."""

    id: UUID
    workspace_id: UUID
    number_id: UUID | None
    app_id: UUID | None
    source_id: str
    conversation_id: UUID | None
    kind: str
    received_at: dt.datetime
    plain: bytes
    error: str


def of_message(place: "Place", message: Inbound, at: dt.datetime, error: str) -> QuarantineRow:
    """A message that cannot be written as JSON, kept as Python would write it."""
    plain = repr(message).encode("utf-8", "backslashreplace")
    source = f"wa:{message.provider_id}".encode("utf-8", "replace").decode().replace("\0", "")
    return QuarantineRow(
        new_event_id(), place.workspace_id, place.number_id, None, source, None, "message", at, plain, error
    )


async def insert(conn: Connection, sealers: Mapping[UUID, Sealer], rows: Sequence[QuarantineRow]) -> None:
    """Keep rows aside, sealed for their workspaces."""
    await run(
        conn,
        "quarantine",
        "insert",
        {
            "ids": [row.id for row in rows],
            "workspaces": [row.workspace_id for row in rows],
            "numbers": [row.number_id for row in rows],
            "apps": [row.app_id for row in rows],
            "sources": [_storable(row.source_id) for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "kinds": [row.kind for row in rows],
            "times": [row.received_at for row in rows],
            "payloads": [
                sealers[row.workspace_id].seal("quarantine", "payload", row.id.bytes, row.plain)
                for row in rows
            ],
            "errors": [_storable(row.error)[:MOST_ERROR_CHARS] for row in rows],
        },
    )


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "")
