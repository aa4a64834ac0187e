"""The lease: the right of this process to serve a number, and the clock that says how long it lasts.

Commits are fenced by the database: each locks the lease's row at its epoch. Sends are not, so each first
looks at a deadline of our own: the moment the last good renewal was *asked for*, plus the lease. The clock
is one that also runs while the machine or the process sleeps.

When the epoch moved, another process owns the number: stop the session, then exit. When the database cannot
be reached, stop sending at the deadline and wait; when it is back, renew under the same epoch, or exit.
"""

import asyncio
import contextlib
import functools
import logging
import os
import socket
import time
from collections.abc import Callable
from uuid import UUID

from runtime.settings import RuntimeSettings
from schemas.ids import new_event_id
from store import leases, notify
from store.leases import Lease
from store.pool import Connection, connect
from store.problems import DatabaseUnreachable, LeaseLost

log = logging.getLogger(__name__)

RECONNECT_S = 0.5
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def clock() -> float:
    """Seconds that pass also while the machine sleeps, where the system can tell."""
    return time.clock_gettime(_CLOCK)


async def rest(until: asyncio.Event, seconds: float | None) -> None:
    """Sleep, but not longer than until that is set."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(until.wait(), seconds)


class Tenure:
    """A lease that is held. `alive` is what each send asks; `watch` renews it and hears what wakes us."""

    def __init__(self, settings: RuntimeSettings, lease: Lease, asked_at: float) -> None:
        self.lease = lease
        self._settings = settings
        self._deadline = asked_at + settings.lease_s
        self._renewed = asyncio.Event()

    def alive(self) -> bool:
        """Whether this process surely still owns the number."""
        return clock() < self._deadline

    async def until_alive(self) -> None:
        """Wait for a renewal, if the deadline has passed. Cancelled when the lease is lost."""
        while not self.alive():
            self._renewed.clear()
            await self._renewed.wait()

    async def watch(self, conn: Connection | None, on_wake: Callable[[str], None]) -> None:
        """Renew every few seconds and listen in between, for ever. Raises `LeaseLost`.

        Reconnects by itself. `on_wake` gets the channel that was notified, or "" after a reconnection,
        when notifications may have been missed.
        """
        number = self.lease.number_id
        channels = (
            notify.channel(number),
            notify.outbox_channel(number),
            notify.orders_channel(number),
            notify.NUMBERS,
        )
        while True:
            try:
                if conn is None:
                    conn = await connect(self._settings.database, direct=True)
                await notify.listen(conn, *channels)
                on_wake("")
                while True:
                    await self._renew(conn)
                    async for channel in notify.heard(conn, self._settings.renew_s):
                        on_wake(channel)
            except DatabaseUnreachable as problem:
                log.warning("the lease of %s cannot be renewed: %s", self.lease.number_id, problem.code)
                if conn is not None:
                    await conn.close()
                conn = None
                await asyncio.sleep(RECONNECT_S)
            except asyncio.CancelledError:
                if conn is not None:
                    await conn.close()
                raise

    async def _renew(self, conn: Connection) -> None:
        asked_at = clock()
        held = await leases.renew(conn, [self.lease], self._settings.lease_s)
        if (self.lease.number_id, self.lease.slot) not in held:
            self._deadline = asked_at
            raise LeaseLost(number=self.lease.number_id)
        self._deadline = asked_at + self._settings.lease_s
        self._renewed.set()


def owner_name() -> str:
    """Who we are, for people: host, process and something that no other process has. One a process."""
    return _name_of(os.getpid())


@functools.cache
def _name_of(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{new_event_id().hex[-8:]}"


async def obtain(
    settings: RuntimeSettings,
    conn: Connection,
    number_id: UUID,
    workspace_id: UUID,
    slot: int,
    stop: asyncio.Event,
) -> Tenure | None:
    """Wait until the number is free and take it. None where `stop` was set first.

    Raises `DatabaseUnreachable`.
    """
    owner = owner_name()
    said = False
    while not stop.is_set():
        asked_at = clock()
        lease = await leases.acquire(conn, number_id, workspace_id, slot, owner, settings.lease_s)
        if lease is not None:
            log.info("number %s is ours, epoch %d", number_id, lease.epoch)
            return Tenure(settings, lease, asked_at)
        if not said:
            log.warning(
                "number %s is held by another process; if that was killed, it is free in %.0f s at most",
                number_id,
                settings.lease_s,
            )
            said = True
        await rest(stop, settings.renew_s / 3)
    return None
