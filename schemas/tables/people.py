"""People and what lets callers in."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from schemas.ids import new_event_id
from schemas.tables.columns import maybe_moment, moment

_TEXTS: Any = ARRAY(Text)


class User(SQLModel, table=True):
    """A person in a workspace. `email` is lower case, and one person's in the whole installation.

    `totp` is the sealed secret of the second factor, asked for once `totp_confirmed_at` is set; `totp_step`
    is the time step of the last code that was taken.
    """

    __tablename__ = "users"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    email: str
    name: str
    role: str
    password: str
    password_changed_at: dt.datetime = moment()
    totp: bytes | None = None
    totp_confirmed_at: dt.datetime | None = maybe_moment()
    totp_step: int = 0
    created_at: dt.datetime = moment()
    signed_in_at: dt.datetime | None = maybe_moment()


class RecoveryCode(SQLModel, table=True):
    """What lets a person in once without his second factor."""

    __tablename__ = "recovery_codes"  # pyright: ignore[reportAssignmentType]
    user_id: UUID = Field(primary_key=True, foreign_key="users.id")
    hash: bytes = Field(primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    used_at: dt.datetime | None = maybe_moment()


class SignIn(SQLModel, table=True):
    """A person signed in on one device: a family of refresh tokens, the last of which has number `turn`."""

    __tablename__ = "sign_ins"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    user_id: UUID = Field(foreign_key="users.id")
    turn: int = 0
    turned_at: dt.datetime = moment()
    address: str = ""
    agent: str = ""
    created_at: dt.datetime = moment()
    expires_at: dt.datetime = moment()
    ended_at: dt.datetime | None = maybe_moment()
    ended_why: str = ""


class Invitation(SQLModel, table=True):
    """A one-time token, hashed: for somebody new, or for a new password of `user_id`."""

    __tablename__ = "invitations"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    email: str
    role: str
    user_id: UUID | None = Field(default=None, foreign_key="users.id")
    hash: bytes
    invited_by: str
    created_at: dt.datetime = moment()
    expires_at: dt.datetime = moment()
    accepted_at: dt.datetime | None = maybe_moment()


class ApiKey(SQLModel, table=True):
    """What a program calls with, hashed. `scopes` None: every resource that the role allows."""

    __tablename__ = "api_keys"  # pyright: ignore[reportAssignmentType]
    id: UUID = Field(default_factory=new_event_id, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id")
    name: str
    hint: str
    hash: bytes
    role: str
    scopes: list[str] | None = Field(default=None, sa_type=_TEXTS)
    made_by: str
    created_at: dt.datetime = moment()
    expires_at: dt.datetime | None = maybe_moment()
    used_at: dt.datetime | None = maybe_moment()
    revoked_at: dt.datetime | None = maybe_moment()
