"""Notes and tasks beside conversations. What they say is sealed."""

from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select

from keys.seal import Sealer
from schemas.problems import NotFound
from schemas.tables.notes import ConversationNote, ConversationTask
from store.admin.desk import Session
from store.admin.page import Cursor, Window, ordered, page

Row = TypeVar("Row", ConversationNote, ConversationTask)
TASK_ORDERS = {
    "created_at": [col(ConversationTask.id)],
    "due_at": [col(ConversationTask.due), col(ConversationTask.id)],
}


async def of_conversation(
    session: Session, kind: type[Row], conversation: UUID, window: Window
) -> tuple[list[Row], Cursor | None]:
    """Those beside a conversation, the latest first."""
    wanted = select(kind).where(col(kind.conversation_id) == conversation)
    return await page(session, wanted, [col(kind.id)], window, newest_first=True)


async def beside(session: Session, kind: type[Row], conversation: UUID) -> list[Row]:
    """All of a conversation, in their order."""
    wanted = select(kind).where(col(kind.conversation_id) == conversation).order_by(col(kind.id))
    return list(await session.exec(wanted))


async def tasks(
    session: Session,
    window: Window,
    is_open: bool,
    user: UUID | None = None,
    team: UUID | None = None,
    conversation: UUID | None = None,
) -> tuple[list[ConversationTask], Cursor | None]:
    """The tasks of the workspace, or of one person, or team; or all of a conversation, done or not."""
    done = col(ConversationTask.done_at)
    wanted = select(ConversationTask)
    if conversation is not None:
        wanted = wanted.where(col(ConversationTask.conversation_id) == conversation)
    else:
        wanted = wanted.where(done.is_(None) if is_open else done.is_not(None))
    if user is not None:
        wanted = wanted.where(col(ConversationTask.user_id) == user)
    if team is not None:
        wanted = wanted.where(col(ConversationTask.team_id) == team)
    return await ordered(session, wanted, TASK_ORDERS, window)


async def note(session: Session, conversation: UUID, key: UUID) -> ConversationNote:
    """A note beside a conversation. Raises `NotFound`."""
    row = await session.get(ConversationNote, key)
    if row is None or row.conversation_id != conversation:
        raise NotFound(what="note", name=str(key))
    return row


async def task(session: Session, key: UUID) -> ConversationTask:
    """A task. Raises `NotFound`."""
    if (row := await session.get(ConversationTask, key)) is None:
        raise NotFound(what="task", name=str(key))
    return row


def write(session: Session, sealer: Sealer, row: ConversationNote | ConversationTask, body: str) -> None:
    """Say it."""
    row.body = sealer.seal(str(row.__tablename__), "body", row.id.bytes, body.encode())
    session.add(row)


def read(sealer: Sealer, row: ConversationNote | ConversationTask) -> str:
    """What it says."""
    return sealer.open(str(row.__tablename__), "body", row.id.bytes, row.body).decode()
