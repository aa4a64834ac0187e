"""Where one is signed in."""

from uuid import UUID

from fastapi import APIRouter, status

from admin_api.audit import audit
from admin_api.callers import CALLING, Person, PersonNeeded
from admin_api.database import ReadDb, WriteDb
from admin_api.pages import Page, Paging
from admin_api.person import SignInOut
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from store.admin import sign_ins

router = APIRouter(
    prefix="/sign-ins",
    tags=["sign-ins"],
    responses=problems(*CALLING, PersonNeeded, InputUnfit),
)


@router.get("", summary="List my sign-ins")
async def listing(db: ReadDb, who: Person, window: Paging) -> Page[SignInOut]:
    """The devices on which the caller is signed in, the latest first."""
    rows, after = await sign_ins.listed(db, who.user, window)
    return Page.of([SignInOut.of(row, who.sign_in) for row in rows], after)


@router.delete(
    "/{sign_in}",
    summary="End one of my sign-ins",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def end(sign_in: UUID, db: WriteDb, who: Person) -> None:
    """Sign out on that device. Its access token opens nothing from now on."""
    await sign_ins.end(db, sign_in, f"by {who.name}", of=who.user)
    await audit(db, who, "sign_in.end", sign_in)


@router.post("/end-others", summary="End all my other sign-ins", status_code=status.HTTP_204_NO_CONTENT)
async def end_others(db: WriteDb, who: Person) -> None:
    """Sign out everywhere but here."""
    await sign_ins.end_all(db, who.user, f"by {who.name}", but=who.sign_in)
    await audit(db, who, "sign_in.end_others")
