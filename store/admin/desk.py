"""The admin side's connections: transactions of role `api`, each within one workspace.

Row-level security does the second check: what a query forgot to filter, the database does not show.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import CursorResult, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.problems import Refused
from store.pool import attentive
from store.problems import problems
from store.roles import url_for


class Session(AsyncSession):
    """A session that also takes plain SQL, for the tables of the hot path."""

    async def sql(self, statement: str, **parameters: Any) -> CursorResult[Any]:
        """Execute a statement with `:named` parameters."""
        return await (await self.connection()).execute(text(statement), parameters)


class Taken(Refused):
    """Another row has that name, account or id."""

    code = "taken"
    status = 409
    title = "That is taken"
    sentence = "There is a {what} {name!r} already."


class Desk:
    """The engine of role `api`. `most` bounds its connections."""

    def __init__(self, database_url: str, most: int = 8, pooled: bool = False) -> None:
        conninfo = attentive(url_for(database_url, "api"))

        async def connect() -> Any:
            return await psycopg.AsyncConnection.connect(
                conninfo,
                prepare_threshold=None if pooled else 5,
                application_name="chatloom api",
            )

        self._engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://", async_creator=connect, pool_size=most, max_overflow=0, pool_pre_ping=True
        )

    @asynccontextmanager
    async def transaction(self, workspace: UUID | None) -> AsyncGenerator[Session]:
        """One transaction within `workspace`: committed at the end of the block, or rolled back.

        Without a workspace no row of any table is seen: for `store.admin.callers` alone.
        Raises the problems of `store.problems`.
        """
        try:
            async with Session(self._engine, expire_on_commit=False) as session, session.begin():
                if workspace is not None:
                    await session.sql("SELECT set_config('chatloom.workspace', :id, true)", id=str(workspace))
                yield session
        except DBAPIError as error:
            with problems():
                raise (error.orig or error) from error
        except (psycopg.Error, OSError) as error:
            with problems():
                raise error

    async def ping(self) -> None:
        """Whether the database answers. Raises `DatabaseUnreachable`."""
        with problems():
            try:
                async with self._engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
            except DBAPIError as error:
                raise (error.orig or error) from error

    async def close(self) -> None:
        """Let go of all connections."""
        await self._engine.dispose()


async def put(session: Session, row: SQLModel) -> None:
    """Write a row in place of the one with its key, if there is one, also when two do so at once."""
    table = SQLModel.metadata.tables[str(row.__tablename__)]
    keys = [column.name for column in table.primary_key]
    values = row.model_dump()
    statement = insert(table).values(values)
    rest = {name: statement.excluded[name] for name in values if name not in keys}
    await (await session.connection()).execute(
        statement.on_conflict_do_update(index_elements=keys, set_=rest)
    )


@asynccontextmanager
async def unique(session: Session, what: str, name: str) -> AsyncGenerator[None]:
    """Rows added in the block are written at its end; one that is there already raises `Taken`."""
    try:
        yield
        await session.flush()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") == "23505":
            raise Taken(what=what, name=name) from error
        raise
