"""The keeper: watches over all numbers of a process, on one connection and with one clock.

It renews their leases by one statement, hears what wakes them, and looks, by one statement more, whether
something waits of which nobody told them: PostgreSQL wakes every session that listens, whatever it listens
to, so that a session for each number would make each message as dear as there are numbers.
"""

import asyncio
import datetime as dt
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from runtime.owner import RECONNECT_S, Tenure, clock
from runtime.settings import RuntimeSettings
from store import glances, leases, notify
from store.glances import Glance
from store.pool import Connection, connect
from store.problems import DatabaseUnreachable, LeaseLost

log = logging.getLogger(__name__)

WARN_S = 60.0  # during an outage: how often it is said again


@dataclass(frozen=True, slots=True)
class Charge:
    """A number that is watched over.

    `on_wake` gets the channel that was notified, or "" when notifications may have been missed. `concerns` says
    whether a change of this number, bot or workspace is to wake it. `glance` says what to look for, or None where the number does not want a look now. `found` gets the received time of the
    oldest event and the id of the oldest report that wait.
    """

    tenure: Tenure
    on_wake: Callable[[str], None]
    concerns: Callable[[UUID], bool]
    glance: Callable[[float], Glance | None]
    found: Callable[[dt.datetime | None, int | None], None]


class Keeper:
    """One process's. `run` it for ever."""

    def __init__(self, settings: RuntimeSettings) -> None:
        self._settings = settings
        self._charges: dict[UUID, Charge] = {}
        self._listening: dict[str, UUID | None] = {}
        self._changed = asyncio.Event()
        self._news: dict[UUID, asyncio.Event] = {}
        self._fault: Exception | None = None
        self._warn_at = -math.inf

    def take(self, charge: Charge) -> None:
        """Watch over a number from now on; it is woken as soon as its notifications are heard."""
        if self._fault is not None:
            charge.tenure.end(self._fault)
        self._charges[charge.tenure.lease.number_id] = charge
        self._changed.set()

    def leave(self, tenure: Tenure) -> None:
        """Watch over it no longer."""
        charge = self._charges.get(tenure.lease.number_id)
        if charge is not None and charge.tenure is tenure:
            del self._charges[tenure.lease.number_id]
            self._changed.set()

    def news(self, number: UUID) -> asyncio.Event:
        """Set as soon as the number's row changes after this call."""
        return self._news.setdefault(number, asyncio.Event())

    async def run(self) -> None:
        """Watch until cancelled. Reconnects by itself. A fault of ours ends all that is watched over."""
        while True:
            try:
                async with await connect(self._settings.database, direct=True) as conn:
                    await self._watch(conn)
            except DatabaseUnreachable as problem:
                level = logging.INFO
                if clock() >= self._warn_at:
                    self._warn_at, level = clock() + WARN_S, logging.WARNING
                log.log(level, "%d leases cannot be renewed: %s", len(self._charges), problem)
                await asyncio.sleep(RECONNECT_S)
            except Exception as error:
                self._fault = error
                for charge in self._charges.values():
                    charge.tenure.end(error)
                raise

    async def _watch(self, conn: Connection) -> None:
        self._listening.clear()
        renew_at = look_at = clock()
        while True:
            self._changed.clear()
            if await self._listen(conn):
                renew_at = clock()
            if clock() >= renew_at:
                renew_at = clock() + self._settings.renew_s
                await self._renew(conn)
                self._warn_at = -math.inf
            if clock() >= look_at:
                look_at = clock() + self._settings.poll_s
                await self._look(conn)
            await self._hear(conn, max(0.0, min(renew_at, look_at) - clock()))

    async def _listen(self, conn: Connection) -> bool:
        """Hear the channels of those that are watched over, and no others. True: some are new."""
        wanted: dict[str, UUID | None] = {notify.NUMBERS: None}
        for number in self._charges:
            wanted |= dict.fromkeys(notify.channels(number), number)
        fresh = wanted.keys() - self._listening.keys()
        await notify.listen(conn, *fresh)
        await notify.unlisten(conn, *(self._listening.keys() - wanted.keys()))
        self._listening = wanted
        if notify.NUMBERS in fresh:
            for number in list(self._news):
                self._tell_news(number)
        new = {self._listening[channel] for channel in fresh}
        for number, charge in list(self._charges.items()):
            if number in new:
                charge.on_wake("")
        return bool(fresh)

    async def _renew(self, conn: Connection) -> None:
        charges = list(self._charges.values())
        if not charges:
            return
        asked_at = clock()
        held = await leases.renew(conn, [one.tenure.lease for one in charges], self._settings.lease_s)
        for charge in charges:
            lease = charge.tenure.lease
            if (lease.number_id, lease.slot) in held:
                charge.tenure.renewed(asked_at)
            else:
                self.leave(charge.tenure)
                charge.tenure.end(LeaseLost(number=lease.number_id))

    async def _look(self, conn: Connection) -> None:
        now = clock()
        wanted = [one for charge in self._charges.values() if (one := charge.glance(now)) is not None]
        if not wanted:
            return
        for seen in await glances.look(conn, wanted):
            if (charge := self._charges.get(seen.number_id)) is not None:
                charge.found(seen.event, seen.report)
                charge.on_wake(notify.channel(seen.number_id))

    async def _hear(self, conn: Connection, limit_s: float) -> None:
        """Pass notifications on for a while, or until other numbers are to be watched over."""
        hearing = asyncio.create_task(self._pass_on(conn, limit_s))
        changed = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait((hearing, changed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            hearing.cancel()
            changed.cancel()
            ended, _ = await asyncio.gather(hearing, changed, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended

    async def _pass_on(self, conn: Connection, limit_s: float) -> None:
        async for channel, about in notify.heard(conn, limit_s):
            if channel == notify.NUMBERS:
                for number in list(self._news) if about is None else [about]:
                    self._tell_news(number)
                for charge in list(self._charges.values()):
                    if about is None or charge.concerns(about):
                        charge.on_wake(channel)
            elif (charge := self._charges.get(self._listening.get(channel) or UUID(int=0))) is not None:
                charge.on_wake(channel)

    def _tell_news(self, number: UUID) -> None:
        if (news := self._news.pop(number, None)) is not None:
            news.set()
