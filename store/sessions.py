"""Sessions of linked phones, as the number's process writes them, and the orders that admins give it."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from keys.seal import Sealer
from schemas.messages import Identity
from schemas.reasons import Reason
from store import leases
from store.inbox import ERASED
from store.leases import Lease
from store.named_sql import run
from store.pool import Connection
from store.problems import problems

ORDER_LIFE = dt.timedelta(minutes=2)
UNLINKED = ("unlinked", "logged_out")


class Said(NamedTuple):
    """What a session says of itself. `qr` and `code` only while pairing; `account` where it is known."""

    state: str
    why: Reason
    at: dt.datetime
    until: dt.datetime | None = None
    account: str = ""
    qr: str = ""
    code: str = ""
    spool: int = 0


class Order(NamedTuple):
    """What an admin wants of a session. `begun`: a process took it and did not say what came of it."""

    id: UUID
    kind: str
    args: dict[str, str]
    begun: bool
    stale: bool


async def mark(conn: Connection, number_id: UUID) -> tuple[int, int] | None:
    """The highest (generation, records) of the number's vault that is known."""
    with problems(number_id):
        row = await (await run(conn, "sessions", "mark", {"number": number_id})).fetchone()
    return (row[0], row[1]) if row else None


async def remember(conn: Connection, lease: Lease, generation: int, records: int) -> None:
    """Note how far the vault came; durable when this returns. Raises `LeaseLost`, `DatabaseUnreachable`."""
    params = {**lease.key(), "generation": generation, "records": records}
    with problems(lease.number_id):
        async with conn.transaction():
            await leases.hold(conn, lease)
            await run(conn, "sessions", "remember", params)


async def say(conn: Connection, sealer: Sealer, lease: Lease, said: Said) -> None:
    """Write what the session says of itself. Raises `LeaseLost`, `DatabaseUnreachable`."""
    row = lease.number_id.bytes
    pairing = orjson.dumps({"qr": said.qr, "code": said.code}) if said.qr or said.code else None
    account = said.account.encode() if said.account and said.state not in UNLINKED else None
    params = {
        **lease.key(),
        "state": said.state,
        "why": said.why.sentence,
        "why_code": said.why.code,
        "why_facts": Jsonb(dict(said.why.facts)),
        "at": said.at,
        "until": said.until,
        "account": None if account is None else sealer.seal("sessions", "account", row, account),
        "pairing": None if pairing is None else sealer.seal("sessions", "pairing", row, pairing),
        "unlinked": said.state in UNLINKED,
        "spool": said.spool,
    }
    with problems(lease.number_id):
        async with conn.transaction():
            await leases.hold(conn, lease)
            await run(conn, "sessions", "say", params)


async def note_spool(conn: Connection, number_id: UUID, depth: int) -> None:
    """Write how many events wait in the spool."""
    with problems(number_id):
        await run(conn, "sessions", "spool", {"number": number_id, "depth": depth})


class ToForget(NamedTuple):
    """A contact who was erased, and whom this session may still remember.

    `settled`: the number has let go of him, so nothing of its own brings him back.
    """

    contact: UUID
    names: tuple[Identity, ...]
    settled: bool


async def to_forget(conn: Connection, sealer: Sealer, number_id: UUID) -> list[ToForget]:
    """Whom the session is to forget. Raises `DatabaseUnreachable`."""
    with problems(number_id):
        params = {"number": number_id, "kind": ERASED}
        rows = await (await run(conn, "sessions", "to_forget", params)).fetchall()
    return [
        ToForget(
            contact,
            tuple(
                Identity(*one) for one in orjson.loads(sealer.open("erasures", "names", contact.bytes, names))
            ),
            settled,
        )
        for contact, names, settled in rows
    ]


async def forgot(conn: Connection, number_id: UUID, contacts: Sequence[UUID]) -> None:
    """The session remembers these no more. Raises `DatabaseUnreachable`."""
    with problems(number_id):
        await run(conn, "sessions", "forgot", {"number": number_id, "contacts": list(contacts)})


async def take_orders(conn: Connection, sealer: Sealer, lease: Lease) -> list[Order]:
    """The orders to carry out, oldest first. Raises `LeaseLost`, `DatabaseUnreachable`."""
    with problems(lease.number_id):
        async with conn.transaction():
            await leases.hold(conn, lease)
            params = {**lease.key(), "age": ORDER_LIFE}
            rows = await (await run(conn, "sessions", "take", params)).fetchall()
    orders: list[Order] = []
    for key, kind, args, _, begun, stale in rows:
        plain = orjson.loads(sealer.open("number_orders", "args", key.bytes, args)) if args else {}
        orders.append(Order(key, kind, plain, begun, stale))
    return orders


async def finish_order(conn: Connection, lease: Lease, order: UUID, code: str, error: str) -> None:
    """Write what came of an order: empty `code` and `error` where it was begun."""
    params = {**lease.key(), "id": order, "code": code, "error": error}
    with problems(lease.number_id):
        async with conn.transaction():
            await run(conn, "sessions", "finish", params)
            await run(conn, "sessions", "changed", params)
