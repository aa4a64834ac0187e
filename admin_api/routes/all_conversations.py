"""Conversations of all numbers, in one list."""

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from admin_api.audit import audit
from admin_api.callers import CALLING, Agent
from admin_api.database import ReadDb, Seals
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from admin_api.routes.conversations import ConversationOut
from store.admin import conversations
from store.admin.conversations import Filter
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/conversations", tags=["conversations"], responses=problems(*CALLING, InputUnfit, CursorUnfit)
)


@router.get("", summary="List the conversations of all numbers")
async def conversations_everywhere(
    db: ReadDb,
    seals: Seals,
    who: Agent,
    window: Paging,
    status: Annotated[Literal["idle", "running", "handed_off"] | None, Query()] = None,
    team: Annotated[str | None, Query(max_length=200)] = None,
    updated_since: dt.datetime | None = None,
) -> Page[ConversationOut]:
    """The liveliest first, whichever number they are with. Filters that are given must all hold."""
    wanted = Filter(status=status, team=team, updated_since=updated_since)
    rows, after = await conversations.listed_everywhere(db, seals, wanted, window)
    last = await conversations.last_lines(db, seals, rows)
    await audit(db, who, "conversation.list", changes={"count": len(rows)})
    return Page[ConversationOut].of([ConversationOut.of(row, last.get(row.id)) for row in rows], after)
