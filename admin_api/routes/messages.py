"""Messages, found by what they say."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import CALLING, Agent
from admin_api.database import ReadDb, Seals
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound, Refused
from schemas.words import MOST_WANTED, snippet, wanted
from store.admin import message_search, numbers
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/messages", tags=["conversations"], responses=problems(*CALLING, InputUnfit, NotFound)
)


class SearchOff(Refused):
    """The workspace does not let people search in what was said."""

    code = "messages.search_off"
    status = 409
    title = "Search in messages is off"
    sentence = (
        "This workspace keeps no index of what messages say, so they cannot be searched. An admin turns it on in the"
        " settings, under Search, or by PUT /message-search."
    )


class NoWords(Refused):
    """There is nothing in `text` to look for."""

    code = "messages.no_words"
    status = 422
    title = "There is no word in that"
    sentence = "Give as `text` a word, or several: letters or digits. {text!r} has none."


class PieceOut(BaseModel):
    """A part of what a message says; `found`: it is what was looked for."""

    text: str
    found: bool


class FoundOut(BaseModel):
    """A message that holds all the words. `name`: what the contact is called; `by`: who of the team wrote it.

    `snippet` put together is what it says there, cut at `…`.
    """

    message: UUID
    number: UUID
    conversation: UUID
    contact: UUID
    name: str
    direction: str
    kind: str
    by: str
    created_at: dt.datetime
    snippet: list[PieceOut]


class FoundPage(Page[FoundOut]):
    """What was found, the latest first. A page may hold fewer than were asked for, though `next` leads on."""

    since: dt.datetime | None = Field(
        description="While older messages are still being indexed: those since then can be found. Null: all."
    )


@router.get("", summary="Search in what was said", responses=problems(SearchOff, NoWords, CursorUnfit))
async def search(
    db: ReadDb,
    seals: Seals,
    who: Agent,
    window: Paging,
    text: Annotated[
        str,
        Query(
            min_length=1,
            max_length=200,
            description="Words that must all occur, whatever their case and accents: whole, or by their first three"
            f" letters or more. At most {MOST_WANTED} count.",
            examples=["prenotaz rossi"],
        ),
    ],
    number: Annotated[
        str | None, Query(max_length=200, description="Only messages of this number, by its name or id.")
    ] = None,
    conversation: Annotated[UUID | None, Query(description="Only messages of this conversation.")] = None,
) -> FoundPage:
    """Messages in both directions, the latest first. New ones can be found after a few seconds."""
    asked = wanted(text)
    if not asked:
        raise NoWords(text=text)
    row = await message_search.state(db, who.workspace)
    if not row.on:
        raise SearchOff
    keys = [(await numbers.named(db, number)).id] if number else await numbers.ids(db)
    found, after = await message_search.find(db, seals, asked, keys, conversation, window)
    talks = sorted({str(one.talk.id) for one in found})
    await audit(db, who, "message.search", changes={"count": len(found), "conversations": talks})
    page = Page[FoundOut].of([_out(one) for one in found], after)
    return FoundPage(items=page.items, next=page.next, since=None if row.whole else row.since)


def _out(one: message_search.Found) -> FoundOut:
    return FoundOut(
        message=one.line.id,
        number=one.talk.number,
        conversation=one.talk.id,
        contact=one.talk.contact_id,
        name=one.talk.name,
        direction=one.line.direction,
        kind=one.line.kind,
        by=one.line.by,
        created_at=one.line.created_at,
        snippet=[PieceOut(text=piece.text, found=piece.found) for piece in snippet(one.text, one.places)],
    )
