"""Connections that are kept for later."""

import asyncio
import select

import psycopg

from store.pool import Database, pool
from tests.until import until


def test_a_connection_that_the_server_ended_is_not_given_out(database_url: str) -> None:
    async def scene() -> None:
        async with pool(Database(database_url), least=1, most=1) as kept:
            async with kept.connection() as conn:
                ended = conn.info.backend_pid
                looking = select.poll()
                looking.register(conn.fileno(), select.POLLIN)
            async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
                await other.execute("SELECT pg_terminate_backend(%s)", (ended,))
            await until(lambda: bool(looking.poll(0)))
            async with kept.connection() as conn:
                answer = await (await conn.execute("SELECT pg_backend_pid()")).fetchone()
            assert answer is not None
            assert answer[0] != ended

    asyncio.run(scene())
