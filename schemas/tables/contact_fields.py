"""Which fields the profiles of a workspace's contacts have."""

import datetime as dt
from uuid import UUID

from sqlmodel import Field, SQLModel

from schemas.tables.columns import moment


class ContactField(SQLModel, table=True):
    """A field of a profile. `type`: string, integer, number, boolean or date. `pii`: it says who somebody is."""

    __tablename__ = "contact_fields"  # pyright: ignore[reportAssignmentType]
    workspace_id: UUID = Field(primary_key=True, foreign_key="workspaces.id")
    name: str = Field(primary_key=True)
    type: str
    pii: bool = True
    title: str = ""
    updated_at: dt.datetime = moment()
