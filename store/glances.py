"""Glances: whether something waits for numbers that nobody has woken, one statement for all of a process."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from store.leases import Lease
from store.named_sql import run
from store.pool import Connection
from store.problems import problems


@dataclass(frozen=True, slots=True)
class Glance:
    """What a number looks for: events received since a moment, reports from an id on but for those not understood yet."""

    lease: Lease
    since: dt.datetime
    reports_from: int = 0
    unknown: Sequence[int] = ()


class Seen(NamedTuple):
    """What waits for a number: the received time of the oldest event, the id of the oldest report."""

    number_id: UUID
    event: dt.datetime | None
    report: int | None


async def look(conn: Connection, glances: Sequence[Glance]) -> list[Seen]:
    """The numbers for which something waits."""
    params = {
        "numbers": [one.lease.number_id for one in glances],
        "slots": [one.lease.slot for one in glances],
        "sinces": [one.since for one in glances],
        "firsts": [one.reports_from for one in glances],
        "unknown": [report for one in glances for report in one.unknown],
    }
    with problems():
        rows = await (await run(conn, "glances", "look", params)).fetchall()
    return [Seen(*row) for row in rows]
