"""Who owns, and the key that seals what his contacts say."""

import datetime as dt
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import moment


class Workspace(SQLModel, table=True):
    """Who owns numbers, bots and contacts."""

    __tablename__ = "workspaces"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    name: str
    created_at: dt.datetime = moment()


class DataKey(SQLModel, table=True):
    """A workspace's data key, wrapped by the master key `master_key_id`."""

    __tablename__ = "data_keys"  # pyright: ignore[reportAssignmentType]
    workspace_id: UUID = Field(primary_key=True, foreign_key="workspaces.id")
    wrapped: bytes
    master_key_id: str
    created_at: dt.datetime = moment()
    wrapped_at: dt.datetime = moment()
