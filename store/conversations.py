"""Conversations: the engine's state of each, sealed, with the columns that people filter by."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from keys.seal import Sealer
from schemas.ids import derived_id
from store.leases import Lease
from store.named_sql import run
from store.pool import Connection
from store.problems import problems


class StoredConversation(NamedTuple):
    """What is read back. `state` and `contact` are JSON; empty: there is none."""

    id: UUID
    contact_id: UUID
    state: bytes
    contact: bytes
    last_in_at: dt.datetime | None = None


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
    """The one conversation of a number and a contact."""
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
            row[4],
        )
        for row in rows
    ]


async def upsert(conn: Connection, sealer: Sealer, lease: Lease, rows: Sequence[ConversationRow]) -> None:
    """Within a transaction: write where conversations stand."""
    rows = sorted(rows, key=lambda row: row.id.int)
    seal = sealer.seal
    await run(
        conn,
        "conversations",
        "upsert",
        {
            **lease.key(),
            "ids": [row.id for row in rows],
            "contacts": [row.contact_id for row in rows],
            "states": [seal("conversations", "state", row.id.bytes, row.state) for row in rows],
            "copies": [
                None if row.contact is None else seal("conversations", "contact", row.id.bytes, row.contact)
                for row in rows
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
