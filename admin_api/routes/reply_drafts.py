"""What somebody has begun to write to a contact: kept on the server, for him alone.

Pages save as somebody types, so the audit does not name it; what is sent, it does.
"""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel, Field

from admin_api.callers import CALLING, AgentPerson, PersonNeeded
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from keys.seal import Sealer
from schemas.problems import NotFound
from schemas.tables.notes import ReplyDraft
from store.admin import conversations, numbers, reply_drafts
from store.admin.page import CursorUnfit

router = APIRouter(tags=["conversations"], responses=problems(*CALLING, PersonNeeded, InputUnfit, NotFound))

ONE = "/numbers/{number}/conversations/{conversation}/reply-draft"


class AttachedIn(Input):
    """A file that was uploaded for this conversation."""

    ref: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    kind: Annotated[str, Field(max_length=20)]
    filename: Annotated[str, Field(max_length=240)] = ""


class ReplyDraftIn(Input):
    """What is in the box. Without text and attachment there is no draft."""

    text: Annotated[str, Field(max_length=65_536)] = ""
    attachment: AttachedIn | None = None

    model_config = {"json_schema_extra": {"examples": [{"text": "Good morning, about your"}]}}


class ReplyDraftOut(BaseModel):
    """A draft. `updated_at` null: there is none."""

    number: UUID
    conversation: UUID
    text: str = ""
    attachment: dict[str, Any] | None = None
    updated_at: dt.datetime | None = None

    @classmethod
    def of(cls, row: ReplyDraft, seals: Sealer) -> "ReplyDraftOut":
        said: dict[str, Any] = reply_drafts.read(seals, row)
        return cls(number=row.number_id, conversation=row.conversation_id, updated_at=row.updated_at, **said)


@router.get("/reply-drafts", summary="List one's reply drafts", responses=problems(CursorUnfit))
async def reply_drafts_mine(
    db: ReadDb, seals: Seals, who: AgentPerson, window: Paging
) -> Page[ReplyDraftOut]:
    """The caller's own, of all conversations."""
    rows, after = await reply_drafts.listed(db, who.user, window)
    return Page[ReplyDraftOut].of([ReplyDraftOut.of(row, seals) for row in rows], after)


@router.get(ONE, summary="Show one's reply draft")
async def reply_draft(
    number: str, conversation: UUID, db: ReadDb, seals: Seals, who: AgentPerson
) -> ReplyDraftOut:
    """The caller's own, empty if there is none."""
    key = (await numbers.named(db, number)).id
    await conversations.found(db, key, conversation)
    row = await reply_drafts.of(db, who.user, conversation)
    return (
        ReplyDraftOut(number=key, conversation=conversation) if row is None else ReplyDraftOut.of(row, seals)
    )


@router.put(ONE, summary="Save one's reply draft")
async def save_reply_draft(
    number: str, conversation: UUID, body: ReplyDraftIn, db: WriteDb, seals: Seals, who: AgentPerson
) -> ReplyDraftOut:
    """What was saved last holds. A reply of the caller's to this contact ends it."""
    key = (await numbers.named(db, number)).id
    await conversations.found(db, key, conversation)
    if not body.text and body.attachment is None:
        await reply_drafts.drop(db, who.user, conversation)
        return ReplyDraftOut(number=key, conversation=conversation)
    row = ReplyDraft(
        user_id=who.user, conversation_id=conversation, workspace_id=who.workspace, number_id=key
    )
    kept = await reply_drafts.save(db, seals, row, body.model_dump())
    return ReplyDraftOut.of(kept, seals)


@router.delete(ONE, summary="Forget one's reply draft", status_code=status.HTTP_204_NO_CONTENT)
async def forget_reply_draft(number: str, conversation: UUID, db: WriteDb, who: AgentPerson) -> None:
    """It cannot be brought back."""
    key = (await numbers.named(db, number)).id
    await conversations.found(db, key, conversation)
    await reply_drafts.drop(db, who.user, conversation)
