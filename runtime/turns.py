"""The loop of a number: take what waits, compute, commit, and let go what the commit allows.

One batch is one transaction, which the clerk may let other numbers of the process share: what the events
cause, what the ledger holds, then the question for what is next. While it is in flight, doors go on
inserting; so batches grow with the load, with no fixed delay. Nothing is sent, called or confirmed before
the commit that says so has succeeded.

A batch that the database or the encoding refuses because of its data is dropped from memory and computed
again in halves; the one event that cannot be stored goes to quarantine, the rest is committed. An event
on which the engine itself fails goes to quarantine at once. When the database is away, nothing is known of
the last commit: memory is dropped, and what is in the database counts.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from keys.seal import Sealer
from runtime import metrics
from runtime.arrivals import LONG_AGO, Arrivals
from runtime.batches import Batches, TurnUnstorable
from runtime.effects import Work
from runtime.ledger import Ledger
from runtime.owner import RECONNECT_S, Tenure, clock
from runtime.premises import Premises
from runtime.receipts import Reports
from runtime.rows import (
    StateTooLarge,
    place_of,
    row_of_letter,
)
from runtime.sender import Sender
from runtime.settings import RuntimeSettings
from runtime.telling import STATUSES
from schemas.problems import Refused
from store import inbox
from store.glances import Glance
from store.inbox import Pending
from store.pool import Connection, lent
from store.problems import DatabaseUnreachable, RowsRefused
from store.turns import Ask, Beside, Entry, TurnRows

log = logging.getLogger(__name__)

QUIET_AFTER_S = 60.0
QUIET_LOOKS = 5


_DATA_FAULTS = (RowsRefused, StateTooLarge, TurnUnstorable)


class TurnLoop:
    """One number's. `run` until `stop`; the rest of the process meets it in the ledger."""

    def __init__(
        self,
        settings: RuntimeSettings,
        tenure: Tenure,
        sealer: Sealer,
        ledger: Ledger,
        sender: Sender,
        batches: Batches,
        premises: Premises,
        *,
        on_committed: Callable[[Work], None],
        read_back: Callable[[Connection], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._lease = tenure.lease
        self._sealer = sealer
        self._ledger = ledger
        self._sender = sender
        self._batches = batches
        self._clerk = premises.clerk
        self._desk = premises.desk
        self._on_committed = on_committed
        self._read_back = read_back
        self._conversations = batches.conversations
        self._arrivals = Arrivals(settings)
        self._reports = Reports(tenure.lease, ledger, premises.desk, sender.settle)
        self._read_back_at = clock()
        self._glanced_at = 0.0
        self._wake = asyncio.Event()
        self._idling = False
        self._busy_at = clock()
        self._stopping = False
        self._flushed = asyncio.Event()

    def wake(self) -> None:
        """There may be something new in the inbox."""
        self._wake.set()

    def read_again(self) -> None:
        """There may be something in the outbox that others put there."""
        self._read_back_at = -math.inf
        self._wake.set()

    def look_from(self, event: dt.datetime | None, report: int | None) -> None:
        """The oldest event, by its received time, and the oldest report, by its id, that wait."""
        if event is not None:
            self._arrivals.look_from(event)
        if report is not None:
            self._reports.look_from(report)

    def glance(self, now: float) -> Glance | None:
        """What the keeper is to look for; None: nothing now. Who has long been quiet is looked at less often."""
        if not self._idling or self._stopping:
            return None
        quiet = now - self._busy_at >= QUIET_AFTER_S
        pause = (QUIET_LOOKS - 0.5) * self._settings.poll_s if quiet else 0.0
        if now - self._glanced_at < pause:
            return None
        self._glanced_at = now
        if self._reports.overdue(now):
            self._wake.set()
            return None
        reports = self._reports
        return Glance(self._lease, self._arrivals.since_wide(), reports.first, list(reports.unknown))

    def stop(self) -> None:
        """Take no more events; `run` returns when the ledger is empty and `finish` was called."""
        self._stopping = True
        self._wake.set()

    def finish(self) -> None:
        """Nobody writes to the ledger any more: flush it and return from `run`."""
        self._flushed.set()
        self._wake.set()
        self._ledger.touch(urgent=True)

    async def run(self) -> None:
        """Serve until `finish`. Raises `LeaseLost`, or a fault of ours. Waits while the database is away."""
        while True:
            try:
                return await self._serve()
            except DatabaseUnreachable as problem:
                log.warning("the database is away: %s", problem)
                await self._recover()

    async def _recover(self) -> None:
        """Take in what the database holds when it is back; what is in memory may be wrong."""
        self._conversations.clear()
        self._arrivals.clear()
        self._reports.clear()
        while True:
            await asyncio.sleep(RECONNECT_S)
            with contextlib.suppress(DatabaseUnreachable):
                return await self._read()

    async def _read(self) -> None:
        self._read_back_at = clock()
        async with lent(self._desk, self._lease.number_id) as conn:
            await self._read_back(conn)

    async def _serve(self) -> None:
        await self._exchange(None)
        looked = False
        while True:
            if clock() - self._read_back_at >= self._settings.look_s and not self._stopping:
                await self._read()
            batch = [] if self._stopping else self._arrivals.next_batch()
            if batch:
                await self._process(batch)
                looked = False
                continue
            if self._reports:
                await self._reports.fold()
            if self._ledger.page and (self._ledger.urgent.is_set() or self._flushed.is_set()):
                await self._exchange(None)
                continue
            if self._flushed.is_set():
                return
            if not self._wake.is_set():
                await self._idle()
            # Woken, first only look: what waits in the ledger then rides with the turn, and nobody waits for
            # a commit of it alone. Not twice in a row, so that wakes without events do not keep it waiting.
            looked = self._wake.is_set() and not self._ledger.urgent.is_set() and not looked
            self._wake.clear()
            await self._exchange(None, with_ledger=not looked)

    async def _idle(self) -> None:
        """Wait for an event, for somebody who waits on the ledger, or a moment after a touch."""
        self._idling = True
        wake = asyncio.ensure_future(self._wake.wait())
        urgent = asyncio.ensure_future(self._ledger.urgent.wait())
        touched = asyncio.ensure_future(self._ledger.touched.wait())
        try:
            await asyncio.wait((wake, urgent, touched), return_when=asyncio.FIRST_COMPLETED)
            if touched.done() and not wake.done() and not urgent.done():
                await asyncio.wait(
                    (wake, urgent), timeout=self._settings.settle_idle_s, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            self._idling = False
            for task in (wake, urgent, touched):
                task.cancel()

    # One batch.

    async def _process(self, batch: Sequence[Pending]) -> None:
        """Compute and commit. Data that cannot be stored ends in quarantine, one event at a time."""
        began = clock()
        touched: set[UUID] = set()
        try:
            if self._reports:
                await self._reports.fold()
            work = await self._batches.compute(batch, touched)
        except _DATA_FAULTS as problem:
            self._conversations.forget(touched)
            await self._isolate(batch, problem)
            return
        except BaseException:
            self._conversations.forget(touched)
            raise
        claimed = self._claim(work)
        try:
            await self._exchange(work.rows)
        except RowsRefused as problem:
            self._undo(touched, claimed)
            await self._isolate(batch, problem)
            return
        except BaseException:
            self._undo(touched, claimed)
            raise
        for conversation in work.touched.values():
            conversation.fresh = False
        self._conversations.trim()
        self._sender.heard(work.last_in)
        self._sender.post(letter for letters in work.letters.values() for letter in letters)
        self._on_committed(work)
        self._conversations.forget((*work.erased, *work.moved))
        self._batches.erased.update(work.erased)
        metrics.turn_seconds.observe(clock() - began)
        metrics.turn_events.observe(len(batch))

    def _undo(self, touched: set[UUID], claimed: Sequence[UUID]) -> None:
        self._conversations.forget(touched)
        for conversation in claimed:
            self._sender.forgo(conversation)

    async def _isolate(self, batch: Sequence[Pending], problem: Exception) -> None:
        """The batch holds something that cannot be stored: halve it until that stands alone."""
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._process(batch[:middle])
            await self._process(batch[middle:])
            return
        rows = TurnRows()
        row = batch[0]
        log.error("an event of kind %s cannot be stored: %s", row.kind, place_of(problem))
        try:
            plain = inbox.open_payload(self._sealer, row)
        except Refused:
            plain = row.payload
        self._batches.put_aside(rows, row, plain, problem)
        await self._exchange(rows)

    def _claim(self, work: Work) -> list[UUID]:
        """Give slots to what may go with the commit, and write the outbox rows accordingly."""
        claimed: list[UUID] = []
        marked: set[UUID] = set()
        for conversation_id, letters in work.letters.items():
            allowed = self._sender.claim(conversation_id, len(letters))
            if allowed:
                claimed.append(conversation_id)
            for place, letter in enumerate(letters):
                letter.marked = place < allowed
                if letter.marked:
                    marked.add(letter.id)
                work.rows.outbox.append(row_of_letter(letter))
        if marked:
            work.rows.messages = [
                row._replace(status="sending") if row.id in marked else row for row in work.rows.messages
            ]
        return claimed

    # The database.

    async def _exchange(self, rows: TurnRows | None, *, with_ledger: bool = True) -> None:
        """Commit rows and the ledger's page, and take in what is next."""
        page, then = self._ledger.take() if with_ledger else (Beside(), [])
        now = clock()
        if page or rows is not None:
            self._busy_at = now
        for row in page.arrived:
            self._arrivals.look_from(row.received_at)
        ask = self._ask(now)
        entry = Entry(
            self._lease,
            self._sealer,
            self._batches.bot_id,
            rows,
            page if page else None,
            ask,
            not STATUSES.isdisjoint(self._batches.wanted),
        )
        try:
            found = await self._clerk.write(entry)
        except RowsRefused:
            self._ledger.give_back(page, then)
            if rows is None:
                raise
            if page:
                await self._exchange(None)  # the ledger's page holds nothing that a contact wrote
            raise
        except BaseException:
            self._ledger.give_back(page, then)
            raise
        for act in then:
            act()
        if ask.rows:
            self._arrivals.took(found.rows, ask.since)
        if ask.receipts:
            self._reports.took(found.receipts, ask.receipts_from, now)

    def _ask(self, now: float) -> Ask:
        rows = 0 if self._stopping else self._arrivals.wanted()
        since = self._arrivals.since(now) if rows else LONG_AGO
        return Ask(since, rows, *self._reports.ask(now))
