"""What a draft lately was: every saving for a while, then the last of every ten minutes. They are no versions."""

import asyncio
import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from admin_api.bot_folder import Name
from admin_api.callers import CALLING, Viewer
from admin_api.database import ReadDb
from admin_api.diff import DiffOut, difference
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from schemas.tables.bots import Bot
from store.admin import bots, drafts
from store.admin.desk import Session
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/bots/{name}/draft/savings", tags=["bots"], responses=problems(*CALLING, InputUnfit, NotFound)
)

SavingNumber = Annotated[int, Path(ge=1, le=2_147_483_647, description="The saving's number.")]


class SavingOut(BaseModel):
    """A draft as somebody saved it. `base_version`: the version that it began as, or became."""

    number: int
    etag: str = Field(description="The whole draft's tag then.")
    at: dt.datetime
    by: str
    base_version: int | None


@router.get("", summary="List a draft's savings", responses=problems(CursorUnfit))
async def savings(name: Name, db: ReadDb, who: Viewer, window: Paging) -> Page[SavingOut]:
    """The savings that are kept, the newest first: the first of them is the draft. None: nobody has saved one."""
    rows, after = await drafts.states(db, await bots.named(db, name), window)
    return Page[SavingOut].of(
        [
            SavingOut(number=row.seq, etag=row.etag, at=row.at, by=row.by, base_version=row.base_version)
            for row in rows
        ],
        after,
    )


@router.get("/{saving}/files", summary="A saving's files")
async def saving_files(name: Name, saving: SavingNumber, db: ReadDb, who: Viewer) -> dict[str, str]:
    """Path to text, as it was. To go back to it, save these as the draft."""
    return await _files(db, await bots.named(db, name), saving)


@router.get("/{saving}/diff", summary="Compare a saving with the draft")
async def saving_diff(name: Name, saving: SavingNumber, db: ReadDb, who: Viewer) -> DiffOut:
    """What has changed since: what makes the draft out of the saving."""
    bot = await bots.named(db, name)
    before = await _files(db, bot, saving)
    after = (await drafts.current(db, bot)).files
    return await asyncio.to_thread(difference, before, after)


async def _files(db: Session, bot: Bot, number: int) -> dict[str, str]:
    files = await drafts.at_state(db, bot, number)
    if files is None:
        raise NotFound(what="saving", name=str(number))
    return files
