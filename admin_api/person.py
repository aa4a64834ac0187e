"""What routes about people share: fields of their bodies, and people as they are shown."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from pydantic import (
    BaseModel,
    EmailStr,
    Field,
    SecretStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from admin_api.callers import RoleName
from admin_api.passwords import MOST_CHARS
from schemas.tables.people import SignIn, User


def _email(given: Any, handler: ValidatorFunctionWrapHandler) -> str:
    try:
        return handler(given).lower()
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] != "value_error":
            raise
        raise PydanticCustomError("email_address", "{why}", {"why": first["msg"]}) from error


Email = Annotated[EmailStr, WrapValidator(_email), Field(max_length=254, examples=["ana@example.com"])]
PersonName = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["Ana Bianchi"])
]
Password = Annotated[
    SecretStr, Field(min_length=1, max_length=MOST_CHARS, examples=["three words unrelated"])
]
UserKey = Annotated[
    str, Path(max_length=254, pattern=r"^[^\x00-\x1f\x7f]+$", description="The person's address or id.")
]


class UserOut(BaseModel):
    """A person of the workspace."""

    id: UUID
    email: str
    name: str
    role: RoleName
    second_factor: bool
    created_at: dt.datetime
    signed_in_at: dt.datetime | None

    @classmethod
    def of(cls, row: User) -> "UserOut":
        return cls(
            id=row.id,
            email=row.email,
            name=row.name,
            role=row.role,  # type: ignore[arg-type]
            second_factor=row.totp_confirmed_at is not None,
            created_at=row.created_at,
            signed_in_at=row.signed_in_at,
        )


class SignInOut(BaseModel):
    """A person signed in on one device. `current`: the one that asks. `used_at`: to ten minutes."""

    id: UUID
    current: bool
    address: str
    agent: str = Field(description="What the browser or program calls itself.")
    created_at: dt.datetime
    used_at: dt.datetime
    expires_at: dt.datetime

    @classmethod
    def of(cls, row: SignIn, current: UUID | None) -> "SignInOut":
        return cls(
            id=row.id,
            current=row.id == current,
            address=row.address,
            agent=row.agent,
            created_at=row.created_at,
            used_at=row.turned_at,
            expires_at=row.expires_at,
        )


def unstored(response: Response) -> None:
    """Answers that hold what opens something are kept by no cache."""
    response.headers["Cache-Control"] = "no-store"


def address(request: Request) -> str:
    """Where the request comes from."""
    return request.client.host if request.client else ""
