"""What a workspace lays down about the events that integrations post."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.tables.columns import json_object, moment


class EventSchema(SQLModel, table=True):
    """What the data of a posted event must look like: JSON Schema 2020-12, by the event's name."""

    __tablename__ = "event_schemas"  # pyright: ignore[reportAssignmentType]
    workspace_id: UUID = Field(primary_key=True, foreign_key="workspaces.id")
    name: str = Field(primary_key=True)
    data_schema: dict[str, Any] = json_object()
    updated_at: dt.datetime = moment()
