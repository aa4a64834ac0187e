"""Arrivals: the events that wait for a number's turns, and from when on to look for more.

Entries of rows that are done stay in the indexes while somebody's old snapshot may still see them, and each
look walks over them. So a look begins shortly before the newest row that was seen, once a second well before
it (clocks of doors differ, and a door's commit may be late), and further back only where the chores or the
keeper, beside the turns, found something that waits there, or this process itself put it there.
"""

import datetime as dt
import math
from collections.abc import Sequence
from uuid import UUID

from runtime.settings import RuntimeSettings
from store.inbox import ERASED, MOVED, Pending

LOOK_WIDE_EVERY_S = 1.0

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Arrivals:
    """One number's."""

    def __init__(self, settings: RuntimeSettings) -> None:
        self._small = settings.small_batch
        self._large = settings.large_batch
        self._back = dt.timedelta(seconds=settings.look_back_s)
        self._back_wide = dt.timedelta(seconds=settings.look_wide_s)
        self._waiting: dict[UUID, Pending] = {}
        self._taken: set[UUID] = set()
        self._newest = LONG_AGO
        self._from: dt.datetime | None = LONG_AGO
        self._looked_wide_at = -math.inf

    def clear(self) -> None:
        """Forget all: what is in the database counts."""
        self._waiting.clear()
        self._taken.clear()
        self._from = LONG_AGO

    def next_batch(self) -> list[Pending]:
        """The first that wait, in order; few, so that they are soon answered, unless many wait."""
        if not self._waiting:
            self._taken = set()
            return []
        most = self._large if len(self._waiting) >= self._large else self._small
        rows = list(self._waiting.values())[:most]
        ends = next((place for place, row in enumerate(rows, 1) if row.kind in (ERASED, MOVED)), most)
        rows = rows[:ends]  # what comes after it may be somebody else's
        self._taken = {row.event_id for row in rows}
        for event_id in self._taken:
            del self._waiting[event_id]
        return rows

    def wanted(self) -> int:
        """How many more are wanted now."""
        return self._large if len(self._waiting) < self._small else 0

    def since(self, now: float) -> dt.datetime:
        """From when on to look."""
        wide = now - self._looked_wide_at >= LOOK_WIDE_EVERY_S
        if wide:
            self._looked_wide_at = now
        return self._since(self._back_wide if wide else self._back)

    def since_wide(self) -> dt.datetime:
        """From when on somebody else is to look, who has the time."""
        return self._since(self._back_wide)

    def look_from(self, event: dt.datetime) -> None:
        """An event received at this moment waits."""
        self._from = event if self._from is None else min(event, self._from)

    def took(self, rows: Sequence[Pending], since: dt.datetime) -> None:
        """What a look from that moment on found."""
        for row in rows:
            if row.event_id not in self._taken:  # a half of a batch that was bisected is still to come
                self._waiting.setdefault(row.event_id, row)
            self._newest = max(self._newest, row.received_at)
        if self._from is not None and since <= self._from:
            self._from = None

    def _since(self, back: dt.timedelta) -> dt.datetime:
        oldest = min((row.received_at for row in self._waiting.values()), default=self._newest)
        since = min(oldest, self._newest, dt.datetime.now(dt.UTC)) - back
        return since if self._from is None else min(since, self._from)
