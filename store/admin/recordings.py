"""Runs as they were kept: which events happened in them, for walking them again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.ids import derived_id, first_id, month_of
from schemas.messages import Identity
from schemas.problems import NotFound
from store.admin.desk import Session

MOST_EVENTS = 1000  # of one run: what came later is left out
MOST_RUNS = 200  # of a number, in which the calls of a step are looked for
BEFORE = dt.timedelta(minutes=1)  # texts that a burst gathered came before the run that it began
AFTER = dt.timedelta(milliseconds=1)


class Run(NamedTuple):
    """A run, and the contact of its conversation as the number's owner knows it now."""

    id: UUID
    conversation: UUID
    version: int
    started_at: dt.datetime
    ended_at: dt.datetime | None
    contact: UUID
    known: dict[str, Any]


class Kept(NamedTuple):
    """One event: its JSON, and the steps and outcomes that it led through, by a version of the bot."""

    id: UUID
    at: dt.datetime
    version: int | None
    plain: bytes
    trace: list[dict[str, Any]]


@dataclass(frozen=True)
class Known:
    """What a conversation holds of its contact. `written` tells when each field of the profile was."""

    profile: dict[str, Any]
    name: str
    language: str
    identities: tuple[Identity, ...]
    written: dict[str, dt.datetime]

    @classmethod
    def of(cls, copy: dict[str, Any]) -> "Known":
        """From the copy that is kept with the conversation."""
        return cls(
            copy.get("profile", {}),
            copy.get("name", ""),
            copy.get("language", ""),
            tuple(Identity(kind, value) for kind, value in copy.get("identities", ())),
            {name: dt.datetime.fromisoformat(at) for name, at in copy.get("written", {}).items()},
        )

    def at(self, moment: dt.datetime) -> dict[str, Any]:
        """The profile without what was written since: what stood there before is not kept."""
        return {
            name: value
            for name, value in self.profile.items()
            if name not in self.written or self.written[name] < moment
        }


_RUNS = (
    "SELECT r.id, r.conversation_id, r.version, r.started_at, r.ended_at, c.contact_id, c.contact"
    " FROM runs r JOIN conversations c ON c.number_id = r.number_id AND c.id = r.conversation_id"
    " WHERE r.number_id = :number AND r.bot_id = :bot AND r.version IS NOT NULL"
)


async def latest(session: Session, sealer: Sealer, number: UUID, bot: UUID, most: int) -> list[Run]:
    """The latest runs of a bot on a number, the latest first. The id of a run begins with its time."""
    rows = await session.sql(f"{_RUNS} ORDER BY r.id DESC LIMIT :most", number=number, bot=bot, most=most)
    return [_run(sealer, row) for row in rows]


async def run_of(
    session: Session, sealer: Sealer, number: UUID, conversation: UUID, run: UUID | None
) -> tuple[Run, UUID]:
    """A run of a conversation, the latest unless it is named; and whose bot it is of. Raises `NotFound`."""
    wanted = [run] if run else await _begun(session, number, conversation)
    rows = await session.sql(
        "SELECT r.id, r.conversation_id, r.version, r.started_at, r.ended_at, c.contact_id, c.contact, r.bot_id"
        " FROM runs r JOIN conversations c ON c.number_id = r.number_id AND c.id = r.conversation_id"
        " WHERE r.number_id = :number AND r.id = ANY(CAST(:wanted AS uuid[])) AND r.conversation_id = :conversation"
        " AND r.version IS NOT NULL ORDER BY r.id DESC LIMIT 1",
        number=number,
        conversation=conversation,
        wanted=wanted,
    )
    row = rows.first()
    if row is None or row.bot_id is None:
        raise NotFound(what="run of the conversation", name=str(run or conversation))
    return _run(sealer, row), row.bot_id


async def _begun(session: Session, number: UUID, conversation: UUID) -> list[UUID]:
    """The runs that the latest events may have begun: a run's id follows from its first event's."""
    rows = await session.sql(
        "SELECT id, run_id FROM events WHERE number_id = :number AND conversation_id = :conversation"
        " ORDER BY id DESC LIMIT :most",
        number=number,
        conversation=conversation,
        most=MOST_EVENTS,
    )
    return sorted({row.run_id or derived_id(row.id, "run1") for row in rows})


async def events(session: Session, sealer: Sealer, number: UUID, runs: Sequence[Run]) -> list[list[Kept]]:
    """What happened in each of these runs, in the order in which it was processed; a little from before, too."""
    first = [first_id(run.started_at - BEFORE) for run in runs]
    rows = await session.sql(
        "SELECT t.place, e.id, e.at, e.version, e.payload, e.trace FROM unnest(CAST(:conversations AS uuid[]),"
        " CAST(:first AS uuid[]), CAST(:months AS date[]), CAST(:last AS timestamptz[])) WITH ORDINALITY"
        " AS t (conversation, first, month, last, place) CROSS JOIN LATERAL ("
        " SELECT e.id, e.at, e.version, e.payload, e.trace FROM events e WHERE e.number_id = :number"
        " AND e.conversation_id = t.conversation AND e.id >= t.first AND e.month >= t.month AND e.at <= t.last"
        " ORDER BY e.id LIMIT :most) e ORDER BY t.place, e.at, e.id",
        number=number,
        conversations=[run.conversation for run in runs],
        first=first,
        months=[month_of(key) for key in first],
        last=[
            run.ended_at + AFTER if run.ended_at else dt.datetime.max.replace(tzinfo=dt.UTC) for run in runs
        ],
        most=MOST_EVENTS,
    )
    found: list[list[Kept]] = [[] for _ in runs]
    for row in rows:
        plain = sealer.open("events", "payload", row.id.bytes, bytes(row.payload))
        found[row.place - 1].append(Kept(row.id, row.at, row.version, plain, row.trace))
    return found


class Answered(NamedTuple):
    """A call of a step that ended: the event that brought its result, the way that the step left by, and of whom it was."""

    id: UUID
    at: dt.datetime
    number: str
    conversation: UUID
    outcome: str
    plain: bytes
    known: dict[str, Any]


async def answered(
    session: Session, sealer: Sealer, bot: UUID, flow: str, step: str, most: int
) -> list[Answered]:
    """The latest calls that a step made in a bot's latest runs on each number, the latest first."""
    rows = await session.sql(
        "SELECT DISTINCT e.at, e.id, n.name, e.conversation_id, e.payload, e.trace, c.contact FROM numbers n"
        " CROSS JOIN LATERAL (SELECT r.conversation_id, r.started_at FROM runs r WHERE r.number_id = n.id"
        " AND r.bot_id = :bot ORDER BY r.id DESC LIMIT :runs) r"
        " JOIN conversations c ON c.number_id = n.id AND c.id = r.conversation_id"
        " CROSS JOIN LATERAL (SELECT * FROM events e WHERE e.number_id = n.id"
        " AND e.conversation_id = r.conversation_id AND e.month >= date_trunc('month', r.started_at)::date"
        " AND e.at >= r.started_at AND e.kind = 'action_done'"
        " AND e.trace->0->>'flow' = :flow AND e.trace->0->>'step' = :step ORDER BY e.id DESC LIMIT :most) e"
        " ORDER BY e.at DESC, e.id DESC LIMIT :most",
        bot=bot,
        runs=MOST_RUNS,
        flow=flow,
        step=step,
        most=most,
    )
    return [
        Answered(
            row.id,
            row.at,
            row.name,
            row.conversation_id,
            row.trace[0].get("outcome", ""),
            sealer.open("events", "payload", row.id.bytes, bytes(row.payload)),
            _copy(sealer, row.conversation_id, row.contact),
        )
        for row in rows
    ]


def _run(sealer: Sealer, row: Any) -> Run:
    copy = _copy(sealer, row.conversation_id, row.contact)
    return Run(row.id, row.conversation_id, row.version, row.started_at, row.ended_at, row.contact_id, copy)


def _copy(sealer: Sealer, conversation: UUID, contact: Any) -> dict[str, Any]:
    """What a conversation holds of its contact."""
    if not contact:
        return {}
    return orjson.loads(sealer.open("conversations", "contact", conversation.bytes, bytes(contact)))
