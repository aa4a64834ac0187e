"""Connections that are kept for later."""

import asyncio
import select

import psycopg
import pytest

from store.pool import Connection, Database, bundled, connect, pool, roll_back
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


def test_bundled_statements_leave_together_and_a_fault_among_them_leaves_the_connection_fit(
    database_url: str,
) -> None:
    async def divide(conn: Connection) -> None:
        async with bundled(conn):
            await conn.execute("BEGIN")
            await conn.execute("SELECT 1 / %s::int", (0,))
            await conn.execute("COMMIT")

    async def scene() -> None:
        async with (
            await connect(Database(database_url)) as conn,
            await connect(Database(database_url)) as other,
        ):
            async with bundled(conn):
                found = [await conn.execute("SELECT %s::int * 2", (number,)) for number in range(3)]
                doing = await other.execute(
                    "SELECT query FROM pg_stat_activity WHERE pid = %s", (conn.info.backend_pid,)
                )
                assert "* 2" not in str(await doing.fetchone())
            assert [await one.fetchone() for one in found] == [(0,), (2,), (4,)]
            async with bundled(conn):
                asked = await conn.execute("SELECT 7")
                assert await asked.fetchone() == (7,)  # a result asked for within the block is fetched
            with pytest.raises(psycopg.errors.DivisionByZero):
                await divide(conn)
            await roll_back(conn)
            assert await (await conn.execute("SELECT 8")).fetchone() == (8,)

    asyncio.run(scene())
