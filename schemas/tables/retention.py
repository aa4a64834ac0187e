"""How long things are kept."""

import datetime as dt
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.tables.columns import moment


class Retention(SQLModel, table=True):
    """How many days a workspace keeps things; None: for good."""

    __tablename__ = "retention"  # pyright: ignore[reportAssignmentType]
    workspace_id: UUID = Field(primary_key=True, foreign_key="workspaces.id")
    messages_days: int | None = None
    data_days: int | None = None
    audit_days: int | None = None
    updated_at: dt.datetime = moment()
