"""The workspace: whose numbers, bots and people these are."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import CALLING, Admin, Viewer
from admin_api.database import ReadDb, WriteDb
from admin_api.input import Input
from admin_api.problems import InputUnfit, problems
from store.admin import workspaces
from store.admin.desk import Session

router = APIRouter(prefix="/workspace", tags=["workspace"], responses=problems(*CALLING, InputUnfit))


class WorkspaceChange(Input):
    """What people call it."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*\S[^\x00]*$")]


class WorkspaceOut(BaseModel):
    """The workspace, and the key that seals what contacts say: the key itself never leaves the server."""

    id: UUID
    name: str
    created_at: dt.datetime
    key_made_at: dt.datetime
    key_wrapped_at: dt.datetime = Field(description="When it was sealed by the master key that is used now.")
    master_key: str = Field(description="Id of that master key.")
    numbers: int
    bots: int
    people: int


@router.get("", summary="Show the workspace")
async def show(db: ReadDb, who: Viewer) -> WorkspaceOut:
    """Its name, its id, when it was made, and how much there is in it."""
    return await _shown(db, who.workspace)


@router.patch("", summary="Name the workspace")
async def change(body: WorkspaceChange, db: WriteDb, who: Admin) -> WorkspaceOut:
    """Nothing else names it, so nothing else changes."""
    row = await workspaces.found(db, who.workspace)
    name = body.name.strip()
    if row.name != name:
        changes = {"name": [row.name, name]}
        row.name = name
        db.add(row)
        await audit(db, who, "workspace.change", row, changes=changes)
    return await _shown(db, who.workspace)


async def _shown(db: Session, workspace: UUID) -> WorkspaceOut:
    row, key = await workspaces.found(db, workspace), await workspaces.data_key(db, workspace)
    much = await workspaces.counted(db)
    return WorkspaceOut(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        key_made_at=key.created_at,
        key_wrapped_at=key.wrapped_at,
        master_key=key.master_key_id,
        numbers=much["numbers"],
        bots=much["bots"],
        people=much["people"],
    )
