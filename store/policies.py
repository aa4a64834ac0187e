"""What a number's send policy counts: contacts that were new when they were written to, and what holds it back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from schemas.ids import month_of
from store.leases import Lease
from store.named_sql import run
from store.pool import Connection
from store.problems import problems


class Introduced(NamedTuple):
    """The number wrote to a contact who was new then."""

    conversation_id: UUID
    at: dt.datetime


class Explained(NamedTuple):
    """Why a message waits."""

    message_id: UUID
    code: str
    why: str


@dataclass(slots=True)
class Standing:
    """What is counted. `warm_since` None: the number never wrote to anybody new."""

    warm_since: dt.datetime | None = None
    held_until: dt.datetime | None = None
    introduced: dict[UUID, dt.datetime] = field(default_factory=dict[UUID, dt.datetime])


async def load(conn: Connection, lease: Lease, since: dt.datetime) -> Standing:
    """What is counted, with the contacts that were new since that moment."""
    with problems(lease.number_id):
        row = await (await run(conn, "policies", "load", lease.key())).fetchone()
        rows = await (await run(conn, "policies", "new_contacts", {**lease.key(), "since": since})).fetchall()
    return Standing(row[0] if row else None, row[1] if row else None, {one[0]: one[1] for one in rows})


async def introduce(conn: Connection, lease: Lease, rows: Sequence[Introduced]) -> None:
    """Within a transaction: count new contacts."""
    latest = {row.conversation_id: row.at for row in rows}
    params = {**lease.key(), "conversations": list(latest), "times": list(latest.values())}
    await run(conn, "policies", "introduce", params)
    await run(conn, "policies", "warm", {**lease.key(), "since": min(row.at for row in rows)})


async def hold(conn: Connection, lease: Lease, until: dt.datetime) -> None:
    """Within a transaction: write to nobody new until then."""
    await run(conn, "policies", "hold", {**lease.key(), "until": until})


async def explain(conn: Connection, lease: Lease, rows: Sequence[Explained]) -> None:
    """Within a transaction: say why messages wait."""
    latest = {row.message_id: row for row in rows}
    some = sorted(latest.values(), key=lambda row: row.message_id.int)
    params = {
        **lease.key(),
        "months": [month_of(row.message_id) for row in some],
        "ids": [row.message_id for row in some],
        "codes": [row.code for row in some],
        "whys": [row.why for row in some],
    }
    await run(conn, "policies", "explain", params)
