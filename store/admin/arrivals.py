"""What the API posts into a number's inbox: messages of simulated contacts, and what people do."""

from uuid import UUID

from pydantic_core import PydanticSerializationError

from keys.seal import Sealer
from schemas.events import Event
from schemas.messages import Inbound
from schemas.problems import Refused
from schemas.tables.numbers import Number
from store.admin.desk import Session
from store.inbox import InboxRow, Place, arrival, row_of
from store.notify import channel

MOST_BYTES = 256 * 1024


class EventUnwritable(Refused):
    """A text holds half of a character."""

    code = "events.unwritable"
    status = 422
    title = "A text cannot be written"
    sentence = "A text holds a lone surrogate, which UTF-8 cannot write. Send whole characters."


class EventTooLarge(Refused):
    """More than an event may hold."""

    code = "events.too_large"
    status = 413
    title = "Too large"
    sentence = "The event has {size} bytes; {most} are allowed. Send a reference to what is large."


_INSERT = """
INSERT INTO inbox
    (number_id, source_id, workspace_id, slot, event_id, conversation_id, kind, received_at, payload)
VALUES (:number, :source, :workspace, :slot, :event, :conversation, :kind, :at, :payload)
ON CONFLICT DO NOTHING
"""


async def post(session: Session, sealer: Sealer, number: Number, *, message: Inbound) -> None:
    """Insert a contact's message; a repeat under the same provider's id is the same row."""
    await _insert(session, sealer, arrival(Place(number.id, number.workspace_id), message))


async def act(
    session: Session, sealer: Sealer, number: Number, conversation: UUID | None, event: Event
) -> bool:
    """Insert what a person or a program did. Raises `EventUnwritable`, `EventTooLarge`. False: it was there already.

    `conversation` None: the owner finds it by whom the event names.
    """
    place = Place(number.id, number.workspace_id)
    try:
        row = row_of(place, f"api:{event.id}", conversation, event)
    except (PydanticSerializationError, UnicodeEncodeError) as error:
        raise EventUnwritable from error
    if len(row.plain) > MOST_BYTES:
        raise EventTooLarge(size=len(row.plain), most=MOST_BYTES)
    return await _insert(session, sealer, row)


async def _insert(session: Session, sealer: Sealer, row: InboxRow) -> bool:
    inserted = await session.sql(
        _INSERT,
        number=row.place.number_id,
        source=row.source_id,
        workspace=row.place.workspace_id,
        slot=row.place.slot,
        event=row.event_id,
        conversation=row.conversation_id,
        kind=row.kind,
        at=row.received_at,
        payload=sealer.seal("inbox", "payload", row.event_id.bytes, row.plain),
    )
    await session.sql("SELECT pg_notify(:name, '')", name=channel(row.place.number_id))
    return inserted.rowcount == 1
