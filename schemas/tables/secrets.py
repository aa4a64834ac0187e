"""Secrets that flows name."""

import datetime as dt
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.tables.columns import moment


class Secret(SQLModel, table=True):
    """A value that flows use as `secret("name")`; sealed, and never shown again."""

    __tablename__ = "secrets"  # pyright: ignore[reportAssignmentType]
    workspace_id: UUID = Field(primary_key=True, foreign_key="workspaces.id")
    name: str = Field(primary_key=True)
    value: bytes
    updated_at: dt.datetime = moment()
