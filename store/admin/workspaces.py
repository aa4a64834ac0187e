"""Workspaces and their data keys."""

import datetime as dt
from uuid import UUID

import psycopg
from sqlmodel import col, func, select

from keys.master import MasterKeys
from keys.seal import Sealer, new_data_key, rewrap, unwrap, wrap
from schemas.ids import new_event_id
from schemas.problems import NotFound
from schemas.tables.bots import Bot
from schemas.tables.numbers import Number
from schemas.tables.people import User
from schemas.tables.workspaces import DataKey, Workspace
from store.admin.desk import Desk, Session
from store.problems import problems
from store.roles import url_for


async def ids(database_url: str) -> list[UUID]:
    """Every workspace, the oldest first. Asked as `runtime`, since `api` sees only the one that it names."""
    with problems():
        async with await psycopg.AsyncConnection.connect(
            url_for(database_url, "runtime"), autocommit=True, connect_timeout=5
        ) as connection:
            rows = await connection.execute("SELECT id FROM workspaces ORDER BY created_at, id")
            return [row[0] for row in await rows.fetchall()]


async def first(database_url: str, desk: Desk, masters: MasterKeys) -> UUID:
    """The workspace of this installation, made with its data key if there is none. Safe to call at once."""
    if found := await ids(database_url):
        return found[0]
    candidate = new_event_id()
    async with desk.transaction(candidate) as session:
        await session.sql("SELECT pg_advisory_xact_lock(hashtext('chatloom.first_workspace'))")
        if found := await ids(database_url):
            return found[0]
        await make(session, masters, candidate, "default")
    return candidate


async def make(session: Session, masters: MasterKeys, workspace: UUID, name: str) -> None:
    """A new workspace with a data key of its own, in a transaction within it."""
    session.add(Workspace(id=workspace, name=name))
    await session.flush()
    session.add(
        DataKey(
            workspace_id=workspace,
            wrapped=wrap(new_data_key(), masters, workspace),
            master_key_id=masters.current,
        )
    )


async def sealer(session: Session, masters: MasterKeys, workspace: UUID) -> Sealer:
    """A sealer of the workspace. Raises `NotFound`, and what `keys.seal.unwrap` does."""
    key = (await session.exec(select(DataKey).where(col(DataKey.workspace_id) == workspace))).first()
    if key is None:
        raise NotFound(what="workspace", name=str(workspace))
    return Sealer(unwrap(key.wrapped, masters, workspace), workspace)


async def found(session: Session, workspace: UUID) -> Workspace:
    """The workspace itself."""
    return (await session.exec(select(Workspace).where(col(Workspace.id) == workspace))).one()


async def counted(session: Session) -> dict[str, int]:
    """How much is in it: numbers that are not removed, bots, people."""
    numbers = select(func.count()).select_from(Number).where(col(Number.removed_at).is_(None))
    return {
        "numbers": (await session.exec(numbers)).one(),
        "bots": (await session.exec(select(func.count()).select_from(Bot))).one(),
        "people": (await session.exec(select(func.count()).select_from(User))).one(),
    }


async def data_key(session: Session, workspace: UUID) -> DataKey:
    """The row of the wrapped data key."""
    return (await session.exec(select(DataKey).where(col(DataKey.workspace_id) == workspace))).one()


async def wrap_anew(session: Session, masters: MasterKeys, workspace: UUID) -> bool:
    """Wrap the data key by the current master key. False: it already was."""
    key = await data_key(session, workspace)
    if key.master_key_id == masters.current:
        return False
    key.wrapped = rewrap(key.wrapped, masters, workspace)
    key.master_key_id = masters.current
    key.wrapped_at = dt.datetime.now(dt.UTC)
    session.add(key)
    return True
