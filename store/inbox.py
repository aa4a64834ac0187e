"""The inbox: events to process, unique by (number, source id). A repeated delivery is the same row.

The payload is the event as JSON, sealed; the event's id is fixed at the first insert. Whoever writes here
(doors, timers, action results, people through the API) then wakes the owner with `store.notify`.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncCursor
from pydantic_core import PydanticSerializationError

from keys.seal import Sealer
from schemas.events import Event, Received
from schemas.events import codec as event_codec
from schemas.ids import new_event_id
from schemas.messages import Inbound
from store import quarantine, receipts
from store.leases import Lease
from store.named_sql import run
from store.parts import Part, keys, pairs
from store.pool import Connection, Pool, at_once, lent
from store.problems import RowsRefused, problems
from store.quarantine import QuarantineRow
from store.receipts import ReceiptRow

# The kinds of rows that are no events: the number's process is to let go of a conversation, for good or to read it anew.
ERASED = "erased"
MOVED = "moved"


def erased_source(contact: UUID) -> str:
    """The source id of the rows that say so."""
    return f"{ERASED}:{contact}"


class Place(NamedTuple):
    """Which number, of which workspace, and which slot of it."""

    number_id: UUID
    workspace_id: UUID
    slot: int = 0


class InboxRow(NamedTuple):
    """An event on its way in. `plain` is its JSON; `conversation_id` None: the owner finds it."""

    place: Place
    source_id: str
    event_id: UUID
    conversation_id: UUID | None
    kind: str
    received_at: dt.datetime
    plain: bytes


class Pending(NamedTuple):
    """A row to process. `payload` is sealed for (`inbox`, `payload`, event id)."""

    source_id: str
    event_id: UUID
    conversation_id: UUID | None
    kind: str
    received_at: dt.datetime
    payload: bytes


def row_of(place: Place, source_id: str, conversation_id: UUID | None, event: Event) -> InboxRow:
    """The row for an event. Raises `ValueError` where the event holds text that JSON cannot."""
    plain = event_codec.dump_json(event)
    return InboxRow(place, source_id, event.id, conversation_id, event.kind, event.at, plain)


def arrival(place: Place, message: Inbound, at: dt.datetime | None = None) -> InboxRow:
    """The row for a contact's message, received now. Raises `RowsRefused` or `ValueError` for unfit text."""
    if "\0" in message.provider_id:
        raise RowsRefused(why="a message id holds a NUL")
    event = Received(id=new_event_id(), at=at or dt.datetime.now(dt.UTC), message=message)
    return row_of(place, f"wa:{message.provider_id}", None, event)


async def accept(
    pool: Pool,
    sealers: Mapping[UUID, Sealer],
    messages: Sequence[tuple[Place, Inbound]],
    receipt_rows: Sequence[ReceiptRow] = (),
    unread: Sequence[QuarantineRow] = (),
) -> None:
    """Take what doors brought, for any numbers, in one transaction. `sealers` by workspace.

    When this returns, all of it is durable: only then may the vendor be answered. A message that cannot be
    written as JSON goes to quarantine, the rest is taken. Raises `DatabaseUnreachable`.
    """
    at = dt.datetime.now(dt.UTC)
    rows: list[InboxRow] = []
    refused = list(unread)
    for order, (place, message) in enumerate(messages):
        try:
            # Rows are written sorted by key: only their times say in which order they came.
            rows.append(arrival(place, message, at + dt.timedelta(microseconds=order)))
        except (RowsRefused, PydanticSerializationError, UnicodeEncodeError) as error:
            refused.append(quarantine.of_message(place, message, at, type(error).__name__))
    async with lent(pool) as conn:
        await insert_rows(conn, sealers, rows, receipt_rows, refused)


async def insert_rows(
    conn: Connection,
    sealers: Mapping[UUID, Sealer],
    rows: Sequence[InboxRow],
    receipt_rows: Sequence[ReceiptRow] = (),
    unread: Sequence[QuarantineRow] = (),
) -> None:
    """Insert events, delivery reports and what could not be read, in one transaction and one round trip."""
    with problems():
        async with at_once(conn):
            if rows:
                await insert(conn, sealers, rows)
            if receipt_rows:
                await receipts.insert(conn, receipt_rows)
            if unread:
                await quarantine.insert(conn, sealers, unread)


async def insert(conn: Connection, sealers: Mapping[UUID, Sealer], rows: Sequence[InboxRow]) -> None:
    """Insert events, sorted by key so that two writers never wait for each other in a ring."""
    rows = sorted(rows, key=lambda row: (row.place.number_id.int, row.source_id))
    await run(
        conn,
        "inbox",
        "insert",
        {
            "numbers": [row.place.number_id for row in rows],
            "sources": [row.source_id for row in rows],
            "workspaces": [row.place.workspace_id for row in rows],
            "slots": [row.place.slot for row in rows],
            "events": [row.event_id for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "kinds": [row.kind for row in rows],
            "times": [row.received_at for row in rows],
            "payloads": [
                sealers[row.place.workspace_id].seal("inbox", "payload", row.event_id.bytes, row.plain)
                for row in rows
            ],
        },
    )


async def messages_of(conn: Connection, lease: Lease, provider_ids: Iterable[str]) -> dict[str, UUID]:
    """The messages that contacts sent, by the provider's ids, as far as the inbox remembers (35 days)."""
    params = {**lease.key(), "sources": [f"wa:{one}" for one in provider_ids]}
    with problems(lease.number_id):
        rows = await (await run(conn, "inbox", "events_of", params)).fetchall()
    return {row[0].removeprefix("wa:"): row[1] for row in rows}


def open_payload(sealer: Sealer, row: Pending) -> bytes:
    """The JSON of a row's event."""
    return sealer.open("inbox", "payload", row.event_id.bytes, row.payload)


async def ask_pending(
    conn: Connection, wanted: Sequence[tuple[Lease, dt.datetime]], limit: int
) -> AsyncCursor[Any]:
    """Ask for rows of numbers, each since its moment, in order; the cursor's are those of `Pending` after the number's id."""
    params = {
        "numbers": [lease.number_id for lease, _ in wanted],
        "slots": [lease.slot for lease, _ in wanted],
        "sinces": [since for _, since in wanted],
        "limit": limit,
    }
    return await run(conn, "inbox", "pending", params)


async def done(conn: Connection, parts: Iterable[Part[str]]) -> None:
    """Mark rows as processed, by their source ids."""
    each = pairs(parts)
    await run(conn, "inbox", "done", {**keys(each), "sources": [source for _, source in each]})


async def depth(conn: Connection, lease: Lease) -> tuple[int, dt.datetime | None]:
    """How many rows wait, and the received time of the oldest."""
    with problems(lease.number_id):
        row = await (await run(conn, "inbox", "depth", lease.key())).fetchone()
    return (row[0], row[1]) if row else (0, None)
