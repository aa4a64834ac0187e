"""The clerk: commits what all numbers of a process write.

What numbers bring while a commit is under way shares the next one: so commits grow with the load and do not
grow with the numbers, with no fixed delay. A number brings one entry at a time and waits for it, which keeps
its order. When a shared commit is refused, for one number's data or lease, each entry is written alone, and
only the number whose fault it is hears of it.
"""

import asyncio
import logging
from collections.abc import Sequence

from store import turns
from store.pool import Connection, Database, connect
from store.problems import DatabaseUnreachable
from store.turns import Entry, Next

log = logging.getLogger(__name__)

MOST_EVENTS = 256  # in one commit: more would wait longer than they save

_Waiting = tuple[Entry, asyncio.Future[Next]]


class Clerk:
    """One process's. `run` it as a task; `write` returns when the entry is durable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._conn: Connection | None = None
        self._waiting: list[_Waiting] = []
        self._some = asyncio.Event()

    async def write(self, entry: Entry) -> Next:
        """Commit, and tell what is next. Raises `LeaseLost`, `RowsRefused`, `DatabaseUnreachable`.

        After the last it is not known whether the commit was done.
        """
        done: asyncio.Future[Next] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        self._some.set()
        return await done

    async def run(self) -> None:
        """Commit what comes, until cancelled."""
        try:
            while True:
                await self._some.wait()
                if group := self._next_group():
                    await self._commit(group)
        finally:
            for _, done in self._waiting:
                done.cancel()
            if self._conn is not None:
                await self._conn.close()

    def _next_group(self) -> list[_Waiting]:
        """Those that came first, as many as one commit takes."""
        group: list[_Waiting] = []
        events = 0
        for place, (entry, done) in enumerate(self._waiting):
            size = 0 if entry.turn is None else len(entry.turn.done)
            if group and events + size > MOST_EVENTS:
                self._waiting = self._waiting[place:]
                return group
            events += size
            if not done.done():
                group.append((entry, done))
        self._waiting = []
        self._some.clear()
        return group

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            found = await self._write([entry for entry, _ in group])
        except asyncio.CancelledError:
            for _, done in group:
                done.cancel()
            raise
        except Exception as problem:  # noqa: BLE001  told to those who wait
            if len(group) == 1 or isinstance(problem, DatabaseUnreachable):
                for _, done in group:
                    if not done.done():
                        done.set_exception(problem)
                return
            log.info("a commit for %d numbers is refused (%s); each writes alone", len(group), _code(problem))
            for one in group:
                await self._commit([one])
            return
        for (_, done), one in zip(group, found, strict=True):
            if not done.done():
                done.set_result(one)

    async def _write(self, entries: Sequence[Entry]) -> list[Next]:
        if self._conn is None or self._conn.closed:
            self._conn = await connect(self._database)
        try:
            return await turns.write(self._conn, entries)
        except DatabaseUnreachable:
            await self._conn.close()
            raise


def _code(problem: Exception) -> str:
    return getattr(problem, "code", type(problem).__name__)
