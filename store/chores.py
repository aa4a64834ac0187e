"""Background work on the database, a batch a transaction: as role `runtime`, whose transactions last 5 s."""

import datetime as dt
from typing import Any
from uuid import UUID

import orjson

from schemas.events import ContactChanged
from schemas.ids import derived_id
from store import contacts, inbox
from store.alone import alone
from store.directory import SealerShelf
from store.inbox import InboxRow, Place
from store.named_sql import query
from store.numbers import data_key
from store.pool import Connection, Pool, lent
from store.problems import problems

CHANGES = 100  # contact changes in one transaction
PRUNED = 5_000  # inbox rows in one transaction


async def ensure_partitions(pool: Pool) -> int:
    """Make the partitions of the months ahead. Returns how many were made."""
    async with lent(pool) as conn:
        return await make_partitions(conn)


async def make_partitions(conn: Connection) -> int:
    """The same, on a connection that is open."""
    with problems():
        row = await (await conn.execute(query("chores", "partitions"))).fetchone()
    return int(row[0]) if row else 0


async def prune_sessions(pool: Pool, age: dt.timedelta, most: int) -> None:
    """Forget what sessions said and were ordered longer ago than `age`, and beyond the last `most` states."""
    async with lent(pool) as conn:
        await conn.execute(query("sessions", "forget_number_states"), {"age": age})
        for (number,) in await (await conn.execute(query("sessions", "numbers"))).fetchall():
            params = {"number": number, "age": age, "most": most}
            await conn.execute(query("sessions", "forget_states"), params)
            await conn.execute(query("sessions", "forget_orders"), params)


async def forget_requests(pool: Pool, age: dt.timedelta) -> int:
    """Forget requests with an Idempotency-Key, and their answers, after `age`. Returns how many."""
    async with lent(pool) as conn:
        return (await conn.execute(query("chores", "forget_requests"), {"age": age})).rowcount


async def prune_inbox(pool: Pool, age: dt.timedelta) -> int:
    """Delete processed inbox rows older than `age`. Returns how many."""
    pruned = 0
    async with lent(pool) as conn:
        numbers = await (await conn.execute(query("chores", "numbers"))).fetchall()
    for (number,) in numbers:
        while True:
            async with alone(pool, "prune_inbox") as conn:
                if conn is None:
                    return pruned
                params = {"number": number, "age": age, "limit": PRUNED}
                count = (await conn.execute(query("chores", "prune"), params)).rowcount
            pruned += count
            if count < PRUNED:
                break
    return pruned


async def apply_contact_changes(pool: Pool, shelf: SealerShelf) -> tuple[int, set[UUID]]:
    """Apply a batch to the profiles, and post it to the contacts' other conversations.

    The last writer of a field wins. Returns how many were applied, and the numbers to wake.
    """
    woken: set[UUID] = set()
    async with alone(pool, "contact_changes") as conn:
        if conn is None:
            return 0, woken
        changes = await (await conn.execute(query("chores", "changes"), {"limit": CHANGES})).fetchall()
        for number, key, workspace, contact, conversation, sealed, at, tags in changes:
            sealer = shelf.of(workspace, bytes(await data_key(conn, workspace)))
            fields = orjson.loads(sealer.open("contact_changes", "fields", key.bytes, bytes(sealed)))
            known = await _profile(conn, sealer, contact)
            if tags:
                added, removed = ([tag for tag, on in tags.items() if on is way] for way in (True, False))
                params = {"contact": contact, "added": added, "removed": removed}
                await conn.execute(query("chores", "write_tags"), params)
            if known is not None and fields:
                profile, written = known
                contacts.write(profile, written, fields, at)
                await conn.execute(
                    query("chores", "write_profile"),
                    {
                        "contact": contact,
                        "language": str(profile.get("language") or ""),
                        "profile": sealer.seal("contacts", "profile", contact.bytes, orjson.dumps(profile)),
                        "written": orjson.dumps(written).decode(),
                    },
                )
            params = {"workspace": workspace, "contact": contact}
            others = await (await conn.execute(query("chores", "conversations"), params)).fetchall()
            rows: list[InboxRow] = []
            for other_number, other, slot in others:
                if fields and other != conversation:
                    event = ContactChanged(id=derived_id(key, f"changed:{other}"), at=at, fields=fields)
                    place = Place(other_number, workspace, slot)
                    rows.append(inbox.row_of(place, f"contact:{key}", other, event))
                    woken.add(other_number)
            if rows:
                await inbox.insert(conn, {workspace: sealer}, rows)
            await conn.execute(query("chores", "settled"), {"number": number, "id": key})
    return len(changes), woken


async def _profile(
    conn: Connection, sealer: Any, contact: UUID
) -> tuple[dict[str, Any], dict[str, str]] | None:
    row = await (await conn.execute(query("chores", "profile"), {"contact": contact})).fetchone()
    if row is None:
        return None
    sealed = row[0]
    fields = orjson.loads(sealer.open("contacts", "profile", contact.bytes, bytes(sealed))) if sealed else {}
    return fields, row[1]
