"""Contacts and the names that channels give them, found by blind index only."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.messages import Identity
from store.leases import Lease
from store.named_sql import run
from store.pool import Connection, at_once
from store.problems import problems


class Profile(NamedTuple):
    """What the workspace knows of a contact. `fields` is a JSON object; empty: nothing. `written`: when each was."""

    contact_id: UUID
    fields: bytes
    language: str
    opted_out: bool
    written: dict[str, str]


class ContactChange(NamedTuple):
    """Fields that a turn wrote (`fields` is a JSON object), and tags that it put on (true) or took off."""

    id: UUID
    contact_id: UUID
    conversation_id: UUID
    fields: bytes
    at: dt.datetime
    tags: Mapping[str, bool] = {}


async def find(
    conn: Connection, sealer: Sealer, lease: Lease, names: Iterable[Identity]
) -> dict[Identity, UUID]:
    """The contacts of those names that are known."""
    blinds = {sealer.blind(name.kind, name.value): name for name in names}
    with problems(lease.number_id):
        params = {**lease.key(), "blinds": list(blinds)}
        rows = await (await run(conn, "contacts", "find", params)).fetchall()
    return {blinds[row[0]]: row[1] for row in rows}


async def claim(
    conn: Connection, sealer: Sealer, lease: Lease, claims: Mapping[Identity, UUID], new: Sequence[UUID]
) -> dict[Identity, UUID]:
    """Make the contacts `new` and give names to contacts. Returns whose each name is now.

    Two numbers may meet the same person at the same moment: the first claim stands, and a contact that
    was made in vain goes again, in the same transaction.
    """
    named = sorted((sealer.blind(name.kind, name.value), name, owner) for name, owner in claims.items())
    params = {
        **lease.key(),
        "ids": sorted(new),
        "blinds": [blind for blind, _, _ in named],
        "kinds": [name.kind for _, name, _ in named],
        "contacts": [owner for _, _, owner in named],
        "values": [
            sealer.seal("identities", "value", blind, name.value.encode()) for blind, name, _ in named
        ],
    }
    with problems(lease.number_id):
        async with at_once(conn):
            if new:
                await run(conn, "contacts", "create", params)
            await run(conn, "contacts", "identify", params)
            if new:
                await run(conn, "contacts", "discard", params)
    return await find(conn, sealer, lease, claims)


async def profiles(conn: Connection, sealer: Sealer, lease: Lease, ids: Iterable[UUID]) -> list[Profile]:
    """The profiles of contacts."""
    with problems(lease.number_id):
        params = {**lease.key(), "ids": list(ids)}
        rows = await (await run(conn, "contacts", "profiles", params)).fetchall()
    return [
        Profile(
            row[0],
            sealer.open("contacts", "profile", row[0].bytes, row[1]) if row[1] else b"",
            *row[2:],
        )
        for row in rows
    ]


def after(written: Mapping[str, str], fields: Iterable[str], at: dt.datetime) -> dt.datetime:
    """When somebody writes `fields` at `at` who has seen what was `written` before: a moment after that."""
    seen = [dt.datetime.fromisoformat(written[name]) for name in fields if name in written]
    return max([at, *(one + dt.timedelta(microseconds=1) for one in seen)])


def write(
    profile: dict[str, Any], written: dict[str, str], fields: Mapping[str, Any], at: dt.datetime
) -> dict[str, Any]:
    """Write fields into a profile (None clears one), but for those that somebody wrote later. Returns the written.

    So all copies of a profile end alike, in whatever order they hear of changes.
    """
    stamp = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    newest = {name: value for name, value in fields.items() if written.get(name, "") <= stamp}
    for name, value in newest.items():
        written[name] = stamp
        if value is None:
            profile.pop(name, None)
        else:
            profile[name] = value
    return newest


async def change(conn: Connection, sealer: Sealer, lease: Lease, rows: Sequence[ContactChange]) -> None:
    """Within a transaction: post changes to the workspace's profiles."""
    await run(
        conn,
        "contacts",
        "change",
        {
            **lease.key(),
            "ids": [row.id for row in rows],
            "contacts": [row.contact_id for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "fields": [sealer.seal("contact_changes", "fields", row.id.bytes, row.fields) for row in rows],
            "times": [row.at for row in rows],
            "tags": [orjson.dumps(row.tags).decode() for row in rows],
        },
    )
