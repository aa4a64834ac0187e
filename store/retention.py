"""Retention: what is older than its workspace keeps it is deleted, as role `runtime`.

Months that no workspace keeps any more go as whole partitions; the rest goes a batch a transaction.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from keys.signer import Signer
from schemas.ids import first_id, month_of
from store import audit
from store.alone import alone
from store.directory import SealerShelf
from store.media import Media
from store.named_sql import query
from store.numbers import data_key
from store.pool import Pool, lent

BATCH = 2_000
FILES = 200
OF_NUMBERS = ("messages", "words", "events", "calls")  # what goes when messages do, number by number
OF_WORKSPACE = ("notes", "quarantine", "webhooks")  # and what is not a number's


async def apply(pool: Pool, signer: Signer, shelf: SealerShelf, media: Path) -> bool:
    """Delete a batch of each kind for each number. True while there may be more."""
    at = dt.datetime.now(dt.UTC)
    more = False
    await drop_months(pool, at)
    async with lent(pool) as conn:
        limits = await (await conn.execute(query("retention", "limits"))).fetchall()
    for workspace, messages_days, data_days, audit_days in limits:
        if messages_days is not None:
            moment = before(at, messages_days)
            more |= await _forget(pool, workspace, OF_NUMBERS, moment)
            more |= await _forget(pool, workspace, OF_WORKSPACE, moment, by_number=False)
            more |= await _forget_files(pool, workspace, shelf, media, moment)
        if data_days is not None:
            more |= await _forget(pool, workspace, ("runs",), before(at, data_days))
        if audit_days is not None:
            gone = await audit.forget(pool, signer, workspace, before(at, audit_days), BATCH)
            more |= gone == BATCH
    return more


def before(at: dt.datetime, days: int) -> dt.datetime:
    """The moment before which what is kept for `days` goes."""
    return at - dt.timedelta(days=days)


async def drop_months(pool: Pool, at: dt.datetime) -> None:
    """Drop the months that nobody keeps, but for those of messages that still wait, and for the month before this."""
    async with lent(pool) as conn:
        row = await (await conn.execute(query("retention", "everybodys_days"))).fetchone()
        if row is None or row[0] is None:
            return
        waiting = await (await conn.execute(query("retention", "oldest_waiting"))).fetchone()
        month_before = (at.date().replace(day=1) - dt.timedelta(days=1)).replace(day=1)
        first = min(month_of(first_id(before(at, row[0]))), month_before)
        if waiting is not None:
            first = min(first, month_of(waiting[0]))
        await conn.execute(query("retention", "drop_partitions"), {"before": first})


async def _forget(
    pool: Pool, workspace: UUID, kinds: Sequence[str], at: dt.datetime, by_number: bool = True
) -> bool:
    numbers: Sequence[Any] = [(None,)]
    if by_number:
        async with lent(pool) as conn:
            found = await conn.execute(query("retention", "numbers"), {"workspace": workspace})
            numbers = await found.fetchall()
    more = False
    first = first_id(at)
    common = {"workspace": workspace, "month": month_of(first), "before": first, "at": at, "limit": BATCH}
    for kind in kinds:
        for (number,) in numbers:
            async with alone(pool, "retention") as conn:
                if conn is None:
                    return False
                params = {**common, "number": number}
                row = await (await conn.execute(query("retention", kind), params)).fetchone()
                more |= bool(row and row[0] == BATCH)
    return more


async def _forget_files(
    pool: Pool, workspace: UUID, shelf: SealerShelf, media: Path, at: dt.datetime
) -> bool:
    async with lent(pool) as conn:
        sealer = shelf.of(workspace, bytes(await data_key(conn, workspace)))
        return await Media(media, workspace, sealer).forget_before(conn, at, FILES) == FILES
