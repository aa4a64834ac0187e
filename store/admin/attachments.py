"""Files that people attach to what they write: blobs of `store/media.py`, known by the conversation they are for."""

from typing import NamedTuple
from uuid import UUID

from schemas.ids import month_of, new_event_id
from schemas.problems import NotFound
from store.admin.conversations import Place
from store.admin.desk import Session
from store.media import Media

_NOTE = (
    "INSERT INTO media (workspace_id, ref, mime, bytes) VALUES (:workspace, :ref, :mime, :bytes)"
    " ON CONFLICT (workspace_id, ref) DO UPDATE SET created_at = now(), mime = excluded.mime"
)
_USE = (
    "INSERT INTO media_uses (workspace_id, ref, message_id, number_id, month, conversation_id)"
    " VALUES (:workspace, :ref, :message, :number, :month, :conversation) ON CONFLICT DO NOTHING"
)


class Attachment(NamedTuple):
    """A file that is kept for a conversation."""

    ref: str
    mime: str
    size: int


async def keep(
    session: Session, media: Media, workspace: UUID, place: Place, plain: bytes, mime: str
) -> Attachment:
    """Store it. Erasing the contact reaches it, sent or not. Raises `MediaTooLarge`, `OSError`."""
    ref = await media.write(plain)
    await session.sql(_NOTE, workspace=workspace, ref=ref, mime=mime, bytes=len(plain))
    await use(session, workspace, place, ref, new_event_id())
    await media.write(plain)  # if its time was over a moment before it was noted
    return Attachment(ref, mime, len(plain))


async def found(session: Session, place: Place, ref: str) -> Attachment:
    """One that was attached in this conversation before. Raises `NotFound`."""
    rows = await session.sql(
        "SELECT m.ref, m.mime, m.bytes FROM media m WHERE m.ref = :ref AND EXISTS (SELECT FROM media_uses u"
        " WHERE u.workspace_id = m.workspace_id AND u.ref = m.ref AND u.conversation_id = :conversation)",
        ref=ref,
        conversation=place.id,
    )
    if (row := rows.first()) is None:
        raise NotFound(what="file", name=ref)
    return Attachment(*row)


async def use(session: Session, workspace: UUID, place: Place, ref: str, message: UUID) -> None:
    """A message brings it."""
    await session.sql(
        _USE,
        workspace=workspace,
        ref=ref,
        message=message,
        number=place.number_id,
        month=month_of(message),
        conversation=place.id,
    )
