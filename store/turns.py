"""One transaction of numbers' owner: what batches of events cause, and what happened beside them.

`write` sends all of it, then the questions for what is next, in one pipeline: one round trip a turn. The
first statements fence the transaction by the leases. `Beside` is what senders, timers, actions and drivers
have to say; it rides along, or goes alone when no events wait.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from psycopg import AsyncCursor

from keys.seal import Sealer
from store import (
    action_calls,
    contacts,
    conversations,
    events,
    inbox,
    leases,
    messages,
    notes,
    outbox,
    policies,
    quarantine,
    receipts,
    runs,
    threads,
    timers,
    watch,
    webhooks,
)
from store.action_calls import CallRow, Progress
from store.contacts import ContactChange
from store.conversations import ConversationRow
from store.events import EventRow
from store.inbox import InboxRow, Pending
from store.leases import Lease
from store.messages import Amended, Content, MessageRow, Taken
from store.notes import NoteRow, TaskRow
from store.outbox import Failed, OutboxRow, Requeued
from store.parts import Part, Row
from store.policies import Explained, Introduced
from store.pool import Connection, roll_back
from store.problems import problems
from store.quarantine import QuarantineRow
from store.receipts import Folded, PendingReceipt, ReceiptRow
from store.runs import RunEnded, RunMoved, RunStarted
from store.threads import ThreadChange
from store.timers import TimerRow
from store.webhooks import Told


@dataclass(slots=True)
class TurnRows:
    """What a batch of events causes. All of it is committed, or nothing."""

    done: list[str] = field(default_factory=list)
    conversations: list[ConversationRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    messages: list[MessageRow] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    timers_set: dict[tuple[UUID, str], TimerRow] = field(default_factory=dict)
    timers_cancelled: set[tuple[UUID, str]] = field(default_factory=set)
    calls: list[CallRow] = field(default_factory=list)
    runs_started: list[RunStarted] = field(default_factory=list)
    runs_moved: list[RunMoved] = field(default_factory=list)
    runs_ended: list[RunEnded] = field(default_factory=list)
    contact_changes: list[ContactChange] = field(default_factory=list)
    notes: list[NoteRow] = field(default_factory=list)
    tasks: list[TaskRow] = field(default_factory=list)
    threads: list[ThreadChange] = field(default_factory=list)
    amended: list[Amended] = field(default_factory=list)
    quarantined: list[QuarantineRow] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)


@dataclass(slots=True)
class Beside:
    """What happened beside the turns. Kept and offered again until a commit has taken it."""

    arrived: list[InboxRow] = field(default_factory=list)
    reports: list[ReceiptRow] = field(default_factory=list)
    sending: list[tuple[UUID, int]] = field(default_factory=list)
    sent: list[Taken] = field(default_factory=list)
    settled: list[UUID] = field(default_factory=list)
    requeued: list[Requeued] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    timers_fired: list[TimerRow] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    contents: list[Content] = field(default_factory=list)
    introduced: list[Introduced] = field(default_factory=list)
    held_until: list[dt.datetime] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    folded: list[Folded] = field(default_factory=list)
    receipts_done: list[int] = field(default_factory=list)
    resent: list[UUID] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in _BESIDE)


_BESIDE = fields(Beside)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted next: inbox rows since a moment, and receipts from an id, but for those not understood yet."""

    since: dt.datetime
    rows: int = 0
    receipts: int = 0
    receipts_from: int = 0
    unknown: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Next:
    """What waits."""

    rows: list[Pending]
    receipts: list[PendingReceipt]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one number writes, and asks for. `statuses_told`: some webhook endpoint wants to know what becomes of messages."""

    lease: Lease
    sealer: Sealer
    bot_id: UUID | None
    turn: TurnRows | None
    beside: Beside | None
    ask: Ask
    statuses_told: bool = False

    @property
    def writes(self) -> bool:
        return self.turn is not None or bool(self.beside)


async def write(conn: Connection, entries: Sequence[Entry]) -> list[Next]:
    """Commit what numbers write, all or nothing, and ask what is next for each. A number stands once.

    Raises `LeaseLost`, `RowsRefused`, `DatabaseUnreachable`. After the last it is not known whether the commit
    was done.
    """
    writing = [one for one in entries if one.writes]
    try:
        with problems(entries[0].lease.number_id if len(entries) == 1 else ""):
            async with conn.pipeline():
                if writing:
                    await conn.execute("BEGIN")
                    await leases.hold(conn, *(one.lease for one in writing))
                    await _write_beside(conn, [one for one in writing if one.beside])
                    await _write_turns(conn, [one for one in writing if one.turn])
                    await conn.execute("COMMIT")
                rows, reports = await _ask(conn, entries)
            return await _next(entries, rows, reports)
    except BaseException:
        await roll_back(conn)
        raise


async def _ask(
    conn: Connection, entries: Sequence[Entry]
) -> tuple[AsyncCursor[Any] | None, AsyncCursor[Any] | None]:
    rows = reports = None
    if some := [one for one in entries if one.ask.rows]:
        since = [(one.lease, one.ask.since) for one in some]
        rows = await inbox.ask_pending(conn, since, max(one.ask.rows for one in some))
    if some := [one for one in entries if one.ask.receipts]:
        first = [(one.lease, one.ask.receipts_from) for one in some]
        unknown = [report for one in some for report in one.ask.unknown]
        reports = await receipts.ask_pending(conn, first, unknown, max(one.ask.receipts for one in some))
    return rows, reports


async def _next(
    entries: Sequence[Entry], rows: AsyncCursor[Any] | None, reports: AsyncCursor[Any] | None
) -> list[Next]:
    found = {one.lease.number_id: Next([], []) for one in entries}
    for number, *row in await rows.fetchall() if rows else ():
        found[number].rows.append(Pending(*row))
    for number, *row in await reports.fetchall() if reports else ():
        found[number].receipts.append(PendingReceipt(*row))
    return [found[one.lease.number_id] for one in entries]


async def _write_turns(conn: Connection, entries: Sequence[Entry]) -> None:
    def parts(of: Callable[[TurnRows], Iterable[Row]]) -> list[Part[Row]]:
        return [
            Part(one.lease, one.sealer, rows) for one in entries if one.turn and (rows := list(of(one.turn)))
        ]

    if some := parts(lambda turn: turn.conversations):
        await conversations.upsert(conn, some)
    if some := parts(lambda turn: turn.events):
        await events.insert(conn, some)
    if some := parts(lambda turn: turn.messages):
        await messages.insert(conn, some)
    if some := parts(lambda turn: turn.outbox):
        await outbox.insert(conn, some)
    if some := parts(lambda turn: turn.timers_cancelled):
        await timers.cancel(conn, some)
    if some := parts(lambda turn: turn.timers_set.values()):
        await timers.set_all(conn, some)
    if some := parts(lambda turn: turn.runs_started):
        await runs.start(conn, {one.lease.number_id: one.bot_id for one in entries}, some)
    if some := parts(lambda turn: turn.runs_ended):
        await runs.finish(conn, some)
    for one in entries:
        if one.turn is not None:
            await _write_seldom(conn, one, one.turn)
    if some := parts(lambda turn: turn.done):
        await inbox.done(conn, some)


async def _write_seldom(conn: Connection, entry: Entry, turn: TurnRows) -> None:
    """What few turns cause: a statement for each number."""
    lease, sealer = entry.lease, entry.sealer
    if turn.runs_moved:
        await runs.move(conn, lease, turn.runs_moved)
    if turn.amended:
        await messages.amend(conn, lease, turn.amended)
    if turn.calls:
        await action_calls.insert(conn, sealer, lease, turn.calls)
    if turn.contact_changes:
        await contacts.change(conn, sealer, lease, turn.contact_changes)
    if turn.notes:
        await notes.write(conn, sealer, lease, turn.notes)
    if turn.tasks:
        await notes.open_tasks(conn, sealer, lease, turn.tasks)
    if turn.threads:
        await threads.write(conn, lease, turn.threads)
    if turn.quarantined:
        await quarantine.insert(conn, {lease.workspace_id: sealer}, turn.quarantined)
    if turn.told:
        await webhooks.tell(conn, sealer, lease, entry.bot_id, turn.told)


def _became(beside: Beside) -> list[Folded]:
    """What is said of messages beside the channel's taking them: of each the best."""
    failed = (Folded(row.message_id, "failed", row.at, row.code, row.error) for row in beside.failed)
    return list(receipts.best((*failed, *beside.folded)).values())


def _settled(beside: Beside) -> list[UUID]:
    """The messages for which nothing is left to do."""
    gone = (row.message_id for row in beside.failed if not row.dead)
    return [*beside.settled, *(row.message_id for row in beside.sent), *gone]


async def _write_beside(conn: Connection, entries: Sequence[Entry]) -> None:
    def parts(of: Callable[[Beside], list[Row]]) -> list[Part[Row]]:
        return [
            Part(one.lease, one.sealer, rows) for one in entries if one.beside and (rows := of(one.beside))
        ]

    became = parts(_became)
    for one in entries:
        if one.beside is not None:
            await _write_before(conn, one, one.beside)
    if some := parts(lambda beside: beside.sent):
        await messages.sent(conn, some)
    if some := parts(_settled):
        await outbox.settle(conn, some)
    if became:
        await receipts.fold(conn, became)
    if some := parts(lambda beside: beside.receipts_done):
        await receipts.forget(conn, some)
    for one in entries:
        if one.beside is not None:
            await _write_after(conn, one, one.beside)


async def _write_before(conn: Connection, entry: Entry, beside: Beside) -> None:
    """What comes before the settling of messages: a statement for each number."""
    lease, sealer = entry.lease, entry.sealer
    if entry.statuses_told and ((folded := _became(beside)) or beside.sent):
        await webhooks.tell_statuses(conn, lease, entry.bot_id, folded, beside.sent)
    if beside.arrived:
        await inbox.insert(conn, {lease.workspace_id: sealer}, beside.arrived)
    if beside.reports:
        await receipts.insert(conn, beside.reports)
    if beside.sending:
        await outbox.sending(conn, lease, beside.sending)
        await messages.sending(conn, lease, (mark[0] for mark in beside.sending))
    if dead := [row for row in beside.failed if row.dead]:
        await outbox.bury(conn, lease, dead)
    if beside.introduced:
        await policies.introduce(conn, lease, beside.introduced)
    if beside.held_until:
        await policies.hold(conn, lease, max(beside.held_until))
    if beside.requeued:
        await outbox.requeue(conn, lease, beside.requeued)


async def _write_after(conn: Connection, entry: Entry, beside: Beside) -> None:
    """What comes after it."""
    lease, sealer = entry.lease, entry.sealer
    if beside.resent:
        await watch.resend(conn, lease, beside.resent)
    if beside.timers_fired:
        await timers.fired(conn, lease, beside.timers_fired)
    if beside.progress:
        await action_calls.advance(conn, sealer, lease, beside.progress)
    if beside.explained:
        await policies.explain(conn, lease, beside.explained)
    if beside.contents:
        await messages.rewrite(conn, sealer, lease, beside.contents)
