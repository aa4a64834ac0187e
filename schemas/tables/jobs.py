"""Jobs that somebody ordered."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import json_object, maybe_moment, moment

_JSON: Any = JSONB


class Job(SQLModel, table=True):
    """Work that `chatloom work` does beside the numbers. `state`: waiting, running, done, failed, cancelled.

    Who works on it holds it until `held_until`; each taking is a new `attempt`. `file_until`: when the file that it
    made is deleted.
    """

    __tablename__ = "jobs"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    kind: str
    args: dict[str, Any] = json_object()
    state: str = "waiting"
    progress: int = 0
    total: int | None = None
    result: dict[str, Any] | None = Field(default=None, sa_type=_JSON)
    error: str = ""
    made_by: str
    made_at: dt.datetime = moment()
    started_at: dt.datetime | None = maybe_moment()
    ended_at: dt.datetime | None = maybe_moment()
    cancel_asked: bool = False
    attempt: int = 0
    owner: str = ""
    held_until: dt.datetime | None = maybe_moment()
    file_until: dt.datetime | None = maybe_moment()
