"""The files of conversations' messages, as downloads."""

import mimetypes
import re
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Response

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
