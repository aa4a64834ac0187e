"""One worker at a time at one job."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from store.named_sql import query
from store.pool import Connection, Pool
from store.problems import problems


@asynccontextmanager
async def alone(pool: Pool, job: str) -> AsyncGenerator[Connection | None]:
    """A transaction in which nobody else does `job`; None when somebody does."""
    with problems():
        async with pool.connection() as conn, conn.transaction():
            row = await (await conn.execute(query("chores", "alone"), {"name": f"chatloom.{job}"})).fetchone()
            yield conn if row and row[0] else None
