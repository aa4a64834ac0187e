"""Threads: one handling of a conversation by people."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.tables.columns import json_object, maybe_moment, moment


class Thread(SQLModel, table=True):
    """From when people got the floor until the bot had it again.

    People are named as transcripts name them. `assigned`: each time that somebody got it, `{at, by, assignee, team}`.
    """

    __tablename__ = "threads"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    number_id: UUID
    conversation_id: UUID
    opened_at: dt.datetime = moment()
    how: str
    opened_by: str
    flow: str = ""
    step: str = ""
    team: str = ""
    assignee: str = ""
    assigned: list[dict[str, Any]] = json_object()
    closed_at: dt.datetime | None = maybe_moment()
    closed_by: str = ""
    outcome: str = ""
