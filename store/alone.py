"""One worker at a time at one job."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from store.named_sql import query
from store.pool import Connection, Pool, lent


@asynccontextmanager
async def alone(pool: Pool, job: str) -> AsyncGenerator[Connection | None]:
    """A transaction in which nobody else does `job`; None when somebody does."""
    async with lent(pool) as conn, conn.transaction():
        row = await (await conn.execute(query("chores", "alone"), {"name": f"chatloom.{job}"})).fetchone()
        yield conn if row and row[0] else None
