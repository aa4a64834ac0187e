"""Who calls, asked before it is known in which workspace. Functions of the database answer; no row is seen."""

from typing import NamedTuple
from uuid import UUID

from store.admin.desk import Desk


class Known(NamedTuple):
    """Whom a token or a key stands for. `name`: a person's address, or the key's name."""

    workspace: UUID
    id: UUID
    name: str
    role: str
    scopes: list[str] | None = None


class Account(NamedTuple):
    """Whose address it is, and the hash of his password."""

    workspace: UUID
    id: UUID
    password: str


async def of_sign_in(desk: Desk, sign_in: UUID) -> Known | None:
    """The person of a sign-in that has not ended."""
    async with desk.transaction(None) as session:
        row = (await session.sql("SELECT * FROM caller_of_sign_in(:id)", id=sign_in)).first()
    return Known(*row) if row else None


async def of_api_key(desk: Desk, hashed: bytes) -> Known | None:
    """The API key with this hash, while it counts. Notes that it was used."""
    async with desk.transaction(None) as session:
        row = (await session.sql("SELECT * FROM caller_of_api_key(:hash)", hash=hashed)).first()
    return Known(*row) if row else None


async def of_email(desk: Desk, email: str) -> Account | None:
    """The person with this address."""
    async with desk.transaction(None) as session:
        row = (await session.sql("SELECT * FROM user_of_email(:email)", email=email)).first()
    return Account(*row) if row else None


async def workspace_of_sign_in(desk: Desk, sign_in: UUID) -> UUID | None:
    """The workspace of a sign-in, ended or not."""
    async with desk.transaction(None) as session:
        return (await session.sql("SELECT workspace_of_sign_in(:id)", id=sign_in)).scalar()


async def workspace_of_invitation(desk: Desk, hashed: bytes) -> UUID | None:
    """The workspace of the invitation with this hash."""
    async with desk.transaction(None) as session:
        return (await session.sql("SELECT workspace_of_invitation(:hash)", hash=hashed)).scalar()
