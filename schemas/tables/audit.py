"""Who did what."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import json_object, moment


class Entry(SQLModel, table=True):
    """One thing that somebody did. It never changes; a job gives it its `place` and `hash` in the chain."""

    __tablename__ = "audit"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    at: dt.datetime = moment()
    who_kind: str
    who_id: UUID | None = None
    who_name: str
    address: str = ""
    action: str
    target_id: str = ""
    target_name: str = ""
    changes: dict[str, Any] = json_object()
    place: int | None = None
    hash: bytes | None = None
