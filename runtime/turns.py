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
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import ValidationError

from flows.state import OWNER
from flows.turn import Turn
from keys.seal import Sealer
from runtime import metrics
from runtime.arrivals import LONG_AGO, Arrivals
from runtime.conversations import Conversation, Conversations, Item
from runtime.effects import Work, record, trace_lines
from runtime.ledger import Ledger
from runtime.media import fetch_of, row_of
from runtime.owner import RECONNECT_S, Tenure, clock
from runtime.premises import Premises
from runtime.receipts import Reports
from runtime.rows import (
    StateTooLarge,
    aside,
    changed,
    place_of,
    received,
    row_of_conversation,
    row_of_event,
    row_of_letter,
    written_by_owner,
)
from runtime.sender import Sender
from runtime.serving import Serving
from runtime.settings import Pace, RuntimeSettings
from runtime.telling import STATUSES, moved, told
from schemas.capabilities import Capabilities
from schemas.events import ContactChanged, Event, OptedOut, OwnerWrote, Received, Restarted
from schemas.events import codec as event_codec
from schemas.problems import Refused
from store import inbox, numbers, receipts
from store.glances import Glance
from store.inbox import Pending
from store.messages import Amended
from store.pool import Connection, lent
from store.problems import DatabaseUnreachable, RowsRefused
from store.turns import Ask, Beside, Entry, TurnRows

log = logging.getLogger(__name__)

QUIET_AFTER_S = 60.0
QUIET_LOOKS = 5


class ConversationUnknown(Refused):
    code = "runtime.conversation_unknown"
    sentence = "The event names a conversation that this number does not have."


class VersionUnservable(Refused):
    code = "runtime.version_unservable"
    sentence = "Version {version} of the bot, with which this run began, cannot be compiled."


class TurnUnstorable(Refused):
    code = "runtime.turn_unstorable"
    sentence = "What the event causes cannot be written: {why}."


_DATA_FAULTS = (RowsRefused, StateTooLarge, TurnUnstorable)


@dataclass(frozen=True, slots=True)
class Number:
    """What the loop knows of its number."""

    name: str
    capabilities: Capabilities
    channel: str
    fetches: bool = False  # whether files that contacts send can be fetched


class TurnLoop:
    """One number's. `run` until `stop`; the rest of the process meets it in the ledger."""

    def __init__(
        self,
        settings: RuntimeSettings,
        tenure: Tenure,
        sealer: Sealer,
        ledger: Ledger,
        serving: Serving,
        sender: Sender,
        number: Number,
        pace: Pace,
        premises: Premises,
        *,
        on_committed: Callable[[Work], None],
        read_back: Callable[[Connection], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._lease = tenure.lease
        self._sealer = sealer
        self._ledger = ledger
        self._serving = serving
        self._sender = sender
        self._number = number
        self._pace = pace
        self._clerk = premises.clerk
        self._desk = premises.desk
        self._on_committed = on_committed
        self._read_back = read_back
        self.conversations = Conversations(sealer, tenure.lease, settings.conversations_held)
        self._erased: set[UUID] = set()  # what comes late for their contacts is dropped
        self.wanted: frozenset[str] = frozenset()  # the types of events that webhook endpoints want
        self._view_of_number = {"id": str(tenure.lease.number_id), "name": number.name}
        self._arrivals = Arrivals(settings)
        self._reports = Reports(tenure.lease, ledger, premises.desk, sender.settle)
        self._read_back_at = clock()
        self._glanced_at = 0.0
        self._wake = asyncio.Event()
        self._idling = False
        self._busy_at = clock()
        self._stopping = False
        self._flushed = asyncio.Event()
        self._in = metrics.messages.labels("in", number.channel)

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
        self.conversations.clear()
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
            work = await self._compute(batch, touched)
        except _DATA_FAULTS as problem:
            self.conversations.forget(touched)
            await self._isolate(batch, problem)
            return
        except BaseException:
            self.conversations.forget(touched)
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
        self.conversations.trim()
        self._sender.heard(work.last_in)
        self._sender.post(letter for letters in work.letters.values() for letter in letters)
        self._on_committed(work)
        self.conversations.forget(work.erased)
        self._erased.update(work.erased)
        metrics.turn_seconds.observe(clock() - began)
        metrics.turn_events.observe(len(batch))

    def _undo(self, touched: set[UUID], claimed: Sequence[UUID]) -> None:
        self.conversations.forget(touched)
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
        self._put_aside(rows, row, plain, problem)
        await self._exchange(rows)

    async def _compute(self, batch: Sequence[Pending], touched: set[UUID]) -> Work:
        work = Work()
        gone = [row for row in batch if row.kind == inbox.ERASED or row.conversation_id in self._erased]
        work.rows.done += [row.source_id for row in gone]
        work.erased += [
            row.conversation_id
            for row in gone
            if row.kind == inbox.ERASED and row.conversation_id is not None
        ]
        items = self._open(work, [row for row in batch if row not in gone] if gone else batch)
        if self.conversations.lacks(items):
            async with lent(self._desk, self._lease.number_id) as conn:
                await self.conversations.fetch(conn, items)
        found = self.conversations.of(items)
        if any(isinstance(item.event, Restarted) for item in items):
            await self._deploy()
        needed = {
            version
            for item, conversation in zip(items, found, strict=True)
            if conversation is not None
            and (
                version := self._serving.version_for(conversation.state, item.event, conversation.contact_id)
            )
            is not None
        }
        if missing := {one for one in needed if self._serving.compiled(one) is None}:
            async with lent(self._desk, self._lease.number_id) as conn:
                await self._serving.ensure(conn, missing)
        now = dt.datetime.now(dt.UTC)
        for item, conversation in zip(items, found, strict=True):
            if conversation is None:
                self._put_aside(work.rows, item.row, item.plain, ConversationUnknown())
                continue
            touched.add(conversation.id)
            event, plain = self._prepare(conversation, item)
            try:
                turn, version = self._advance(conversation, event)
            except Exception as error:  # noqa: BLE001  a fault of the engine costs one message, not the number
                log.error("an event of kind %s failed: %s", item.row.kind, place_of(error))
                self._put_aside(work.rows, item.row, item.plain, error)
                continue
            try:
                self._record(work, conversation, item.row, event, plain, turn, version, now)
            except Exception as error:
                raise TurnUnstorable(why=type(error).__name__) from error
        work.rows.amended = await self._amended(work, items, found)
        for conversation in work.touched.values():
            try:
                work.rows.conversations.append(row_of_conversation(work, conversation))
            except (ValueError, TypeError) as error:
                raise TurnUnstorable(why=type(error).__name__) from error
        return work

    async def _deploy(self) -> None:
        """Serve what is published now: a restart comes with a publish, and may be read before we heard of it."""
        async with lent(self._desk, self._lease.number_id) as conn:
            wanted = await numbers.wanted(conn, self._lease.number_id)
            if wanted is not None:
                await self._serving.deploy(conn, wanted)

    async def _amended(
        self, work: Work, items: Sequence[Item], found: Sequence[Conversation | None]
    ) -> list[Amended]:
        """The messages that contacts, and the owner, changed or took back: each his own."""
        changes = [
            (item.event, change, conversation)
            for item, conversation in zip(items, found, strict=True)
            if conversation is not None and (change := changed(item.event)) is not None
        ]
        if not changes:
            return []
        theirs = {change[0] for event, change, _ in changes if isinstance(event, Received)}
        ours = {change[0] for event, change, _ in changes if isinstance(event, OwnerWrote)}
        async with lent(self._desk, self._lease.number_id) as conn:
            came = await inbox.messages_of(conn, self._lease, theirs) if theirs else {}
            went = await receipts.messages_of(conn, self._lease, ours) if ours else {}
        went |= {row.provider_id: row.id for row in work.rows.messages if row.by == OWNER and ours}
        return [
            Amended(message_id, conversation.id, how)
            for event, (provider_id, how), conversation in changes
            if (message_id := (came if isinstance(event, Received) else went).get(provider_id)) is not None
        ]

    def _open(self, work: Work, batch: Sequence[Pending]) -> list[Item]:
        items: list[Item] = []
        for row in batch:
            plain = b""
            try:
                plain = inbox.open_payload(self._sealer, row)
                items.append(Item(row, plain, event_codec.validate_json(plain)))
            except (ValidationError, Refused) as error:
                self._put_aside(work.rows, row, plain or row.payload, error)
        return items

    def _prepare(self, conversation: Conversation, item: Item) -> tuple[Event, bytes]:
        """The event as the engine gets it and as it is kept, with what it says of the contact noted."""
        event, plain = item.event, item.plain
        if isinstance(event, Received):
            if event.message.profile_name and conversation.profile_name != event.message.profile_name:
                conversation.profile_name = event.message.profile_name
                conversation.view, conversation.fresh = None, True
            conversation.last_provider_id = event.message.provider_id
            conversation.last_in = event.at
            if throttled := conversation.throttled(event.at, self._pace.throttle):
                event = replace(event, throttled=throttled)
                plain = event_codec.dump_json(event)
        elif isinstance(event, ContactChanged):
            newest = conversation.change(event.fields, event.at)
            conversation.view = None
            if len(newest) < len(event.fields):
                event = replace(event, fields=newest)
                plain = event_codec.dump_json(event)
        return event, plain

    def _advance(self, conversation: Conversation, event: Event) -> tuple[Turn, int | None]:
        """The engine's turn, and the version of the bot that made it."""
        view = conversation.seen(self._number.capabilities, self._view_of_number)
        version = self._serving.version_for(conversation.state, event, conversation.contact_id)
        if version is None:
            state = conversation.state
            if isinstance(event, OptedOut):  # it holds for whatever bot comes
                state = replace(state, opted_out=event.opted_out)
            return Turn(state, (), view), None
        compiled = self._serving.compiled(version)
        if compiled is None:
            raise VersionUnservable(version=version)
        return self._serving.advance(compiled, conversation.state, event, view), version

    def _record(
        self,
        work: Work,
        conversation: Conversation,
        row: Pending,
        event: Event,
        plain: bytes,
        turn: Turn,
        version: int | None,
        now: dt.datetime,
    ) -> None:
        trace = trace_lines(turn)
        before = conversation.state
        run = turn.state.run or before.run
        said = len(work.rows.messages)
        record(work, conversation, event, turn, version, now)
        if self.wanted:
            bot_id = self._serving.bot_id
            work.rows.told += told(self.wanted, self._view_of_number, bot_id, conversation, event, turn)
        conversation.state = turn.state
        if (
            turn.view is not conversation.view
        ):  # the contact changed, and what was cleared shows as a channel says
            conversation.view = None
        if turn.encoded:
            work.encoded[conversation.id] = turn.encoded
        elif turn.state is not before:
            work.encoded.pop(conversation.id, None)
        work.touched[conversation.id] = conversation
        rows = work.rows
        rows.events.append(row_of_event(conversation, event, plain, trace, run, version))
        if isinstance(event, Received):
            work.last_in[conversation.id] = event.at
            rows.messages.append(received(conversation, event))
            if self._number.fetches and (fetch := fetch_of(conversation.id, event)) is not None:
                rows.calls.append(row_of(fetch, now))
                work.fetches.append((fetch, now))
            self._in.inc()
        elif isinstance(event, OwnerWrote):
            rows.messages.append(written_by_owner(conversation, event))
        changed = work.changed.setdefault(conversation.id, set())
        if len(work.rows.messages) > said:
            changed.add("message")
        if how := moved(before, turn.state):
            changed.add(how)
        work.rows.done.append(row.source_id)

    def _put_aside(self, rows: TurnRows, row: Pending, plain: bytes, error: Exception) -> None:
        metrics.quarantined.labels(row.kind).inc()
        rows.done.append(row.source_id)
        rows.quarantined.append(aside(self._lease, row, plain, error))

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
            self._serving.bot_id,
            rows,
            page if page else None,
            ask,
            not STATUSES.isdisjoint(self.wanted),
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
            self._reports.took(found.receipts, now)

    def _ask(self, now: float) -> Ask:
        rows = 0 if self._stopping else self._arrivals.wanted()
        since = self._arrivals.since(now) if rows else LONG_AGO
        return Ask(since, rows, *self._reports.ask(now))
