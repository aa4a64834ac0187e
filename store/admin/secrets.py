"""Secrets that flows name. Values go in, and come out only into a request that is made at once."""

from uuid import UUID

from sqlmodel import col, select

from keys.seal import Sealer
from schemas.problems import NotFound
from schemas.tables.columns import now
from schemas.tables.secrets import Secret
from store.admin.desk import Session
from store.admin.page import Cursor, Window, page


async def listed(session: Session, window: Window) -> tuple[list[Secret], Cursor | None]:
    """All, by name."""
    return await page(session, select(Secret), [col(Secret.name)], window)


async def names(session: Session) -> frozenset[str]:
    """The names of all."""
    return frozenset(await session.exec(select(Secret.name)))


async def values(session: Session, sealer: Sealer, wanted: set[str]) -> dict[str, str]:
    """What a request needs of them; those that are not there are left out."""
    rows = await session.exec(select(Secret).where(col(Secret.name).in_(wanted)))
    return {row.name: sealer.open("secrets", "value", row.name.encode(), row.value).decode() for row in rows}


async def put(session: Session, sealer: Sealer, workspace: UUID, name: str, value: str) -> Secret:
    """Keep a value under a name, in place of the one before."""
    sealed = sealer.seal("secrets", "value", name.encode(), value.encode())
    secret = await session.get(Secret, (workspace, name)) or Secret(
        workspace_id=workspace, name=name, value=sealed
    )
    secret.value = sealed
    secret.updated_at = now()
    session.add(secret)
    return secret


async def remove(session: Session, workspace: UUID, name: str) -> None:
    """Forget a secret. Raises `NotFound`."""
    secret = await session.get(Secret, (workspace, name))
    if secret is None:
        raise NotFound(what="secret", name=name)
    await session.delete(secret)
