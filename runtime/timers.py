"""Timers: the near ones in a heap, the far ones in the database until they come near. A due one is an event."""

import asyncio
import datetime as dt
import heapq
import itertools
from collections.abc import Iterable
from uuid import UUID

from runtime.ledger import Ledger
from schemas.events import TimerFired
from schemas.ids import new_event_id
from store import inbox, timers
from store.inbox import Place
from store.leases import Lease
from store.pool import Connection
from store.timers import TimerRow

HORIZON = dt.timedelta(minutes=10)
PAGE = 20_000


class Timers:
    """One number's. `run` for ever; the turn loop tells what its commits set and cancelled."""

    def __init__(self, lease: Lease, ledger: Ledger) -> None:
        self._lease = lease
        self._ledger = ledger
        self._place = Place(lease.number_id, lease.workspace_id, lease.slot)
        self._near: dict[tuple[UUID, str], TimerRow] = {}
        self._heap: list[tuple[dt.datetime, int, TimerRow]] = []
        self._order = itertools.count()
        self._until = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._near)

    async def load(self, conn: Connection) -> None:
        """Take in what falls due within the horizon. Called at a start, then every few minutes."""
        until = dt.datetime.now(dt.UTC) + HORIZON
        rows = await timers.due(conn, self._lease, until, PAGE)
        if len(rows) == PAGE:
            until = rows[-1].due_at
        self._until = until
        firing = {row.id for row in self._ledger.page.timers_fired}
        for row in rows:
            if row.id not in firing:
                self._add(row)
        self._changed.set()

    def committed(self, set_rows: Iterable[TimerRow], cancelled: Iterable[tuple[UUID, str]]) -> None:
        """A turn was committed that set and cancelled these."""
        for key in cancelled:
            self._near.pop(key, None)
        for row in set_rows:
            if row.due_at < self._until:
                self._add(row)
                self._changed.set()
            else:
                self._near.pop((row.conversation_id, row.name), None)

    def forget(self, conversation_id: UUID) -> None:
        """A contact is erased: nothing falls due for him."""
        for key in [key for key in self._near if key[0] == conversation_id]:
            del self._near[key]

    async def run(self) -> None:
        """Turn due timers into events, for ever."""
        while True:
            self._changed.clear()
            pause = self._fire(dt.datetime.now(dt.UTC))
            try:
                await asyncio.wait_for(self._changed.wait(), pause)
            except TimeoutError:
                continue

    def _add(self, row: TimerRow) -> None:
        key = (row.conversation_id, row.name)
        if self._near.get(key) != row:
            self._near[key] = row
            heapq.heappush(self._heap, (row.due_at, next(self._order), row))

    def _fire(self, now: dt.datetime) -> float | None:
        """Post what is due; how long until the next."""
        fired = False
        while self._heap:
            due_at, _, row = self._heap[0]
            key = (row.conversation_id, row.name)
            if self._near.get(key) is not row:
                heapq.heappop(self._heap)
                continue
            if due_at > now:
                break
            heapq.heappop(self._heap)
            del self._near[key]
            event = TimerFired(id=new_event_id(), at=now, timer=row.name, visit=row.visit)
            source = f"timer:{row.id}:{row.visit}"
            self._ledger.page.arrived.append(inbox.row_of(self._place, source, row.conversation_id, event))
            self._ledger.page.timers_fired.append(row)
            fired = True
        if fired:
            self._ledger.touch(urgent=True)
        return (self._heap[0][0] - now).total_seconds() if self._heap else None
