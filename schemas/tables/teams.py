"""Teams: to whom flows hand conversations."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import moment

_TEXTS: Any = ARRAY(Text)


class Team(SQLModel, table=True):
    """Some people of a workspace. Flows call it by `name`; `former` are names that it had, which running versions use."""

    __tablename__ = "teams"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    name: str
    title: str = ""
    former: list[str] = Field(default_factory=list, sa_type=_TEXTS)
    created_at: dt.datetime = moment()


class TeamMember(SQLModel, table=True):
    """Who is in a team."""

    __tablename__ = "team_members"  # pyright: ignore[reportAssignmentType]
    team_id: UUID = Field(primary_key=True, foreign_key="teams.id")
    user_id: UUID = Field(primary_key=True, foreign_key="users.id")
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    since: dt.datetime = moment()
