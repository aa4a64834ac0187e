"""Accounts with vendors that sign their webhooks."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import json_object, maybe_moment, moment


class App(SQLModel, table=True):
    """An account with a vendor (for the Cloud API: a Meta app). `secrets` is a sealed JSON object.

    `old_secrets`, those before, open too until `old_until`.
    """

    __tablename__ = "apps"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    name: str
    channel: str
    settings: dict[str, Any] = json_object()
    secrets: bytes
    old_secrets: bytes | None = None
    old_until: dt.datetime | None = maybe_moment()
    created_at: dt.datetime = moment()
