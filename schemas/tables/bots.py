"""Bots, their versions, and canaries: versions that a share of new runs tries."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import json_object, maybe_moment, moment


class Bot(SQLModel, table=True):
    """A folder of flows, by name. `published_version` is what "latest" means."""

    __tablename__ = "bots"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    name: str
    published_version: int | None = None
    created_at: dt.datetime = moment()


class BotVersion(SQLModel, table=True):
    """One pushed state of a bot's folder; it never changes. `files` maps path to text.

    `event_schemas` are those of the events that it names, as they were registered when it was pushed: it is compiled with
    these wherever it runs. `hash` is over both.
    """

    __tablename__ = "bot_versions"  # pyright: ignore[reportAssignmentType]
    bot_id: UUID = Field(primary_key=True, foreign_key="bots.id")
    version: int = Field(primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    hash: str
    files: dict[str, Any] = json_object()
    event_schemas: dict[str, Any] = json_object()
    message: str = ""
    created_at: dt.datetime = moment()
    published_at: dt.datetime | None = maybe_moment()


class Canary(SQLModel, table=True):
    """A version that `percent` of a bot's new runs get while the others get `base_version`; one is open at a time."""

    __tablename__ = "canaries"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    bot_id: UUID = Field(foreign_key="bots.id")
    version: int
    percent: int
    base_version: int
    started_at: dt.datetime = moment()
    ended_at: dt.datetime | None = maybe_moment()
    how: str = ""
    ended_by: str = ""
