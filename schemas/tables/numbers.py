"""Numbers: what we serve."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import json_object, maybe_moment, moment


class Number(SQLModel, table=True):
    """A number, or another channel's account. `secrets` is a sealed JSON object.

    `desired` (running | paused) is what people want; `state` and its reason what the number's process says.
    `bot_version` None: the bot's published one.
    """

    __tablename__ = "numbers"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    name: str
    channel: str
    app_id: UUID | None = Field(default=None, foreign_key="apps.id")
    account: str
    settings: dict[str, Any] = json_object()
    secrets: bytes
    desired: str = "running"
    state: str = "stopped"
    state_why: str = ""
    why_code: str = ""
    why_facts: dict[str, Any] = json_object()
    state_since: dt.datetime = moment()
    slots: int = 1
    bot_id: UUID | None = Field(default=None, foreign_key="bots.id")
    bot_version: int | None = None
    created_at: dt.datetime = moment()
    removed_at: dt.datetime | None = maybe_moment()
