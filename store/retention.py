"""Retention: what is older than its workspace keeps it is deleted, a batch a transaction, as role `runtime`."""

import datetime as dt
from uuid import UUID

from keys.signer import Signer
from schemas.ids import first_id, month_of
from store import audit
from store.alone import alone
from store.named_sql import query
from store.pool import Pool, lent

BATCH = 2_000


async def apply(pool: Pool, signer: Signer) -> bool:
    """Delete a batch of each kind for each number. True while there may be more."""
    at = dt.datetime.now(dt.UTC)
    more = False
    async with lent(pool) as conn:
        limits = await (await conn.execute(query("retention", "limits"))).fetchall()
    for workspace, messages_days, data_days, audit_days in limits:
        kept = {"messages": messages_days, "events": messages_days, "runs": data_days}
        for kind, days in kept.items():
            if days is not None:
                more |= await _forget(pool, workspace, kind, before(at, days))
        if audit_days is not None:
            gone = await audit.forget(pool, signer, workspace, before(at, audit_days), BATCH)
            more |= gone == BATCH
    return more


def before(at: dt.datetime, days: int) -> dt.datetime:
    """The moment before which what is kept for `days` goes."""
    return at - dt.timedelta(days=days)


async def _forget(pool: Pool, workspace: UUID, kind: str, at: dt.datetime) -> bool:
    async with lent(pool) as conn:
        numbers = await (
            await conn.execute(query("retention", "numbers"), {"workspace": workspace})
        ).fetchall()
    more = False
    first = first_id(at)
    for (number,) in numbers:
        async with alone(pool, "retention") as conn:
            if conn is None:
                return False
            params = {"number": number, "month": month_of(first), "before": first, "at": at, "limit": BATCH}
            row = await (await conn.execute(query("retention", kind), params)).fetchone()
            more |= bool(row and row[0] == BATCH)
    return more
