"""What goes on in the workspace, in figures: the last 24 hours, and what is open now.

Bounded: of each number only so many of the newest rows are counted, and `more` says that there are more.
"""

import datetime as dt
from typing import Any, NamedTuple
from uuid import UUID

from schemas.ids import first_id, month_of
from store.admin.desk import Session

MOST_MESSAGES = 200_000  # over all numbers
LEAST_MESSAGES = 1_000  # of each
MOST_TALKS = 10_000
TALKS_DAYS = 30


class Hour(NamedTuple):
    """What one number received, sent and failed to send in an hour. `at` None: all of them together."""

    number: UUID
    at: dt.datetime | None
    received: int
    sent: int
    failed: int


class Flow(NamedTuple):
    """Messages since a moment. `reply_s`: the median from a contact's message to the next to him; None: none."""

    hours: list[Hour]
    reply_s: float | None
    more: bool


class Standing(NamedTuple):
    """What is open on a number now. Conversations are those of the last 30 days."""

    running: int
    handed_off: int
    waiting: int
    dead: int
    more: bool


class Strangers(NamedTuple):
    """What a number has written to people who were new. `since`: when it first did; None: never."""

    since: dt.datetime | None
    held_until: dt.datetime | None
    spent: int


_FLOW = """
WITH recent AS (
    SELECT n.id AS number_id, m.* FROM numbers n CROSS JOIN LATERAL (
        SELECT conversation_id, direction, status, created_at, place FROM messages
        WHERE number_id = n.id AND month = ANY(CAST(:months AS date[])) AND id >= :first
        ORDER BY month DESC, id DESC LIMIT :most
    ) m WHERE n.removed_at IS NULL
), paired AS (
    SELECT number_id, date_trunc('hour', created_at) AS hour, direction, status,
        CASE WHEN direction = 'out' AND lag(direction) OVER talk = 'in'
            THEN extract(epoch FROM created_at - lag(created_at) OVER talk) END AS reply_s
    FROM recent WINDOW talk AS (PARTITION BY conversation_id ORDER BY created_at, place)
)
SELECT number_id, hour, count(*) FILTER (WHERE direction = 'in'),
    count(*) FILTER (WHERE direction = 'out' AND status <> 'failed'),
    count(*) FILTER (WHERE direction = 'out' AND status = 'failed'),
    CAST(percentile_cont(0.5) WITHIN GROUP (ORDER BY reply_s) AS float8), grouping(number_id)
FROM paired GROUP BY GROUPING SETS ((number_id, hour), (number_id), ())
ORDER BY hour
"""

_STANDING = """
SELECT n.id, talks.running, talks.handed_off, unsent.waiting, unsent.dead, talks.seen > :most OR unsent.seen > :most
FROM numbers n
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status = 'running') AS running,
        count(*) FILTER (WHERE status = 'handed_off') AS handed_off, count(*) AS seen
    FROM (
        SELECT status FROM conversations c
        WHERE c.workspace_id = n.workspace_id AND c.number_id = n.id AND c.stirred >= :since
        ORDER BY stirred DESC LIMIT :most + 1
    ) c
) talks
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE state <> 'dead') AS waiting, count(*) FILTER (WHERE state = 'dead') AS dead,
        count(*) AS seen
    FROM (SELECT state FROM outbox o WHERE o.number_id = n.id LIMIT :most + 1) o
) unsent
WHERE n.removed_at IS NULL
"""

_STRANGERS = """
SELECT day.number, p.since, p.held_until,
    (SELECT count(*) FROM new_contacts c WHERE c.number_id = day.number AND c.at >= day.begins)
FROM unnest(CAST(:numbers AS uuid[]), CAST(:begins AS timestamptz[])) AS day (number, begins)
LEFT JOIN send_policies p ON p.number_id = day.number
"""


async def flow(session: Session, numbers: int, since: dt.datetime) -> Flow:
    """Messages since then. `numbers`: how many there are, among which the bound is shared."""
    first = first_id(since)
    now = dt.datetime.now(dt.UTC)
    months = sorted({month_of(first), now.date().replace(day=1)})
    most = max(LEAST_MESSAGES, MOST_MESSAGES // max(1, numbers))
    rows = [tuple(row) for row in await session.sql(_FLOW, months=months, first=first, most=most)]
    hours = [Hour(*row[:5]) for row in rows if row[6] == 0]
    whole = next((row for row in rows if row[6] == 1), None)
    more = any(row.at is None and row.received + row.sent + row.failed >= most for row in hours)
    return Flow(hours, whole[5] if whole else None, more)


async def standing(session: Session, now: dt.datetime) -> dict[UUID, Standing]:
    """What is open, by number."""
    since = now - dt.timedelta(days=TALKS_DAYS)
    rows = await session.sql(_STANDING, since=since, most=MOST_TALKS)
    return {row[0]: Standing(*row[1:]) for row in map(tuple, rows)}


async def settings(session: Session, channels: list[str]) -> list[tuple[UUID, str, dict[str, Any]]]:
    """The numbers in service on these channels: id, channel, settings."""
    rows = await session.sql(
        "SELECT id, channel, settings FROM numbers WHERE removed_at IS NULL AND channel = ANY(:channels)",
        channels=channels,
    )
    return [(row[0], row[1], row[2]) for row in map(tuple, rows)]


async def strangers(session: Session, begins: dict[UUID, dt.datetime]) -> dict[UUID, Strangers]:
    """Of each number: whom it has written to for the first time since its day began."""
    rows = await session.sql(_STRANGERS, numbers=list(begins), begins=list(begins.values()))
    return {row[0]: Strangers(*row[1:]) for row in map(tuple, rows)}
