"""Connections that are kept for later."""

import asyncio
import select

import psycopg

from store.pool import Database, connect, pool
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


def test_a_silent_database_is_given_up_unless_the_url_has_more_patience(database_url: str) -> None:
    async def parameters(url: str) -> dict[str, str]:
        async with await connect(Database(url)) as conn, pool(Database(url), least=1, most=1) as kept:
            async with kept.connection() as pooled:
                assert pooled.info.get_parameters() == conn.info.get_parameters()
            return conn.info.get_parameters()

    said = asyncio.run(parameters(database_url))
    assert (said["tcp_user_timeout"], said["keepalives_idle"], said["connect_timeout"]) == ("8000", "5", "5")
    more = "&" if "?" in database_url else "?"
    said = asyncio.run(parameters(f"{database_url}{more}tcp_user_timeout=60000"))
    assert (said["tcp_user_timeout"], said["keepalives_idle"]) == ("60000", "5")
