"""Webhooks out: what endpoints are told is written with what it tells, and delivered by a job.

`tell` is part of a turn's transaction. Changes of a number's state and published bots are told by triggers
(`migrations/versions/0009_webhooks.sql`), whoever makes them.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.ids import month_of
from schemas.problems import Problem
from store.directory import SealerShelf
from store.leases import Lease
from store.messages import Taken
from store.named_sql import run
from store.numbers import data_key
from store.pool import Connection, Pool, lent
from store.receipts import Folded, storable

log = logging.getLogger(__name__)


class Told(NamedTuple):
    """Something that endpoints may want to know. `data` is a JSON object."""

    id: UUID
    type: str
    conversation_id: UUID
    at: dt.datetime
    data: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that is to be tried now, for the `attempt`-th time. `secrets` in clear: each of them signs."""

    seq: int
    endpoint: UUID
    attempt: int
    url: str
    secrets: tuple[str, ...]
    event: UUID
    body: bytes
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class Tried:
    """How a try ended. `wait` None: there is no other one. `exchange` is the JSON of what was said."""

    delivered: bool
    wait: dt.timedelta | None
    took_ms: int
    status: int | None
    error: str
    exchange: bytes


async def tell(
    conn: Connection, sealer: Sealer, lease: Lease, bot_id: UUID | None, rows: Sequence[Told]
) -> None:
    """Within a turn's transaction: write what endpoints want of this, in its order."""
    await run(
        conn,
        "webhooks",
        "tell",
        {
            **lease.key(),
            "bot": bot_id,
            "ids": [row.id for row in rows],
            "types": [row.type for row in rows],
            "conversations": [row.conversation_id for row in rows],
            "times": [row.at for row in rows],
            "data": [sealer.seal("webhook_events", "data", row.id.bytes, row.data) for row in rows],
        },
    )


async def tell_statuses(
    conn: Connection, lease: Lease, bot_id: UUID | None, folded: Sequence[Folded], sent: Sequence[Taken]
) -> None:
    """Within a transaction, before it writes them: tell what messages have become, where that is new."""
    rows = [(Folded(one.message_id, "sent", one.at), one.provider_id) for one in sent]
    rows += [(one, "") for one in folded]
    await run(
        conn,
        "webhooks",
        "tell_statuses",
        {
            **lease.key(),
            "bot": bot_id,
            "months": sorted({month_of(one.message_id) for one, _ in rows}),
            "messages": [one.message_id for one, _ in rows],
            "statuses": [one.status for one, _ in rows],
            "times": [one.at for one, _ in rows],
            "codes": [storable(one.error_code) for one, _ in rows],
            "errors": [storable(one.error) for one, _ in rows],
            "providers": [storable(provider) for _, provider in rows],
        },
    )


async def claim(
    pool: Pool, shelf: SealerShelf, limit: int, full: Sequence[UUID], hold: dt.timedelta
) -> list[Delivery]:
    """Take at most `limit` deliveries that are due, none of the endpoints `full`, for the time `hold`.

    One that cannot be opened is left out, logged, and taken again later.
    """
    async with lent(pool) as conn:
        params = {"limit": limit, "full": list(full), "hold": hold}
        rows = await (await run(conn, "webhooks", "claim", params)).fetchall()
        keys = {one: bytes(await data_key(conn, one)) for one in {row[1] for row in rows}}
    found: list[Delivery] = []
    for row in rows:
        try:
            found.append(_delivery(row, shelf.of(row[1], keys[row[1]])))
        except Problem:
            log.exception("a webhook event does not open", extra={"workspace": row[1]})
    return found


def body_of(sealer: Sealer, event: UUID, kind: str, at: dt.datetime, data: Any, facts: Any) -> bytes:
    """What is posted of an event: the same at every try."""
    said = facts if data is None else orjson.Fragment(_opened(sealer, "webhook_events", "data", event, data))
    return orjson.dumps(
        {"type": kind, "timestamp": at.astimezone(dt.UTC), "data": said}, option=orjson.OPT_UTC_Z
    )


def open_secret(sealer: Sealer, endpoint: UUID, sealed: bytes) -> str:
    """An endpoint's secret in clear: `whsec_…`."""
    return _opened(sealer, "webhook_endpoints", "secret", endpoint, sealed).decode()


async def settle(pool: Pool, delivery: Delivery, tried: Tried, *, gone: bool, patience: dt.timedelta) -> bool:
    """Write how a try ended, with its log. True where the endpoint is disabled by it.

    `gone`: it wants no more. `patience`: how long it may fail without one success.
    """
    state = "delivered" if tried.delivered else "waiting" if tried.wait is not None else "failed"
    key = {"seq": delivery.seq, "attempt": delivery.attempt, "endpoint": delivery.endpoint}
    how = {"status": tried.status, "error": storable(tried.error)}
    name = f"{delivery.seq}.{delivery.attempt}".encode()
    disabled = False
    async with lent(pool) as conn, conn.transaction():
        wait = tried.wait or dt.timedelta()
        await run(conn, "webhooks", "settle", {**key, **how, "state": state, "wait": wait})
        exchange = delivery.sealer.seal("webhook_tries", "exchange", name, tried.exchange)
        await run(conn, "webhooks", "log", {**key, **how, "took": tried.took_ms, "exchange": exchange})
        if tried.delivered:
            await run(conn, "webhooks", "healthy", key)
        else:
            params = {**key, "gone": gone, "patience": patience, "patience_days": str(patience.days)}
            row = await (await run(conn, "webhooks", "failing", params)).fetchone()
            disabled = bool(row and row[0])
        if disabled:
            await run(conn, "webhooks", "hold", key)
            await run(conn, "webhooks", "heard", key)
    return disabled


async def prune(pool: Pool, age: dt.timedelta, limit: int) -> int:
    """Forget a batch of what was told longer ago than `age`. Returns how many events."""
    async with lent(pool) as conn:
        return (await run(conn, "webhooks", "prune", {"age": age, "limit": limit})).rowcount


def _delivery(row: Sequence[Any], sealer: Sealer) -> Delivery:
    seq, _, endpoint, attempt, url, secret, old, event, kind, at, data, facts = row
    secrets = tuple(open_secret(sealer, endpoint, one) for one in (secret, old) if one is not None)
    body = body_of(sealer, event, kind, at, data, facts)
    return Delivery(seq, endpoint, attempt, url, secrets, event, body, sealer)


def _opened(sealer: Sealer, table: str, column: str, key: UUID, sealed: Any) -> bytes:
    return sealer.open(table, column, key.bytes, bytes(sealed))
