"""Batches: what events cause, computed in memory, before any of it is committed.

An event that cannot be read, whose conversation is not there, or on which the engine fails goes to quarantine at
once. What the engine made of the others, but cannot be written, is for whoever asked to halve.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from flows.state import OWNER
from flows.turn import Turn
from keys.seal import Sealer
from runtime import metrics
from runtime.conversations import Conversation, Conversations, Item
from runtime.effects import Work, record, trace_lines
from runtime.media import fetch_of, row_of
from runtime.rows import (
    aside,
    changed,
    place_of,
    received,
    row_of_conversation,
    row_of_event,
    written_by_owner,
)
from runtime.serving import Serving
from runtime.settings import Pace, RuntimeSettings
from runtime.telling import moved, told
from runtime.threads import thread_changes
from schemas.capabilities import Capabilities
from schemas.events import ContactChanged, Event, Migrated, OptedOut, OwnerWrote, Received, Restarted
from schemas.events import codec as event_codec
from schemas.problems import Refused
from store import inbox, numbers, receipts
from store.inbox import Pending
from store.leases import Lease
from store.messages import Amended
from store.pool import Pool, lent
from store.turns import TurnRows

log = logging.getLogger(__name__)


class ConversationUnknown(Refused):
    code = "runtime.conversation_unknown"
    sentence = "The event names a conversation that this number does not have."


class VersionUnservable(Refused):
    code = "runtime.version_unservable"
    sentence = "Version {version} of the bot, which this run needs, cannot be compiled."


class TurnUnstorable(Refused):
    code = "runtime.turn_unstorable"
    sentence = "What the event causes cannot be written: {why}."


@dataclass(frozen=True, slots=True)
class Number:
    """What the loop knows of its number."""

    name: str
    capabilities: Capabilities
    channel: str
    fetches: bool = False  # whether files that contacts send can be fetched


class Batches:
    """One number's."""

    def __init__(
        self,
        settings: RuntimeSettings,
        lease: Lease,
        sealer: Sealer,
        desk: Pool,
        serving: Serving,
        number: Number,
        pace: Pace,
    ) -> None:
        self._lease = lease
        self._sealer = sealer
        self._desk = desk
        self._serving = serving
        self._number = number
        self._pace = pace
        self._view_of_number = {"id": str(lease.number_id), "name": number.name}
        self._in = metrics.messages.labels("in", number.channel)
        self.conversations = Conversations(sealer, lease, settings.conversations_held)
        self.erased: set[UUID] = set()  # what comes late for their contacts is dropped
        self.wanted: frozenset[str] = frozenset()  # the types of events that webhook endpoints want

    @property
    def bot_id(self) -> UUID | None:
        """The bot that the number serves."""
        return self._serving.bot_id

    async def compute(self, batch: Sequence[Pending], touched: set[UUID]) -> Work:
        """What the events cause. `touched` gets the conversations that are no longer as the database has them.

        Raises `StateTooLarge` and `TurnUnstorable`: something of it cannot be written.
        """
        work = Work()
        gone = [
            row
            for row in batch
            if row.kind in (inbox.ERASED, inbox.MOVED) or row.conversation_id in self.erased
        ]
        work.rows.done += [row.source_id for row in gone]
        work.erased += [
            row.conversation_id
            for row in gone
            if row.kind == inbox.ERASED and row.conversation_id is not None
        ]
        work.moved += [row.conversation_id for row in gone if row.conversation_id and row.kind == inbox.MOVED]
        items = self._open(work, [row for row in batch if row not in gone] if gone else batch)
        if self.conversations.lacks(items):
            async with lent(self._desk, self._lease.number_id) as conn:
                await self.conversations.fetch(conn, items)
        found = self.conversations.of(items)
        if any(isinstance(item.event, Restarted) for item in items):
            await self._deploy()
        await self._hold(items, found)
        now = dt.datetime.now(dt.UTC)
        for item, conversation in zip(items, found, strict=True):
            if conversation is None:
                self.put_aside(work.rows, item.row, item.plain, ConversationUnknown())
                continue
            touched.add(conversation.id)
            event, plain = self._prepare(conversation, item)
            try:
                turn, version = self._advance(conversation, event)
            except Exception as error:  # noqa: BLE001  a fault of the engine costs one message, not the number
                log.error("an event of kind %s failed: %s", item.row.kind, place_of(error))
                self.put_aside(work.rows, item.row, item.plain, error)
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

    async def _hold(self, items: Sequence[Item], found: Sequence[Conversation | None]) -> None:
        """Hold the versions that the events meet. Looked at again after each wait: another may be deployed meanwhile."""
        unfit: set[int] = set()
        while True:
            met = {
                version
                for item, conversation in zip(items, found, strict=True)
                if conversation is not None
                for version in self._serving.versions_for(
                    conversation.state, item.event, conversation.contact_id
                )
            }
            needed = met - unfit
            if all(self._serving.compiled(version) is not None for version in needed):
                return
            async with lent(self._desk, self._lease.number_id) as conn:
                unfit |= await self._serving.ensure(conn, needed)

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
                self.put_aside(work.rows, row, plain or row.payload, error)
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
        compiled = self._compiled(version)
        if isinstance(event, Migrated) and conversation.state.run and event.version != version:
            new = self._compiled(event.version)
            turn = self._serving.migrate(compiled, new, conversation.state, event, view)
            return turn, turn.state.run.version if turn.state.run else version
        return self._serving.advance(compiled, conversation.state, event, view), version

    def _compiled(self, version: int) -> Any:
        """A version that was held for this batch. Raises `VersionUnservable`."""
        compiled = self._serving.compiled(version)
        if compiled is None:
            raise VersionUnservable(version=version)
        return compiled

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
        work.rows.threads += thread_changes(conversation, event, turn)
        conversation.state = turn.state
        if turn.view is not conversation.view:
            conversation.view = None  # the contact changed, and what was cleared shows as a channel says
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
        shown = work.changed.setdefault(conversation.id, set())
        if len(work.rows.messages) > said:
            shown.add("message")
        if how := moved(before, turn.state):
            shown.add(how)
        work.rows.done.append(row.source_id)

    def put_aside(self, rows: TurnRows, row: Pending, plain: bytes, error: Exception) -> None:
        """One event goes to quarantine, with its error."""
        metrics.quarantined.labels(row.kind).inc()
        rows.done.append(row.source_id)
        rows.quarantined.append(aside(self._lease, row, plain, error))
