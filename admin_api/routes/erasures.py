"""Contacts who were erased, or are about to be."""

from uuid import UUID

from fastapi import APIRouter

from admin_api.callers import Admin, KeyMissing, RoleTooLow
from admin_api.database import ReadDb
from admin_api.erasing import ErasureOut
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from store.admin import erasures
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/erasures", tags=["erasures"], responses=problems(KeyMissing, RoleTooLow, InputUnfit)
)


@router.get("", summary="List erasures", responses=problems(CursorUnfit))
async def listing(db: ReadDb, who: Admin, window: Paging) -> Page[ErasureOut]:
    """The contacts that wrote last first. Nothing of them but ids that lead nowhere."""
    rows, after = await erasures.listed(db, who.workspace, window)
    return Page[ErasureOut].of([ErasureOut.of(row) for row in rows], after)


@router.get("/{contact}", summary="Show an erasure", responses=problems(NotFound))
async def show(contact: UUID, db: ReadDb, who: Admin) -> ErasureOut:
    """How far it is."""
    return ErasureOut.of(await erasures.shown(db, contact))
