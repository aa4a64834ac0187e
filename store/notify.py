"""Waking a number's owner: NOTIFY after the commit, coalesced; LISTEN on a connection with a session.

A lost notification costs time, never a message: owners also look by themselves.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import LiteralString, NamedTuple
from uuid import UUID

from psycopg import sql

from store.pool import Connection, Pool, lent
from store.problems import DatabaseUnreachable, problems

NUMBERS = "chatloom_numbers"
PAUSE_S = 0.004


class Heard(NamedTuple):
    """A notification. On `NUMBERS` it names the number, bot or workspace that has changed; None: any."""

    channel: str
    about: UUID | None


def channel(number_id: UUID) -> str:
    """The notification channel of a number's inbox."""
    return f"chatloom_{number_id.hex}"


def outbox_channel(number_id: UUID) -> str:
    """Where a number's owner hears that its outbox holds messages which others put there."""
    return f"chatloom_{number_id.hex}_outbox"


def orders_channel(number_id: UUID) -> str:
    """Where a number's owner hears that an admin ordered something of its session."""
    return f"chatloom_{number_id.hex}_orders"


def channels(number_id: UUID) -> tuple[str, ...]:
    """All channels of a number."""
    return channel(number_id), outbox_channel(number_id), orders_channel(number_id)


class Notifier:
    """Wakes owners, at most once in 4 ms a number: PostgreSQL serializes commits that notify."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._due: set[UUID] = set()
        self._task: asyncio.Task[None] | None = None

    def wake(self, *numbers: UUID) -> None:
        """Call this after the commit. Returns at once."""
        self._due.update(numbers)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Send what is due."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._due:
            due, self._due = self._due, set()
            try:
                async with lent(self._pool) as conn:
                    await notify(conn, [channel(number) for number in due])
            except DatabaseUnreachable:
                return  # owners look by themselves
            await asyncio.sleep(PAUSE_S)


async def notify(conn: Connection, channels: list[str]) -> None:
    """Notify channels, in one statement."""
    with problems():
        await conn.execute("SELECT pg_notify(name, '') FROM unnest(%s::text[]) AS name", (channels,))


async def listen(conn: Connection, *channels: str) -> None:
    """Subscribe a session's connection."""
    await _each(conn, "LISTEN {}", channels)


async def unlisten(conn: Connection, *channels: str) -> None:
    """Hear these no longer."""
    await _each(conn, "UNLISTEN {}", channels)


async def heard(conn: Connection, timeout_s: float) -> AsyncGenerator[Heard]:
    """What is notified within `timeout_s`, as it comes."""
    with problems():
        async with aclosing(conn.notifies(timeout=timeout_s)) as found:
            async for one in found:
                yield Heard(one.channel, UUID(one.payload) if one.payload else None)


async def _each(conn: Connection, statement: LiteralString, channels: Sequence[str]) -> None:
    if channels:
        with problems():
            each = (sql.SQL(statement).format(sql.Identifier(name)) for name in channels)
            await conn.execute(sql.SQL("; ").join(each), prepare=False)
