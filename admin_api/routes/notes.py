"""Notes on a conversation, for the people who look after it."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel, Field

from admin_api.acting import by
from admin_api.audit import audit
from admin_api.callers import CALLING, Agent, Caller, Role
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.live import tell
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from keys.seal import Sealer
from schemas.problems import NotFound, Refused
from schemas.tables.columns import now
from schemas.tables.notes import ConversationNote
from store.admin import conversations, notes, numbers
from store.admin.desk import Session
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/numbers/{number}/conversations/{conversation}/notes",
    tags=["notes"],
    responses=problems(*CALLING, InputUnfit, NotFound),
)

Body = Annotated[
    str,
    Field(min_length=1, max_length=10_000, examples=["Call him on Monday."]),
]


class NoteNotYours(Refused):
    """Somebody else wrote it."""

    code = "notes.not_yours"
    status = 403
    title = "Somebody else's note"
    sentence = "{by} wrote this note. Its writer and admins change it."


class NoteIn(Input):
    """What it says."""

    body: Body


class NoteOut(BaseModel):
    """A note, by whom and when."""

    id: UUID
    body: str
    by: str
    created_at: dt.datetime
    edited_at: dt.datetime | None

    @classmethod
    def of(cls, row: ConversationNote, seals: Sealer) -> "NoteOut":
        return cls(
            id=row.id,
            body=notes.read(seals, row),
            by=row.by,
            created_at=row.created_at,
            edited_at=row.edited_at,
        )


@router.get("", summary="List a conversation's notes", responses=problems(CursorUnfit))
async def listing(
    number: str, conversation: UUID, db: ReadDb, seals: Seals, who: Agent, window: Paging
) -> Page[NoteOut]:
    """The latest first. The contact never sees them. The audit names who reads."""
    key = (await numbers.named(db, number)).id
    await conversations.found(db, key, conversation)
    rows, after = await notes.of_conversation(db, ConversationNote, conversation, window)
    await audit(db, who, "note.read", conversation)
    return Page[NoteOut].of([NoteOut.of(row, seals) for row in rows], after)


@router.post("", summary="Write a note", status_code=status.HTTP_201_CREATED)
async def write(
    number: str, conversation: UUID, body: NoteIn, db: WriteDb, seals: Seals, who: Agent
) -> NoteOut:
    """For colleagues: nothing of it goes to the contact or the bot."""
    key = (await numbers.named(db, number)).id
    await conversations.found(db, key, conversation)
    row = ConversationNote(
        workspace_id=who.workspace, number_id=key, conversation_id=conversation, by=by(who)
    )
    notes.write(db, seals, row, body.body)
    await audit(db, who, "note.write", conversation, changes={"note": str(row.id)})
    tell(db, "conversations", "note", number=key, conversation=conversation)
    return NoteOut.of(row, seals)


@router.put("/{note}", summary="Change a note", responses=problems(NoteNotYours))
async def change(
    number: str, conversation: UUID, note: UUID, body: NoteIn, db: WriteDb, seals: Seals, who: Agent
) -> NoteOut:
    """One's own; an admin's any."""
    row = await _held(db, who, number, conversation, note)
    row.edited_at = now()
    notes.write(db, seals, row, body.body)
    await audit(db, who, "note.change", conversation, changes={"note": str(note)})
    tell(db, "conversations", "note", number=row.number_id, conversation=conversation)
    return NoteOut.of(row, seals)


@router.delete(
    "/{note}",
    summary="Remove a note",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NoteNotYours),
)
async def remove(number: str, conversation: UUID, note: UUID, db: WriteDb, who: Agent) -> None:
    """One's own; an admin's any. It cannot be brought back."""
    row = await _held(db, who, number, conversation, note)
    await db.delete(row)
    await audit(db, who, "note.remove", conversation, changes={"note": str(note)})
    tell(db, "conversations", "note", number=row.number_id, conversation=conversation)


async def _held(db: Session, who: Caller, number: str, conversation: UUID, note: UUID) -> ConversationNote:
    """One that the caller may change. Raises `NotFound`, `NoteNotYours`."""
    key = (await numbers.named(db, number)).id
    await conversations.found(db, key, conversation)
    row = await notes.note(db, conversation, note)
    if row.by != by(who) and who.role < Role.admin:
        raise NoteNotYours(by=row.by)
    return row
