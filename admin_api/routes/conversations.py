"""Conversations of a number, and what was said in them."""

import datetime as dt
import mimetypes
import re
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from admin_api.audit import audit
from admin_api.callers import Agent, KeyMissing, Open, RoleTooLow
from admin_api.database import ReadDb, Seals
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound, Refused
from store.admin import conversations, numbers
from store.media import Media

# What a browser may be told that a file is. Others may hold scripts, and are told to be bytes.
SAFE = re.compile(r"(audio|video)/[\w.+-]+|image/(jpeg|png|gif|webp)|application/pdf", re.ASCII)


class FilePending(Refused):
    """The file is still being fetched."""

    code = "media.pending"
    status = 409
    title = "Not here yet"
    sentence = "The file of message {message} is still being fetched from the channel. Ask again soon."


class FileGone(Refused):
    """The file could not be fetched, or was forgotten."""

    code = "media.gone"
    status = 410
    title = "No longer here"
    sentence = (
        "The file of message {message} is gone: the channel no longer had it, or its time here was over."
    )


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
    await audit(db, who, "conversation.read", conversation)
    return [LineOut(**line._asdict()) for line in lines]


@router.get(
    "/{conversation}/messages/{message}/file",
    summary="Download a message's file",
    response_class=Response,
    responses={
        **problems(FilePending, FileGone),
        200: {
            "description": "The file, always as a download.",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def file(
    number: str, conversation: UUID, message: UUID, db: ReadDb, seals: Seals, open_here: Open, who: Agent
) -> Response:
    """The bytes of what a contact sent."""
    key = (await numbers.named(db, number)).id
    said = (await conversations.message(db, seals, key, conversation, message)).body
    match said.get("state"):
        case "ready":
            pass
        case "pending":
            raise FilePending(message=message)
        case "gone":
            raise FileGone(message=message)
        case _:
            raise NotFound(what="file of the message", name=str(message))
    try:
        plain = await Media(open_here.config.media, who.workspace, seals).read(said["ref"])
    except NotFound as problem:
        raise FileGone(message=message) from problem
    await audit(db, who, "conversation.download", conversation, changes={"message": str(message)})
    mime = said.get("mime", "").partition(";")[0].strip().lower()
    name = _file_name(said.get("filename", ""), said.get("kind", "file"), message, mime)
    return Response(
        plain,
        media_type=mime if SAFE.fullmatch(mime) else "application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def _file_name(given: str, kind: str, message: UUID, mime: str) -> str:
    """What the contact called it, without what a file system or a header could take amiss."""
    name = re.sub(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"*/:<>?\\|]+', "_", given)
    name = name.encode("utf-8", "replace").decode().strip(" ._")[-150:]
    return name or f"{kind}-{message.hex[-8:]}{mimetypes.guess_extension(mime) or ''}"
