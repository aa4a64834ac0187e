"""Whether people may search in what was said."""

import datetime as dt
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from admin_api import etag
from admin_api.audit import audit
from admin_api.callers import CALLING, Admin, Agent
from admin_api.database import ReadDb, WriteDb
from admin_api.etag import CONDITIONS, IfMatch
from admin_api.input import Input
from admin_api.problems import InputUnfit, problems
from store.admin import message_search

router = APIRouter(
    prefix="/message-search", tags=["message search"], responses=problems(*CALLING, InputUnfit)
)


class SearchIn(Input):
    """Turn it on or off."""

    on: bool = Field(
        description="On: a keyed digest of each word, and of its beginnings, is kept beside each message. Who holds the"
        " database without its keys cannot read them, but sees which messages share words, and how often each comes."
    )

    model_config = {"json_schema_extra": {"examples": [{"on": True}]}}


class SearchOut(BaseModel):
    """`indexing`: what was stored when it was turned on is still being read, from the latest back. `clearing`: it is off,
    and the digests are being deleted."""

    on: bool
    state: Literal["off", "indexing", "ready", "clearing"]
    read: int = Field(description="How many of the messages that were stored then have been read.")
    since: dt.datetime | None = Field(
        description="While indexing: messages since then can be found. Null: all, or none where it is off."
    )

    @classmethod
    def of(cls, row: message_search.Search) -> "SearchOut":
        """As it stands."""
        if not row.on:
            return cls(on=False, state="clearing" if row.clearing else "off", read=0, since=None)
        return cls(
            on=True,
            state="ready" if row.whole else "indexing",
            read=row.filled,
            since=None if row.whole else row.since,
        )


@router.get("", summary="Show whether messages can be searched")
async def show(db: ReadDb, who: Agent, response: Response) -> SearchOut:
    """At first it is off. The `ETag` is that of the switch alone, not of how far it is."""
    row = await message_search.state(db, who.workspace)
    response.headers["ETag"] = etag.quoted(_etag(row.on))
    return SearchOut.of(row)


@router.put("", summary="Turn search in messages on or off", responses=problems(*CONDITIONS))
async def put(body: SearchIn, db: WriteDb, who: Admin, unchanged: IfMatch, response: Response) -> SearchOut:
    """On: new messages can be found within seconds; those that are stored are indexed in the background, from the latest
    back. Off: nothing is found from now on, and the index is deleted in the background."""
    before = await message_search.state(db, who.workspace)
    unchanged.require("The switch of search in messages", _etag(before.on), theirs={"on": before.on})
    if body.on != before.on:
        await message_search.switch(db, who.workspace, body.on)
        await audit(db, who, "message_search.set", changes={"on": [before.on, body.on]})
    response.headers["ETag"] = etag.quoted(_etag(body.on))
    return SearchOut.of(await message_search.state(db, who.workspace))


def _etag(on: bool) -> str:
    return etag.of_text(str(on))
