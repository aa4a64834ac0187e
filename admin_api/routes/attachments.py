"""Files to be sent to a contact: uploaded first, then named in a reply."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, status
from pydantic import BaseModel

from admin_api.audit import audit
from admin_api.callers import CALLING, Agent, Open
from admin_api.database import Seals, WriteDb
from admin_api.problems import InputUnfit, problems
from schemas.messages import MediaKind
from schemas.problems import NotFound, Refused
from sessions import registry
from store.admin import attachments, conversations, numbers
from store.admin.conversations import Place
from store.media import Media, MediaTooLarge

router = APIRouter(
    prefix="/numbers/{number}/conversations/{conversation}/files",
    tags=["conversations"],
    responses=problems(*CALLING, InputUnfit, NotFound),
)

_PICTURES = frozenset({"image/jpeg", "image/png"})  # what WhatsApp shows as a picture
_BYTES: dict[str, Any] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}


class FileUnfit(Refused):
    """The channel cannot carry it, or there is nothing in it."""

    code = "conversations.file_unfit"
    status = 422
    title = "The channel cannot carry that file"
    sentence = "{why}"


class AttachmentOut(BaseModel):
    """A file that waits to be sent. Give `ref`, `kind` and `filename` as a reply's `attachment`."""

    ref: str
    kind: MediaKind
    mime: str
    filename: str
    size: int


@router.post(
    "",
    summary="Upload a file to send",
    status_code=status.HTTP_201_CREATED,
    responses=problems(FileUnfit, MediaTooLarge),
    openapi_extra={"requestBody": {"required": True, "content": _BYTES}},
)
async def upload(
    number: str,
    conversation: UUID,
    request: Request,
    db: WriteDb,
    seals: Seals,
    open_here: Open,
    who: Agent,
    filename: Annotated[str, Query(max_length=240, description="As the contact will see it.")] = "",
    kind: Annotated[
        MediaKind | None, Query(description="As what it is sent; left out: what its type is shown as.")
    ] = None,
) -> AttachmentOut:
    """The body is the file's bytes, its `Content-Type` the file's type. Nothing is sent yet.

    It is kept sealed, and goes when the contact is erased or the media's time here is over.
    """
    row = await numbers.named(db, number)
    await conversations.found(db, row.id, conversation)
    mime = (
        request.headers.get("content-type", "").partition(";")[0].strip().lower()
        or "application/octet-stream"
    )
    sent_as = kind or _shown_as(mime)
    plain = await request.body()
    can = registry.capabilities(row.channel, row.settings)
    if not plain:
        raise FileUnfit(why="The file is empty.")
    if sent_as not in can.media:
        raise FileUnfit(why=f"{row.channel} carries no {sent_as}.")
    most = dict(can.media_bytes).get(sent_as)
    if most is not None and len(plain) > most:
        raise FileUnfit(why=f"A file sent as {sent_as} has at most {most} bytes on {row.channel}.")
    media = Media(open_here.config.media, who.workspace, seals)
    kept = await attachments.keep(db, media, who.workspace, Place(row.id, conversation), plain, mime)
    await audit(db, who, "conversation.upload", conversation, changes={"bytes": len(plain), "mime": mime})
    return AttachmentOut(ref=kept.ref, kind=sent_as, mime=mime, filename=filename, size=len(plain))


def _shown_as(mime: str) -> MediaKind:
    if mime in _PICTURES:
        return "image"
    match mime.partition("/")[0]:
        case "video":
            return "video"
        case "audio":
            return "audio"
        case _:
            return "document"
