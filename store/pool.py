"""Connections to PostgreSQL: autocommit, prepared, in UTC, as one of our roles.

`DATABASE_URL` may point at a transaction pooler: there `prepare_threshold` is None unless the pooler keeps
prepared statements. `DATABASE_DIRECT_URL` serves what needs a session of its own: LISTEN and migrations.
"""

import select
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool

from store.problems import problems

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Pool = AsyncConnectionPool[Connection]

# When packets are dropped without a word, the kernel would wait for a quarter of an hour. libpq's parameters, in s
# and ms (PostgreSQL's documentation, 32.1.2); Unix sockets have none of them.
_SILENCE: dict[str, int] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
RECONNECT_S = 5  # then whoever asks next begins anew: the pool's own pauses double for minutes

set_json_dumps(orjson.dumps)
set_json_loads(orjson.loads)


@dataclass(frozen=True, slots=True)
class Database:
    """Where the database is, for one role. `direct_url` empty: `url` itself has sessions."""

    url: str
    direct_url: str = ""
    prepare_threshold: int | None = 0

    @property
    def session_url(self) -> str:
        return self.direct_url or self.url


def attentive(url: str) -> str:
    """A database's URL, with how long the database may be silent, as far as the URL does not say."""
    said = conninfo_to_dict(url)
    return make_conninfo(url, **{name: value for name, value in _SILENCE.items() if name not in said})


async def connect(database: Database, *, direct: bool = False) -> Connection:
    """One connection. Raises `DatabaseUnreachable`."""
    with problems():
        return await psycopg.AsyncConnection.connect(
            attentive(database.session_url if direct else database.url),
            autocommit=True,
            prepare_threshold=0 if direct else database.prepare_threshold,
            application_name="chatloom",
        )


def pool(database: Database, *, least: int = 1, most: int = 4, wait_s: float = 30.0) -> Pool:
    """A pool, not yet open: `async with` it. Who asks it waits at most `wait_s` for a connection."""
    return AsyncConnectionPool(
        attentive(database.url),
        min_size=least,
        max_size=most,
        open=False,
        timeout=wait_s,
        reconnect_timeout=RECONNECT_S,
        check=_still_there,
        kwargs={
            "autocommit": True,
            "prepare_threshold": database.prepare_threshold,
            "application_name": "chatloom",
        },
    )


@asynccontextmanager
async def lent(pool: Pool, number: object = "") -> AsyncGenerator[Connection]:
    """A connection out of a pool. Inside, psycopg's errors become the problems of `store.problems`."""
    with problems(number):
        async with pool.connection() as conn:
            yield conn


@asynccontextmanager
async def at_once(conn: Connection) -> AsyncGenerator[None]:
    """A transaction in one round trip: its statements go out together, and are done when the block has ended.

    psycopg's own `transaction` in a pipeline waits for its BEGIN, and again before its COMMIT.
    """
    try:
        async with conn.pipeline():
            await conn.execute("BEGIN")
            yield
            await conn.execute("COMMIT")
    except BaseException:
        await roll_back(conn)
        raise


async def roll_back(conn: Connection) -> None:
    """End a transaction that failed, so that the connection is of use again; one in doubt is closed."""
    if conn.closed:
        return
    try:
        with problems():
            await conn.rollback()
    except Exception:  # noqa: BLE001  the first error is the one to tell
        await conn.close()


async def _still_there(conn: Connection) -> None:
    """Raise for a connection that the server has ended, so that the pool gives out another.

    An idle one has nothing to read until the server says good-bye: looking costs no round trip.
    """
    looking = select.poll()
    looking.register(conn.fileno(), select.POLLIN)
    if looking.poll(0):
        await AsyncConnectionPool.check_connection(conn)
