"""Who else works on a draft."""

from fastapi import APIRouter, status

from admin_api import presence
from admin_api.bot_folder import Name
from admin_api.callers import CALLING, Open, Viewer
from admin_api.database import ReadDb
from admin_api.live import tell
from admin_api.presence import PresenceIn, PresenceOut, Tab
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from store.admin import bots

router = APIRouter(
    prefix="/bots/{name}/draft/presence",
    tags=["bots"],
    responses=problems(*CALLING, InputUnfit, NotFound),
)


@router.get("", summary="See who is at a draft")
async def draft_presence(name: Name, db: ReadDb, open_here: Open, who: Viewer) -> PresenceOut:
    """All who have it open now."""
    bot = await bots.named(db, name)
    return await presence.there(open_here, who, f"draft:{bot.id}")


@router.put("/{tab}", summary="Say that one is at a draft")
async def enter_draft(
    name: Name, tab: Tab, body: PresenceIn, db: ReadDb, open_here: Open, who: Viewer
) -> PresenceOut:
    """Say it every 5 seconds; who says nothing for 15 is gone. `where` may name a file and a step.

    What is new is told in the live stream, as `presence`.
    """
    bot = await bots.named(db, name)
    others, news = await presence.entered(open_here, who, f"draft:{bot.id}", tab, body)
    if news:
        tell(db, "drafts", "presence", bot=bot.name)
    return others


@router.delete("/{tab}", summary="Say that one leaves a draft", status_code=status.HTTP_204_NO_CONTENT)
async def leave_draft(name: Name, tab: Tab, db: ReadDb, open_here: Open, who: Viewer) -> None:
    """At once, instead of after 15 seconds."""
    bot = await bots.named(db, name)
    if await presence.left(open_here, who, f"draft:{bot.id}", tab):
        tell(db, "drafts", "presence", bot=bot.name)
