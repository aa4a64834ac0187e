"""Search in what was said: whether a workspace wants it, and what is found."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.ids import month_of
from schemas.words import found, looked_up, seen
from store.admin import conversations
from store.admin.conversations import Line, Talk
from store.admin.desk import Session
from store.admin.page import Cursor, CursorUnfit, Window, cursor, typed

_LAST_ID = UUID(int=2**128 - 1)


class Search(NamedTuple):
    """Whether search is on, and how far it is. `clearing`: it was turned off, and words are still being deleted.

    `filled`: how many of the messages that were stored when it was turned on were read since; `whole`: all were, else
    those since `since`.
    """

    on: bool = False
    clearing: bool = False
    filled: int = 0
    whole: bool = False
    since: dt.datetime | None = None


class Found(NamedTuple):
    """A message that holds all words, what it says, and where they stand in that."""

    talk: Talk
    line: Line
    text: str
    places: Sequence[tuple[int, int]]


async def state(session: Session, workspace: UUID) -> Search:
    """How it stands. At first it is off."""
    rows = await session.sql(
        "SELECT wanted, filled, filled_at IS NOT NULL,"
        " least(changed_at, (month + interval '1 month') AT TIME ZONE 'UTC')"
        " FROM message_search WHERE workspace_id = :workspace",
        workspace=workspace,
    )
    if (row := rows.first()) is None:
        return Search()
    wanted, filled, whole, since = tuple(row)
    return Search(wanted, not wanted, filled, whole, since) if wanted else Search(clearing=True)


async def switch(session: Session, workspace: UUID, on: bool) -> None:
    """Turn it on, from the beginning, or off; a job does the rest. Off where it never was on: nothing is written."""
    if on:
        await session.sql(
            "INSERT INTO message_search (workspace_id, wanted) VALUES (:workspace, true) ON CONFLICT (workspace_id)"
            " DO UPDATE SET wanted = true, changed_at = now(), seen_by = NULL, month = NULL, number_id = NULL,"
            " before = NULL, filled = 0, filled_at = NULL",
            workspace=workspace,
        )
    else:
        await session.sql(
            "UPDATE message_search SET wanted = false, changed_at = now(), seen_by = NULL"
            " WHERE workspace_id = :workspace",
            workspace=workspace,
        )


async def find(
    session: Session,
    sealer: Sealer,
    asked: Sequence[str],
    numbers: Sequence[UUID],
    conversation: UUID | None,
    window: Window,
) -> tuple[list[Found], Cursor | None]:
    """A page of the messages of these numbers that hold all words that are `asked`, the latest first.

    It is read month by month back, since words that many messages hold would be looked up for all time else. Raises
    `CursorUnfit`.
    """
    words = sealer.blind_words(looked_up(asked))
    before = typed(window.after, UUID)[0] if window.after else _LAST_ID
    keys: list[tuple[UUID, UUID]] = []
    month = await _month_back(session, numbers, _first_month_after(before))
    while month is not None and len(keys) <= window.limit:
        rows = await session.sql(
            "SELECT number_id, id FROM find_messages(CAST(:words AS bigint[]), CAST(:month AS date), :before,"
            " CAST(:numbers AS uuid[]), :conversation, :most)",
            words=words,
            month=month,
            before=before,
            numbers=numbers,
            conversation=conversation,
            most=window.limit + 1 - len(keys),
        )
        keys += [(number, key) for number, key in map(tuple, rows)]
        month = await _month_back(session, numbers, month)
    after = cursor(keys[window.limit - 1][1]) if len(keys) > window.limit else None
    return await _opened(session, sealer, asked, keys[: window.limit]), after


async def _opened(
    session: Session, sealer: Sealer, asked: Sequence[str], keys: Sequence[tuple[UUID, UUID]]
) -> list[Found]:
    """What these say, without those that are gone or only seemed to hold the words."""
    lines = await conversations.said(session, sealer, keys)
    talks = await conversations.some(session, sealer, sorted({place for place, _ in lines.values()}))
    result: list[Found] = []
    for _, key in keys:
        place, line = lines.get(key, (None, None))
        if place is None or line is None or place.id not in talks:
            continue
        text = seen(line.body)
        if places := found(text, asked):
            result.append(Found(talks[place.id], line, text, places))
    return result


async def _month_back(session: Session, numbers: Sequence[UUID], month: dt.date) -> dt.date | None:
    """The latest month before one of which messages of these numbers are indexed."""
    rows = await session.sql(
        "SELECT max(w.month) FROM unnest(CAST(:numbers AS uuid[])) AS n (id) CROSS JOIN LATERAL"
        " (SELECT month FROM message_words WHERE number_id = n.id AND month < :month ORDER BY month DESC LIMIT 1) w",
        numbers=numbers,
        month=month,
    )
    return rows.scalar_one()


def _first_month_after(key: UUID) -> dt.date:
    if key == _LAST_ID:
        return dt.date(9999, 12, 1)
    try:
        first = month_of(key)
        return dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)
    except (OverflowError, ValueError):
        raise CursorUnfit from None
