"""Messages, in both directions: body and status.

An inbound message's content is in its event, and in its body only where it has changed since.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.ids import month_of
from store.leases import Lease
from store.named_sql import run
from store.parts import Part, keys, pairs
from store.pool import Connection
from store.problems import problems
from store.receipts import storable


class MessageRow(NamedTuple):
    """A message as a turn makes it. `body` None: inbound. `place` orders the messages of one turn."""

    id: UUID
    conversation_id: UUID
    direction: str
    kind: str
    body: bytes | None
    status: str
    provider_id: str
    flow: str
    step: str
    version: int | None
    by: str
    place: int
    created_at: dt.datetime


class Taken(NamedTuple):
    """The channel took a message and calls it so."""

    message_id: UUID
    provider_id: str
    at: dt.datetime


class Content(NamedTuple):
    """What an inbound message holds now, as JSON, where that is no longer what came: its file was fetched.

    `ref`: our address of the file; empty: there is none.
    """

    message_id: UUID
    plain: bytes
    ref: str = ""


class Amended(NamedTuple):
    """The writer changed a message, or took it back. `how`: `edited` or `deleted`."""

    message_id: UUID
    conversation_id: UUID
    how: str


async def insert(conn: Connection, parts: Iterable[Part[MessageRow]]) -> None:
    """Within a transaction: keep messages. Delivery reports find those outgoing ones that have a provider's id."""
    each = pairs(parts)
    rows = [row for _, row in each]
    await run(
        conn,
        "messages",
        "insert",
        {
            **keys(each),
            "months": [month_of(row.id) for row in rows],
            "ids": [row.id for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "directions": [row.direction for row in rows],
            "kinds": [row.kind for row in rows],
            "bodies": [
                None if row.body is None else part.sealer.seal("messages", "body", row.id.bytes, row.body)
                for part, row in each
            ],
            "statuses": [row.status for row in rows],
            "status_times": [row.created_at for row in rows],
            "providers": [row.provider_id for row in rows],
            "flows": [row.flow for row in rows],
            "steps": [row.step for row in rows],
            "versions": [row.version for row in rows],
            "by": [row.by for row in rows],
            "places": [row.place for row in rows],
            "times": [row.created_at for row in rows],
        },
    )
    for part, row in each:
        if row.direction == "out" and row.provider_id:
            params = {"month": month_of(row.id), "ids": [row.id], "providers": [storable(row.provider_id)]}
            await run(conn, "messages", "refer", {**keys([(part, row)]), **params})


async def amend(conn: Connection, lease: Lease, rows: Sequence[Amended]) -> None:
    """Within a transaction: mark messages as changed by their writer."""
    latest = {(row.message_id, row.conversation_id): row for row in rows}  # one row may be updated once
    some = sorted(latest.values(), key=lambda row: row.message_id.int)
    await run(
        conn,
        "messages",
        "amend",
        {
            **lease.key(),
            "months": [month_of(row.message_id) for row in some],
            "ids": [row.message_id for row in some],
            "conversations": [row.conversation_id for row in some],
            "hows": [row.how for row in some],
        },
    )


async def sent(conn: Connection, parts: Iterable[Part[Taken]]) -> None:
    """Within a transaction: the channel took these."""
    by_month: dict[dt.date, list[tuple[Part[Taken], Taken]]] = defaultdict(list)
    for part, row in pairs(parts):
        by_month[month_of(row.message_id)].append((part, row))
    for month, some in by_month.items():
        params = {
            **keys(some),
            "month": month,
            "ids": [row.message_id for _, row in some],
            "providers": [storable(row.provider_id) for _, row in some],
            "times": [row.at for _, row in some],
        }
        await run(conn, "messages", "sent", params)
        await run(conn, "messages", "refer", params)


async def rewrite(conn: Connection, sealer: Sealer, lease: Lease, rows: Sequence[Content]) -> None:
    """Within a transaction: write what inbound messages hold now."""
    await run(
        conn,
        "messages",
        "rewrite",
        {
            **lease.key(),
            "months": [month_of(row.message_id) for row in rows],
            "ids": [row.message_id for row in rows],
            "bodies": [sealer.seal("messages", "body", row.message_id.bytes, row.plain) for row in rows],
        },
    )
    if some := [row for row in rows if row.ref]:
        ids = [row.message_id for row in some]
        months, refs = sorted({month_of(one) for one in ids}), [row.ref for row in some]
        await run(conn, "media", "used", {**lease.key(), "months": months, "ids": ids, "refs": refs})


async def sending(conn: Connection, lease: Lease, ids: Iterable[UUID]) -> None:
    """Within a transaction: these may be on their way from now on."""
    by_month: dict[dt.date, list[UUID]] = defaultdict(list)
    for message_id in ids:
        by_month[month_of(message_id)].append(message_id)
    for month, some in by_month.items():
        await run(conn, "messages", "sending", {**lease.key(), "month": month, "ids": some})


async def recall(conn: Connection, sealer: Sealer, lease: Lease, provider_id: str) -> bytes | None:
    """The body, as JSON, of a message that we sent under a provider's id."""
    params = {**lease.key(), "provider": storable(provider_id)}
    with problems(lease.number_id):
        row = await (await run(conn, "messages", "recall", params)).fetchone()
    if row is None or row[1] is None:
        return None
    return sealer.open("messages", "body", row[0].bytes, row[1])
