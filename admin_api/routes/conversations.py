"""Conversations of a number, and what was said in them."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from admin_api.callers import Agent, KeyMissing, RoleTooLow
from admin_api.database import ReadDb, Seals
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from store.admin import conversations, numbers

router = APIRouter(
    prefix="/numbers/{number}/conversations",
    tags=["conversations"],
    responses=problems(KeyMissing, RoleTooLow, InputUnfit, NotFound),
)


class ConversationOut(BaseModel):
    """Where a conversation stands."""

    id: UUID
    contact: UUID
    status: str
    flow: str
    step: str
    version: int | None
    team: str
    opted_out: bool
    last_in_at: dt.datetime | None
    updated_at: dt.datetime

    @classmethod
    def of(cls, row: conversations.Talk) -> "ConversationOut":
        return cls(**{**row._asdict(), "contact": row.contact_id})


class LineOut(BaseModel):
    """A message: `body` is the content of what a contact sent, or the body of what was sent to him.

    `amended`: its writer changed it later (`edited`) or took it back (`deleted`). `status` is `unconfirmed` where
    no delivery report came though the contact was active afterwards; `resends`: how often it was sent anew
    for that.
    """

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


@router.get("", summary="List conversations")
async def listing(
    number: str, db: ReadDb, who: Agent, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> list[ConversationOut]:
    """The liveliest first."""
    key = (await numbers.named(db, number)).id
    return [ConversationOut.of(row) for row in await conversations.listed(db, key, limit)]


@router.get("/{conversation}", summary="Show a conversation")
async def show(number: str, conversation: UUID, db: ReadDb, who: Agent) -> ConversationOut:
    """Where it stands."""
    key = (await numbers.named(db, number)).id
    return ConversationOut.of(await conversations.found(db, key, conversation))


@router.get("/{conversation}/transcript", summary="Read a transcript")
async def transcript(
    number: str,
    conversation: UUID,
    db: ReadDb,
    seals: Seals,
    who: Agent,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[LineOut]:
    """The latest messages, in the order in which they were said."""
    key = (await numbers.named(db, number)).id
    await conversations.found(db, key, conversation)
    lines = await conversations.transcript(db, seals, key, conversation, limit)
    return [LineOut(**line._asdict()) for line in lines]
