"""Conversations: the engine's state of each, sealed, with the columns that people filter by."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.ids import derived_id
from store.leases import Lease
from store.named_sql import run
from store.parts import Part, keys, pairs
from store.pool import Connection
from store.problems import problems


class StoredConversation(NamedTuple):
    """What is read back. `state` and `contact` are JSON; empty: there is none.

    `past`: its contact was merged into one who has another with this number; what comes from him is heard there.
    """

    id: UUID
    contact_id: UUID
    state: bytes
    contact: bytes
    last_in_at: dt.datetime | None = None
    past: bool = False


class ConversationRow(NamedTuple):
    """What a turn leaves. `contact` None: unchanged; `last_in_at` None: the contact said nothing."""

    id: UUID
    contact_id: UUID
    state: bytes
    contact: bytes | None
    status: str
    flow: str
    step: str
    version: int | None
    run_id: UUID | None
    team: str
    opted_out: bool
    last_in_at: dt.datetime | None


def conversation_id(number_id: UUID, contact_id: UUID) -> UUID:
    """The one conversation of a number and a contact, unless another became his when contacts were merged."""
    return derived_id(contact_id, f"conversation:{number_id}")


async def load(
    conn: Connection, sealer: Sealer, lease: Lease, ids: Iterable[UUID]
) -> list[StoredConversation]:
    """The conversations of those ids that exist."""
    with problems(lease.number_id):
        params = {**lease.key(), "ids": list(ids)}
        rows = await (await run(conn, "conversations", "load", params)).fetchall()
    return [
        StoredConversation(
            row[0],
            row[1],
            sealer.open("conversations", "state", row[0].bytes, row[2]) if row[2] else b"",
            sealer.open("conversations", "contact", row[0].bytes, row[3]) if row[3] else b"",
            *row[4:],
        )
        for row in rows
    ]


async def of_contacts(conn: Connection, lease: Lease, contacts: Iterable[UUID]) -> dict[UUID, UUID]:
    """The conversations that contacts have with the number, by contact."""
    with problems(lease.number_id):
        params = {**lease.key(), "contacts": list(contacts)}
        rows = await (await run(conn, "conversations", "of_contacts", params)).fetchall()
    return {row[0]: row[1] for row in rows}


async def upsert(conn: Connection, parts: Iterable[Part[ConversationRow]]) -> None:
    """Within a transaction: write where conversations stand."""
    each = pairs(part._replace(rows=sorted(part.rows, key=lambda row: row.id.int)) for part in parts)
    rows = [row for _, row in each]
    await run(
        conn,
        "conversations",
        "upsert",
        {
            **keys(each),
            "ids": [row.id for row in rows],
            "contacts": [row.contact_id for row in rows],
            "states": [
                part.sealer.seal("conversations", "state", row.id.bytes, row.state) for part, row in each
            ],
            "copies": [
                None
                if row.contact is None
                else part.sealer.seal("conversations", "contact", row.id.bytes, row.contact)
                for part, row in each
            ],
            "statuses": [row.status for row in rows],
            "flows": [row.flow for row in rows],
            "steps": [row.step for row in rows],
            "versions": [row.version for row in rows],
            "runs": [row.run_id for row in rows],
            "teams": [row.team for row in rows],
            "opted_out": [row.opted_out for row in rows],
            "last_in": [row.last_in_at for row in rows],
        },
    )
