"""Conversations and their transcripts, as people read them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.ids import month_of
from schemas.messages import Identity
from schemas.problems import NotFound
from store.admin.desk import Session
from store.admin.page import Cursor, Window, cursor, typed
from store.conversations import conversation_id


class Talk(NamedTuple):
    """Where a conversation stands. `name`: what the contact is called; `held_by`: who of the team has the floor."""

    id: UUID
    number: UUID
    contact_id: UUID
    status: str
    flow: str
    step: str
    version: int | None
    team: str
    opted_out: bool
    last_in_at: dt.datetime | None
    updated_at: dt.datetime
    name: str
    held_by: str


class Place(NamedTuple):
    """A conversation, and whose number it is with."""

    number_id: UUID
    id: UUID


class Line(NamedTuple):
    """One message of a transcript. `body`: the content of an inbound one, the body of an outbound one."""

    id: UUID
    direction: str
    kind: str
    body: dict[str, Any]
    status: str
    error: str
    by: str
    flow: str
    step: str
    version: int | None
    provider_id: str
    amended: str
    resends: int
    status_at: dt.datetime
    created_at: dt.datetime


class Turn(NamedTuple):
    """What one event caused: steps and outcomes."""

    id: UUID
    kind: str
    at: dt.datetime
    run: UUID | None
    version: int | None
    trace: list[dict[str, Any]]


class Filter(NamedTuple):
    """What conversations are wanted. None: whatever it is."""

    status: str | None = None
    flow: str | None = None
    step: str | None = None
    version: int | None = None
    team: str | None = None
    contact: UUID | None = None
    updated_since: dt.datetime | None = None
    assignee: str | None = None
    failed: Literal[True] | None = None


FAILED_DAYS = 30  # how long a message that failed keeps its conversation among those
_LINE = (
    "m.id, m.direction, m.kind, m.body, m.status, m.error, m.by, m.flow, m.step,"
    " coalesce(m.version, e.version), m.provider_id, m.amended, m.resends, m.status_at, m.created_at,"
    " m.place, e.payload"
)
_EVENT = (
    " LEFT JOIN events e ON m.direction = 'in'"
    " AND e.number_id = m.number_id AND e.month = m.month AND e.id = m.id"
)
_LINES = f"SELECT {_LINE} FROM messages m{_EVENT} WHERE m.number_id = :number AND m.conversation_id = :conversation"
_STIRRED = "date_bin('5 minutes', CAST(:{} AS timestamptz), '2000-01-01 00:00:00+00'::timestamptz)"
_WHERE = {
    **{name: f"{name} = :{name}" for name in ("status", "flow", "step", "version", "team")},
    "contact": "contact_id IN (SELECT id FROM contacts WHERE id = :contact OR merged_into = :contact)",
    "assignee": "id IN (SELECT conversation_id FROM threads WHERE closed_at IS NULL AND assignee = :assignee)",
    "failed": "id IN (SELECT conversation_id FROM messages WHERE error_code <> '' AND status = 'failed'"
    f" AND created_at > now() - interval '{FAILED_DAYS} days')",
    "updated_since": f"updated_at >= :updated_since AND stirred >= {_STIRRED.format('updated_since')}",
}
_COLUMNS = "id, number_id, contact_id, status, flow, step, version, team, opted_out, last_in_at, updated_at, contact, state"


async def listed(
    session: Session, sealer: Sealer, number: UUID, wanted: Filter, window: Window
) -> tuple[list[Talk], Cursor | None]:
    """A number's conversations, by when they last moved. `stirred`, which the indexes hold, follows from `updated_at`."""
    where, given = _wanted(wanted, window)
    order = _order(window)
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM conversations WHERE {' AND '.join(['number_id = :number', *where])}"
        f" ORDER BY stirred {order}, updated_at {order}, id {order} LIMIT :limit",
        number=number,
        **given,
    )
    return _windowed(await _talks(session, sealer, [tuple(row) for row in rows]), window)


async def listed_everywhere(
    session: Session, sealer: Sealer, wanted: Filter, window: Window
) -> tuple[list[Talk], Cursor | None]:
    """The same of all numbers: each number's first by its own index, then the first of these."""
    where, given = _wanted(wanted, window)
    order = _order(window)
    rows = await session.sql(
        f"SELECT c.* FROM numbers n CROSS JOIN LATERAL (SELECT {_COLUMNS}"
        f" FROM conversations WHERE {' AND '.join(['number_id = n.id', *where])}"
        f" ORDER BY stirred {order}, updated_at {order}, id {order} LIMIT :limit) c"
        " WHERE n.workspace_id = :workspace AND n.removed_at IS NULL"
        f" ORDER BY c.updated_at {order}, c.id {order} LIMIT :limit",
        workspace=sealer.workspace_id,
        **given,
    )
    return _windowed(await _talks(session, sealer, [tuple(row) for row in rows]), window)


def _wanted(wanted: Filter, window: Window) -> tuple[list[str], dict[str, Any]]:
    """The conditions of a list, and what they are given."""
    given: dict[str, Any] = {name: value for name, value in wanted._asdict().items() if value is not None}
    where = [_WHERE[name] for name in given]
    given.pop("failed", None)  # it is in the condition
    where += [f"{name} <> ''" for name in ("flow", "team") if given.get(name)]  # as their indexes have it
    if window.after is not None:
        given["at"], given["last"] = typed(window.after, dt.datetime, UUID)
        follows = "<" if window.descends else ">"
        where.append(
            f"(updated_at, id) {follows} (:at, :last) AND stirred {follows}= {_STIRRED.format('at')}"
        )
    return where, {**given, "limit": window.limit + 1}


def _order(window: Window) -> str:
    return "DESC" if window.descends else "ASC"


def _windowed(talks: list[Talk], window: Window) -> tuple[list[Talk], Cursor | None]:
    if len(talks) <= window.limit:
        return talks, None
    return talks[:-1], window.cursor(talks[-2].updated_at, talks[-2].id)


async def shown(session: Session, sealer: Sealer, number: UUID, key: UUID) -> Talk:
    """One. Raises `NotFound`."""
    rows = await session.sql(
        f"SELECT {_COLUMNS} FROM conversations WHERE number_id = :number AND id = :id",
        number=number,
        id=key,
    )
    if (row := rows.first()) is None:
        raise NotFound(what="conversation", name=str(key))
    return (await _talks(session, sealer, [tuple(row)]))[0]


async def found(session: Session, number: UUID, key: UUID) -> UUID:
    """The id of one that is there. Raises `NotFound`."""
    rows = await session.sql(
        "SELECT id FROM conversations WHERE number_id = :number AND id = :id", number=number, id=key
    )
    if rows.first() is None:
        raise NotFound(what="conversation", name=str(key))
    return key


async def last_lines(session: Session, sealer: Sealer, talks: Sequence[Talk]) -> dict[UUID, Line]:
    """The latest message of each conversation."""
    lines = _LINES.replace(":number", "c.number").replace(":conversation", "c.id")
    rows = await session.sql(
        "SELECT c.id, last.* FROM unnest(CAST(:numbers AS uuid[]), CAST(:conversations AS uuid[])) AS c (number, id)"
        f" CROSS JOIN LATERAL ({lines} ORDER BY m.created_at DESC, m.place DESC, m.id DESC LIMIT 1) AS last",
        numbers=[talk.number for talk in talks],
        conversations=[talk.id for talk in talks],
    )
    return {row[0]: _line(sealer, tuple(row)[1:]) for row in rows}


async def some(session: Session, sealer: Sealer, places: Sequence[Place]) -> dict[UUID, Talk]:
    """Those of these conversations that are there."""
    columns = ", ".join(f"c.{name}" for name in _COLUMNS.split(", "))
    rows = await session.sql(
        f"SELECT {columns} FROM unnest(CAST(:numbers AS uuid[]), CAST(:ids AS uuid[])) AS p (number, id)"
        " JOIN conversations c ON c.number_id = p.number AND c.id = p.id",
        numbers=[place.number_id for place in places],
        ids=[place.id for place in places],
    )
    return {talk.id: talk for talk in await _talks(session, sealer, [tuple(row) for row in rows])}


async def said(
    session: Session, sealer: Sealer, keys: Sequence[tuple[UUID, UUID]]
) -> dict[UUID, tuple[Place, Line]]:
    """Those of these messages, each by its number and id, that are there, with where they were said."""
    rows = await session.sql(
        f"SELECT m.number_id, m.conversation_id, {_LINE}"
        " FROM unnest(CAST(:numbers AS uuid[]), CAST(:months AS date[]), CAST(:ids AS uuid[])) AS k (number, month, id)"
        f" JOIN messages m ON m.number_id = k.number AND m.month = k.month AND m.id = k.id{_EVENT}",
        numbers=[number for number, _ in keys],
        months=[month_of(key) for _, key in keys],
        ids=[key for _, key in keys],
    )
    found = ((Place(*row[:2]), _line(sealer, row[2:])) for row in map(tuple, rows))
    return {line.id: (place, line) for place, line in found}


async def _talks(session: Session, sealer: Sealer, rows: Sequence[tuple[Any, ...]]) -> list[Talk]:
    """Each is called as the team does, else as his channel does, else by his number or whatever else there is."""
    names: dict[UUID, str] = {}
    for key, *_, contact, _ in rows:
        kept = opened(sealer, "contact", key, contact)
        names[key] = str(kept.get("profile", {}).get("name") or kept.get("name") or "")
    if nameless := [contact for key, _, contact, *_ in rows if not names[key]]:
        found = await session.sql(
            "SELECT contact_id, kind, blind, value FROM identities WHERE contact_id = ANY(:contacts)"
            " ORDER BY kind <> 'phone', kind, blind",
            contacts=nameless,
        )
        called: dict[UUID, str] = {}
        for contact, kind, blind, value in map(tuple, found):
            name = sealer.open("identities", "value", bytes(blind), bytes(value)).decode()
            called.setdefault(contact, f"+{name}" if kind == "phone" else name)
        names.update({key: called.get(contact, "") for key, _, contact, *_ in rows if not names[key]})
    return [
        Talk._make(
            (
                *row[:-2],
                names[row[0]],
                (opened(sealer, "state", row[0], row[-1]).get("silence") or {}).get("by", ""),
            )
        )
        for row in rows
    ]


def opened(sealer: Sealer, column: str, conversation: UUID, sealed: Any) -> dict[str, Any]:
    """What a sealed column of a conversation holds; nothing where it is empty."""
    if not sealed:
        return {}
    return orjson.loads(sealer.open("conversations", column, conversation.bytes, bytes(sealed)))


async def anywhere(session: Session, key: UUID) -> Place:
    """One of whichever number of the workspace. Raises `NotFound`."""
    rows = await session.sql(
        "SELECT number_id, id FROM conversations WHERE number_id IN (SELECT id FROM numbers) AND id = :id",
        id=key,
    )
    if (row := rows.first()) is None:
        raise NotFound(what="conversation", name=str(key))
    return Place(*row)


async def of_identity(session: Session, sealer: Sealer, number: UUID, who: Identity) -> UUID | None:
    """The conversation of a number with whom a channel names so, or None before his first message."""
    rows = await session.sql(
        "SELECT coalesce(k.merged_into, k.id), (SELECT c.id FROM conversations c"
        " WHERE c.contact_id = coalesce(k.merged_into, k.id) AND c.number_id = :number)"
        " FROM identities i JOIN contacts k ON k.id = i.contact_id WHERE i.blind = :blind",
        number=number,
        blind=sealer.blind(who.kind, who.value),
    )
    if (row := rows.first()) is None:
        return None
    contact, known = tuple(row)
    return known or conversation_id(number, contact)


async def transcript(
    session: Session, sealer: Sealer, number: UUID, conversation: UUID, limit: int
) -> list[Line]:
    """The latest `limit` messages, in the order in which they were said."""
    rows = await session.sql(
        f"{_LINES} ORDER BY m.created_at DESC, m.place DESC, m.id DESC LIMIT :limit",
        number=number,
        conversation=conversation,
        limit=limit,
    )
    return [_line(sealer, tuple(row)) for row in rows][::-1]


class Pages(NamedTuple):
    """A page of a transcript, in the order in which it was said. `older`, `newer`: the places where it goes on, if it does."""

    lines: list[Line]
    older: Cursor | None
    newer: Cursor | None


async def pages(session: Session, sealer: Sealer, number: UUID, conversation: UUID, window: Window) -> Pages:
    """The same by pages, from the latest back."""
    found, more = await _beside(session, Place(number, conversation), window.after, window.limit, "<")
    return _page(sealer, found[::-1], older=more, newer=False)


async def pages_on(
    session: Session, sealer: Sealer, number: UUID, conversation: UUID, since: Cursor, limit: int
) -> Pages:
    """What was said after a place. Raises `CursorUnfit`."""
    found, more = await _beside(session, Place(number, conversation), since, limit, ">")
    return _page(sealer, found, older=True, newer=more)


async def page_around(
    session: Session, sealer: Sealer, number: UUID, conversation: UUID, key: UUID, limit: int
) -> Pages:
    """A message with what was said before it and after. Raises `NotFound`."""
    where = Place(number, conversation)
    here = await _row(session, where, key)
    before, older = await _beside(session, where, _place(here), limit // 2, "<")
    after, newer = await _beside(session, where, _place(here), limit - 1 - limit // 2, ">")
    return _page(sealer, [*before[::-1], here, *after], older=older, newer=newer)


async def _beside(
    session: Session, where: Place, at: Cursor | None, limit: int, way: Literal["<", ">"]
) -> tuple[list[tuple[Any, ...]], bool]:
    """Messages on one side of a place, the nearest first, and whether there are more. No place: from the latest back."""
    given: dict[str, Any] = {}
    beyond = ""
    if at is not None:
        given = dict(zip(("at", "place", "last"), typed(at, dt.datetime, int, UUID), strict=True))
        beyond = f" AND (m.created_at, m.place, m.id) {way} (:at, :place, :last)"
    order = "DESC" if way == "<" else "ASC"
    found = await session.sql(
        f"{_LINES}{beyond} ORDER BY m.created_at {order}, m.place {order}, m.id {order} LIMIT :limit",
        number=where.number_id,
        conversation=where.id,
        limit=limit + 1,
        **given,
    )
    rows = [tuple(row) for row in found]
    return rows[:limit], len(rows) > limit


def _place(row: tuple[Any, ...]) -> Cursor:
    """Where a message stands in its transcript."""
    return cursor(row[-3], row[-2], row[0])


def _page(sealer: Sealer, rows: Sequence[tuple[Any, ...]], older: bool, newer: bool) -> Pages:
    return Pages(
        [_line(sealer, row) for row in rows],
        _place(rows[0]) if older and rows else None,
        _place(rows[-1]) if newer and rows else None,
    )


async def turns(
    session: Session, number: UUID, conversation: UUID, window: Window
) -> tuple[list[Turn], Cursor | None]:
    """What events caused in a conversation, the latest first."""
    before = typed(window.after, UUID)[0] if window.after else None
    rows = await session.sql(
        "SELECT id, kind, at, run_id, version, trace FROM events"
        " WHERE number_id = :number AND conversation_id = :conversation"
        + (" AND id < :before" if before else "")
        + " ORDER BY id DESC LIMIT :limit",
        number=number,
        conversation=conversation,
        limit=window.limit + 1,
        **({"before": before} if before else {}),
    )
    found = [Turn(*row) for row in rows]
    if len(found) <= window.limit:
        return found, None
    return found[:-1], cursor(found[-2].id)


async def message(session: Session, sealer: Sealer, number: UUID, conversation: UUID, key: UUID) -> Line:
    """One message of a conversation. Raises `NotFound`."""
    return _line(sealer, await _row(session, Place(number, conversation), key))


async def _row(session: Session, where: Place, key: UUID) -> tuple[Any, ...]:
    try:
        month = month_of(key)
    except OverflowError:  # an id of after the year 9999 is nobody's
        raise NotFound(what="message", name=str(key)) from None
    rows = await session.sql(
        f"{_LINES} AND m.month = :month AND m.id = :id",
        number=where.number_id,
        conversation=where.id,
        month=month,
        id=key,
    )
    if (row := rows.first()) is None:
        raise NotFound(what="message", name=str(key))
    return tuple(row)


def _line(sealer: Sealer, row: tuple[Any, ...]) -> Line:
    key, direction, _, body, *_, payload = row
    said: dict[str, Any] = {}
    if body is not None:
        said = orjson.loads(sealer.open("messages", "body", key.bytes, bytes(body)))
    elif direction == "in" and payload is not None:
        said = orjson.loads(sealer.open("events", "payload", key.bytes, bytes(payload)))["message"]["content"]
    return Line._make((*row[:3], said, *row[4:-2]))


async def fingerprint(session: Session, number: UUID, conversation: UUID) -> tuple[Any, ...]:
    """Something small that differs when the transcript does."""
    rows = await session.sql(
        "SELECT count(*), max(created_at), max(status_at) FROM messages"
        " WHERE number_id = :number AND conversation_id = :conversation",
        number=number,
        conversation=conversation,
    )
    return tuple(rows.one())
