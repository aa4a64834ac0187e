"""What people and programs do to a conversation: an event in its number's inbox.

The number's process takes it in its turn; the answer, 202, says that it is durable.
"""

from uuid import UUID

from pydantic import BaseModel

from admin_api.callers import Caller
from schemas.events import Event
from schemas.tables.numbers import Number
from store.admin.arrivals import EventTooLarge, EventUnwritable

ACTING = (EventUnwritable, EventTooLarge)  # what a route that acts may answer


class TakenOut(BaseModel):
    """An event that will be processed."""

    event: UUID
    number: str
    conversation: UUID | None

    @classmethod
    def of(cls, event: Event, number: Number, conversation: UUID | None) -> "TakenOut":
        return cls(event=event.id, number=number.name, conversation=conversation)


def by(who: Caller) -> str:
    """How transcripts name a caller. "owner" alone is who writes on the number's own phone."""
    return f"key {who.name}" if who.kind == "api_key" else who.name
