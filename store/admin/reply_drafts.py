"""What people have begun to write to contacts: one draft a person and conversation. The words are sealed."""

from uuid import UUID

import orjson
from sqlmodel import col, select

from keys.seal import Sealer
from schemas.tables.columns import now
from schemas.tables.notes import ReplyDraft
from store.admin.desk import Session, put
from store.admin.page import Cursor, Window, page


async def of(session: Session, user: UUID, conversation: UUID) -> ReplyDraft | None:
    """Somebody's draft to a contact."""
    return await session.get(ReplyDraft, (user, conversation))


async def listed(session: Session, user: UUID, window: Window) -> tuple[list[ReplyDraft], Cursor | None]:
    """All of one person."""
    wanted = select(ReplyDraft).where(col(ReplyDraft.user_id) == user)
    return await page(session, wanted, [col(ReplyDraft.conversation_id)], window)


async def save(session: Session, sealer: Sealer, row: ReplyDraft, said: dict[str, object]) -> ReplyDraft:
    """Keep it, in place of the one before."""
    row.body = sealer.seal("reply_drafts", "body", row.conversation_id.bytes, orjson.dumps(said))
    row.updated_at = now()
    await put(session, row)
    return row


def read(sealer: Sealer, row: ReplyDraft) -> dict[str, object]:
    """What it says."""
    return orjson.loads(sealer.open("reply_drafts", "body", row.conversation_id.bytes, row.body))


async def drop(session: Session, user: UUID, conversation: UUID) -> None:
    """Forget it, if there is one."""
    await session.sql(
        "DELETE FROM reply_drafts WHERE user_id = :user AND conversation_id = :conversation",
        user=user,
        conversation=conversation,
    )
