"""Invitations as they are shown."""

import datetime as dt
from uuid import UUID

from pydantic import BaseModel, Field

from admin_api.callers import RoleName
from schemas.tables.people import Invitation


class InvitationOut(BaseModel):
    """An invitation that waits. `new_password`: for somebody who is here already."""

    id: UUID
    email: str
    role: RoleName
    new_password: bool
    invited_by: str
    created_at: dt.datetime
    expires_at: dt.datetime

    @classmethod
    def of(cls, row: Invitation) -> "InvitationOut":
        return cls.model_validate(_shown(row))


class InvitationMade(InvitationOut):
    """A new invitation, with its token: shown once, for the person who is invited and nobody else."""

    token: str = Field(examples=["cli_6Zq1v0Jm2mGk0b2w4Q7y9S8r5T3u1WxYzAbCdEfGhIj"])

    @classmethod
    def made(cls, row: Invitation, token: str) -> "InvitationMade":
        return cls.model_validate({**_shown(row), "token": token})


def _shown(row: Invitation) -> dict[str, object]:
    return {
        "id": row.id,
        "email": row.email,
        "role": row.role,
        "new_password": row.user_id is not None,
        "invited_by": row.invited_by,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
    }
