"""Exports that are made again and again."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import json_object, maybe_moment, moment


class ExportSchedule(SQLModel, table=True):
    """When an export is made (`cron`, in the time zone `zone`), and of what. `new_only`: what came since the last."""

    __tablename__ = "export_schedules"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    name: str
    cron: str
    zone: str
    args: dict[str, Any] = json_object()
    new_only: bool
    paused: bool = False
    covered_until: dt.datetime | None = maybe_moment()
    next_at: dt.datetime = moment()
    last_at: dt.datetime | None = maybe_moment()
    last_job: UUID | None = None
    made_by: str
    created_at: dt.datetime = moment()
