"""The audit: who did what, when, from where."""

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from admin_api.callers import CALLING, Admin, Open
from admin_api.database import ReadDb
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from keys.signer import Signer
from schemas.tables.audit import Entry
from store.admin import audit
from store.admin.audit import Sought
from store.admin.page import CursorUnfit
from store.audit_chain import PURPOSE

router = APIRouter(prefix="/audit", tags=["audit"], responses=problems(*CALLING, InputUnfit))

MOST_VERIFIED = 20_000
_TEXT = r"^[^\x00-\x1f\x7f]+$"
Wanted = Annotated[str, Field(min_length=1, max_length=254, pattern=_TEXT)] | None


class EntryOut(BaseModel):
    """One thing that somebody did. `place` is null until it is chained, seconds later."""

    id: UUID
    at: dt.datetime
    who_kind: Literal["operator", "person", "api_key"]
    who_id: UUID | None
    who_name: str = Field(examples=["ana@example.com"])
    address: str = Field(description="Where the request came from.", examples=["203.0.113.7"])
    action: str = Field(examples=["number.pause"])
    target_id: str
    target_name: str = Field(examples=["support"])
    changes: dict[str, Any] = Field(
        description="What changed; `[before, after]` where both are known.",
        examples=[{"role": ["viewer", "editor"]}],
    )
    place: int | None
    hash: str | None = Field(description="SHA-256 over this entry and the one before, in hexadecimal.")

    @classmethod
    def of(cls, row: Entry) -> "EntryOut":
        facts = row.model_dump(exclude={"workspace_id", "hash"})
        return cls(**facts, hash=row.hash.hex() if row.hash else None)


class BrokenOut(BaseModel):
    """The first entry that is not as it was written. `entry` is null where it is not there."""

    place: int
    entry: UUID | None
    why: str


class VerificationOut(BaseModel):
    """What was found of one part of the chain."""

    checked: int = Field(description="Entries that were looked at and are whole.")
    broken: BrokenOut | None
    next: int | None = Field(description="Give it as `after` for the part that follows. Null: that was all.")
    waiting: int = Field(description="Entries that are not chained yet, so not protected yet.")


@router.get("", summary="List what was done", responses=problems(CursorUnfit))
async def listing(
    db: ReadDb,
    who: Admin,
    window: Paging,
    by: Annotated[Wanted, Query(description="Who did it: a name or an id.")] = None,
    action: Annotated[
        Wanted, Query(description="What was done: `number.pause`, or `number.` for all of its kind.")
    ] = None,
    target: Annotated[Wanted, Query(description="To what: a name or an id.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Not before.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before.")] = None,
) -> Page[EntryOut]:
    """Everything that was created, changed, deleted or ordered, sign-ins, and who read what people said.

    The latest first. It holds no secrets and nothing of what messages say.
    """
    rows, after = await audit.listed(db, Sought(by, action, target, since, until), window)
    return Page.of([EntryOut.of(row) for row in rows], after)


@router.get("/verification", summary="Verify the audit's chain")
async def verification(
    db: ReadDb,
    who: Admin,
    open_here: Open,
    after: Annotated[int, Query(ge=0, le=2**53, description="The place to go on from.")] = 0,
) -> VerificationOut:
    """Whether the next 20,000 entries are as they were written, and where the first is that is not.

    An entry that was changed, removed, put in or moved breaks the chain. Its two ends are signed by a key that is
    derived from the master key. Go on with `next` until it is null.
    """
    signer = Signer(open_here.config.masters, PURPOSE)
    found = await audit.verified(db, signer, who.workspace, after, MOST_VERIFIED)
    return VerificationOut(
        checked=found.checked,
        broken=BrokenOut(**asdict(found.broken)) if found.broken else None,
        next=found.next,
        waiting=found.waiting,
    )
