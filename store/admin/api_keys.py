"""API keys."""

from uuid import UUID

from sqlmodel import col, select

from schemas.problems import NotFound
from schemas.tables.columns import now
from schemas.tables.people import ApiKey
from store.admin.desk import Session
from store.admin.page import Cursor, Window, ordered


async def add(session: Session, key: ApiKey) -> ApiKey:
    """Keep a new one."""
    session.add(key)
    return key


async def listed(session: Session, window: Window) -> tuple[list[ApiKey], Cursor | None]:
    """Those that were not revoked."""
    wanted = select(ApiKey).where(col(ApiKey.revoked_at).is_(None))
    by = {"created_at": [col(ApiKey.id)], "name": [col(ApiKey.name), col(ApiKey.id)]}
    return await ordered(session, wanted, by, window)


async def found(session: Session, key: UUID) -> ApiKey:
    """One that was not revoked. Raises `NotFound`."""
    row = await session.get(ApiKey, key)
    if row is None or row.revoked_at is not None:
        raise NotFound(what="API key", name=str(key))
    return row


async def revoke(session: Session, key: UUID) -> None:
    """From now on it opens nothing. Raises `NotFound`."""
    row = await found(session, key)
    row.revoked_at = now()
    session.add(row)
