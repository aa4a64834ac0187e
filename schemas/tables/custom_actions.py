"""Custom actions: kinds of steps that an integration declared."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import json_object, maybe_moment, moment

_TEXTS: Any = ARRAY(Text)
_JSON: Any = JSONB(none_as_null=True)


class CustomAction(SQLModel, table=True):
    """A declared kind of step. `secret` and `old_secret` are sealed; both sign until `old_until`.

    `result_schema` None: an answer may bring anything.
    """

    __tablename__ = "custom_actions"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    name: str
    title: str = ""
    description: str = ""
    input_schema: dict[str, Any] = json_object()
    ui_schema: dict[str, Any] = json_object()
    outcomes: list[str] = Field(sa_type=_TEXTS)
    result_schema: dict[str, Any] | None = Field(default=None, sa_type=_JSON)
    answer_within_s: int
    url: str
    secret: bytes
    old_secret: bytes | None = None
    old_until: dt.datetime | None = maybe_moment()
    made_by: str
    created_at: dt.datetime = moment()
    updated_at: dt.datetime = moment()
