"""Conversations of all numbers, in one list."""

from fastapi import APIRouter

from admin_api.audit import audit
from admin_api.callers import CALLING, Agent
from admin_api.conversation_filters import Filtering, Sorting, StepAlone
from admin_api.database import ReadDb, Seals
from admin_api.pages import SORTING, Page
from admin_api.problems import InputUnfit, problems
from admin_api.routes.conversations import ConversationOut
from store.admin import conversations

router = APIRouter(
    prefix="/conversations",
    tags=["conversations"],
    responses=problems(*CALLING, InputUnfit, StepAlone, *SORTING),
)


@router.get("", summary="List the conversations of all numbers")
async def conversations_everywhere(
    db: ReadDb, seals: Seals, who: Agent, window: Sorting, wanted: Filtering
) -> Page[ConversationOut]:
    """The liveliest first, whichever number they are with. Filters that are given must all hold."""
    rows, after = await conversations.listed_everywhere(db, seals, wanted, window)
    last = await conversations.last_lines(db, seals, rows)
    await audit(db, who, "conversation.list", changes={"count": len(rows)})
    return Page[ConversationOut].of([ConversationOut.of(row, last.get(row.id)) for row in rows], after)
