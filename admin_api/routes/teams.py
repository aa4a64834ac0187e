"""Teams: to whom flows hand conversations, and who is in them."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import CALLING, Admin, Viewer
from admin_api.database import ReadDb, WriteDb
from admin_api.input import Input
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from schemas.tables.teams import Team
from store.admin import teams, users
from store.admin.desk import Taken
from store.admin.page import CursorUnfit

router = APIRouter(prefix="/teams", tags=["teams"], responses=problems(*CALLING, InputUnfit))

Name = Annotated[
    str,
    Field(pattern=r"^[\w][\w .+-]{0,63}$", examples=["sales"], description="What flows hand over to."),
]
Title = Annotated[
    str,
    Field(
        max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["Sales, Milan"], description="For people."
    ),
]


class TeamIn(Input):
    """A new team."""

    name: Name
    title: Title = ""


class TeamChange(Input):
    """What is left out stays."""

    name: Name | None = None
    title: Title | None = None


class TeamOut(BaseModel):
    """A team. `former`: names that it had; bots that run and use one still reach it, the checker refuses them."""

    id: UUID
    name: str
    title: str
    former: list[str]
    created_at: dt.datetime

    @classmethod
    def of(cls, row: Team) -> "TeamOut":
        return cls(id=row.id, name=row.name, title=row.title, former=row.former, created_at=row.created_at)


class MemberOut(BaseModel):
    """Somebody in a team."""

    id: UUID
    email: str
    name: str
    role: str


@router.get("", summary="List teams", responses=problems(CursorUnfit))
async def listing(db: ReadDb, who: Viewer, window: Paging) -> Page[TeamOut]:
    """All, by name."""
    rows, after = await teams.listed(db, window)
    return Page[TeamOut].of([TeamOut.of(row) for row in rows], after)


@router.post("", summary="Make a team", status_code=status.HTTP_201_CREATED, responses=problems(Taken))
async def make(body: TeamIn, db: WriteDb, who: Admin) -> TeamOut:
    """Once a workspace has a team, the checker refuses bots that hand over to one that it does not have."""
    row = await teams.add(db, Team(workspace_id=who.workspace, name=body.name, title=body.title))
    await audit(db, who, "team.make", row)
    return TeamOut.of(row)


@router.get("/{team}", summary="Show a team", responses=problems(NotFound))
async def show(team: str, db: ReadDb, who: Viewer) -> TeamOut:
    """One, by name or id."""
    return TeamOut.of(await teams.named(db, team))


@router.patch("/{team}", summary="Change a team", responses=problems(NotFound, Taken))
async def change(team: str, body: TeamChange, db: WriteDb, who: Admin) -> TeamOut:
    """Rename it. Bots that run still reach it by the name before; write the new one into their flows."""
    row = await teams.named(db, team)
    before = {"name": row.name, "title": row.title}
    if body.title is not None:
        row.title = body.title
        db.add(row)
    if body.name is not None and body.name != row.name:
        await teams.rename(db, row, body.name)
    after = {"name": row.name, "title": row.title}
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    await audit(db, who, "team.change", row, changes=changes)
    return TeamOut.of(row)


@router.delete(
    "/{team}", summary="Remove a team", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound)
)
async def remove(team: str, db: WriteDb, who: Admin) -> None:
    """Its people stay. The checker refuses bots that still hand over to it, while there are other teams."""
    row = await teams.named(db, team)
    await db.delete(row)
    await audit(db, who, "team.remove", row)


@router.get("/{team}/members", summary="List a team's members", responses=problems(NotFound, CursorUnfit))
async def members(team: str, db: ReadDb, who: Viewer, window: Paging) -> Page[MemberOut]:
    """Who is in it, the first to come first."""
    rows, after = await teams.members(db, await teams.named(db, team), window)
    return Page[MemberOut].of([MemberOut(**row._asdict()) for row in rows], after)


@router.put(
    "/{team}/members/{user}",
    summary="Put somebody into a team",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def join(team: str, user: str, db: WriteDb, who: Admin) -> None:
    """A person of the workspace, by address or id. Who is in it already stays."""
    row, person = await teams.named(db, team), await users.named(db, user)
    if await teams.join(db, row, person):
        await audit(db, who, "team.join", row, changes={"user": str(person.id)})


@router.delete(
    "/{team}/members/{user}",
    summary="Take somebody out of a team",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def leave(team: str, user: str, db: WriteDb, who: Admin) -> None:
    """He stays in the workspace."""
    row, person = await teams.named(db, team), await users.named(db, user)
    await teams.leave(db, row, person)
    await audit(db, who, "team.leave", row, changes={"user": str(person.id)})
