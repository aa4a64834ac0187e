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
import math
import os
import socket
import time
from uuid import UUID

from runtime.settings import RuntimeSettings
from schemas.ids import new_event_id
from store import leases
from store.leases import Lease
from store.pool import Pool, lent

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
    """A lease that is held. `alive` is what each send asks; the process's keeper renews it."""

    def __init__(self, settings: RuntimeSettings, lease: Lease, asked_at: float) -> None:
        self.lease = lease
        self._lease_s = settings.lease_s
        self._deadline = asked_at + settings.lease_s
        self._renewed = asyncio.Event()
        self._ended = asyncio.Event()
        self._why: Exception | None = None

    def alive(self) -> bool:
        """Whether this process surely still owns the number."""
        return clock() < self._deadline

    async def until_alive(self) -> None:
        """Wait for a renewal, if the deadline has passed. Cancelled when the lease is lost."""
        while not self.alive():
            self._renewed.clear()
            await self._renewed.wait()

    async def until_ended(self) -> None:
        """Wait until nobody renews it any more. Raises why: `LeaseLost`, or the keeper's own fault."""
        await self._ended.wait()
        raise self._why or AssertionError

    def renewed(self, asked_at: float) -> None:
        """The database prolonged it; that was asked for at this moment."""
        self._deadline = asked_at + self._lease_s
        self._renewed.set()

    def end(self, why: Exception) -> None:
        """It is ours no longer, or is renewed no longer."""
        self._deadline = -math.inf
        self._why = why
        self._ended.set()


def owner_name() -> str:
    """Who we are, for people: host, process and something that no other process has. One a process."""
    return _name_of(os.getpid())


@functools.cache
def _name_of(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{new_event_id().hex[-8:]}"


async def obtain(
    settings: RuntimeSettings, desk: Pool, number_id: UUID, workspace_id: UUID, slot: int, stop: asyncio.Event
) -> Tenure | None:
    """Wait until the number is free and take it. None where `stop` was set first.

    Raises `DatabaseUnreachable`.
    """
    owner = owner_name()
    said = False
    while not stop.is_set():
        asked_at = clock()
        async with lent(desk) as conn:
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
