"""Quarantine: what was taken but could not be understood or processed."""

import datetime as dt
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from admin_api.audit import audit
from admin_api.callers import Admin, KeyMissing, RoleTooLow
from admin_api.database import ReadDb, Seals
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from store.admin import quarantine

router = APIRouter(
    prefix="/quarantine", tags=["quarantine"], responses=problems(KeyMissing, RoleTooLow, InputUnfit)
)


class KeptOut(BaseModel):
    """One thing kept aside, with why. `content` only where it was asked for: it holds what people said."""

    id: UUID
    kind: str
    number: UUID | None
    app: UUID | None
    conversation: UUID | None
    source_id: str
    received_at: dt.datetime
    error: str
    content: str | None = None

    @classmethod
    def of(cls, row: quarantine.Kept, content: bytes | None = None) -> "KeptOut":
        return cls(
            id=row.id,
            kind=row.kind,
            number=row.number_id,
            app=row.app_id,
            conversation=row.conversation_id,
            source_id=row.source_id,
            received_at=row.received_at,
            error=row.error,
            content=None if content is None else content.decode("utf-8", "backslashreplace"),
        )


@router.get("", summary="List what is in quarantine")
async def listing(db: ReadDb, who: Admin, window: Paging) -> Page[KeptOut]:
    """The latest first, without contents."""
    rows, after = await quarantine.listed(db, window)
    return Page.of([KeptOut.of(row) for row in rows], after)


@router.get("/{entry}", summary="Show an entry", responses=problems(NotFound))
async def show(entry: UUID, db: ReadDb, seals: Seals, who: Admin, content: bool = False) -> KeptOut:
    """One entry; with `content=true` also what it holds."""
    row = await quarantine.found(db, entry)
    if not content:
        return KeptOut.of(row)
    await audit(db, who, "quarantine.read", row)
    return KeptOut.of(row, await quarantine.content(db, seals, entry))
