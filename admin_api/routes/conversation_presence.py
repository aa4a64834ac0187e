"""Who else looks at a conversation, or is writing to the contact."""

from uuid import UUID

from fastapi import APIRouter, status

from admin_api import presence
from admin_api.callers import CALLING, Agent, Open
from admin_api.database import ReadDb
from admin_api.live import tell
from admin_api.presence import PresenceIn, PresenceOut, Tab
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from store.admin import conversations, numbers
from store.admin.desk import Session

router = APIRouter(
    prefix="/numbers/{number}/conversations/{conversation}/presence",
    tags=["conversations"],
    responses=problems(*CALLING, InputUnfit, NotFound),
)


@router.get("", summary="See who is at a conversation")
async def presence_there(
    number: str, conversation: UUID, db: ReadDb, open_here: Open, who: Agent
) -> PresenceOut:
    """All who have it open now."""
    await _number(db, number, conversation)
    return await presence.there(open_here, who, f"conversation:{conversation}")


@router.put("/{tab}", summary="Say that one is at a conversation")
async def presence_enter(
    number: str, conversation: UUID, tab: Tab, body: PresenceIn, db: ReadDb, open_here: Open, who: Agent
) -> PresenceOut:
    """Say it every 5 seconds; who says nothing for 15 is gone. The answer names who else is there.

    What is new is told in the live stream, as `presence`.
    """
    key = await _number(db, number, conversation)
    others, news = await presence.entered(open_here, who, f"conversation:{conversation}", tab, body)
    if news:
        tell(db, "conversations", "presence", number=key, conversation=conversation)
    return others


@router.delete("/{tab}", summary="Say that one leaves a conversation", status_code=status.HTTP_204_NO_CONTENT)
async def presence_leave(
    number: str, conversation: UUID, tab: Tab, db: ReadDb, open_here: Open, who: Agent
) -> None:
    """At once, instead of after 15 seconds."""
    key = await _number(db, number, conversation)
    if await presence.left(open_here, who, f"conversation:{conversation}", tab):
        tell(db, "conversations", "presence", number=key, conversation=conversation)


async def _number(db: Session, number: str, conversation: UUID) -> UUID:
    key = (await numbers.named(db, number)).id
    await conversations.found(db, key, conversation)
    return key
