"""Templates that a channel has approved, or not yet."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from schemas.tables.columns import moment

_LIST: Any = JSONB


class MessageTemplate(SQLModel, table=True):
    """One language of a template, as the channel has it. `status` and `components` are in the channel's own words."""

    __tablename__ = "message_templates"  # pyright: ignore[reportAssignmentType]
    number_id: UUID = Field(primary_key=True, foreign_key="numbers.id")
    name: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    status: str
    category: str = ""
    provider_id: str = ""
    components: list[dict[str, Any]] = Field(default_factory=list, sa_type=_LIST)
    synced_at: dt.datetime = moment()
