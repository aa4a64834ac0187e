"""By what messages are found: their words as keyed digests, in workspaces that want it. As role `runtime`.

A turn writes of each new message that it waits (`messages.sql`, insert), in the same statement and only where search is
wanted; a job reads it a moment later. What was stored before is indexed in the background, from the latest back. It
begins when no transaction is left that may not have known that search is wanted, so no message falls between. Turned off,
the words are deleted the same way, and a last transaction that still wrote one is waited for.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson

from keys.seal import SealBroken, Sealer
from schemas.words import seen, terms
from store.alone import alone
from store.directory import SealerShelf
from store.named_sql import run
from store.numbers import data_key
from store.pool import Connection, Pool, lent

log = logging.getLogger(__name__)

READ = 200  # messages in one transaction
CLEARED = 2_000  # rows in one transaction
_LAST_ID = UUID(int=2**128 - 1)
_NO_ID = UUID(int=0)
_BEFORE_ALL = (dt.date(9999, 12, 1), _NO_ID)


async def catch_up(pool: Pool, shelf: SealerShelf) -> bool:
    """Read a batch of new messages. True while there may be more."""
    async with alone(pool, "message_search") as conn:
        if conn is None:
            return False
        rows = await (await run(conn, "message_search", "waiting", {"limit": READ})).fetchall()
        sealers = {one: shelf.of(one, bytes(await data_key(conn, one))) for one in {row[3] for row in rows}}
        read = [(row, _words(sealers[row[3]], row[2], *row[4:])) for row in rows]
        if some := [(row, words) for row, words in read if words]:
            await run(conn, "message_search", "write", _keys(some))
        if some := [(row, words) for row, words in read if not words]:
            await run(conn, "message_search", "drop", _keys(some))
    return len(rows) == READ


async def go_on(pool: Pool, shelf: SealerShelf) -> bool:
    """Index, or delete, a batch of each workspace for which something is left to do. True while there may be more."""
    async with lent(pool) as conn:
        orders = await (await run(conn, "message_search", "orders", {})).fetchall()
    more = False
    for workspace, wanted in orders:
        more |= await (_fill(pool, shelf, workspace) if wanted else _clear(pool, workspace))
    return more


async def _fill(pool: Pool, shelf: SealerShelf, workspace: UUID) -> bool:
    async with alone(pool, "message_search") as conn:
        place = await _place(conn, workspace, wanted=True)
        if conn is None or place is None:
            return False
        month, number, before = place
        if before is None:  # the number's month is done, or it is the beginning
            params = {"workspace": workspace, "month": month, "number": number}
            row = await (await run(conn, "message_search", "next", params)).fetchone()
            if row is None:
                await run(conn, "message_search", "filled", {"workspace": workspace})
                return False
            number, month, before = *row, _LAST_ID
        params = {"number": number, "month": month, "before": before, "limit": READ}
        rows = await (await run(conn, "message_search", "stored", params)).fetchall()
        sealer = shelf.of(workspace, bytes(await data_key(conn, workspace)))
        read = [(row, _words(sealer, row[2], *row[4:])) for row in rows]
        if some := [(row, words) for row, words in read if words]:
            conversations = [row[3] for row, _ in some]
            given = {**_keys(some), "workspace": workspace, "conversations": conversations}
            await run(conn, "message_search", "index", given)
        at = {"month": month, "number": number, "before": rows[-1][2] if len(rows) == READ else None}
        await run(conn, "message_search", "moved", {"workspace": workspace, "count": len(rows), **at})
    return True


async def _clear(pool: Pool, workspace: UUID) -> bool:
    async with alone(pool, "message_search") as conn:
        if conn is None or await _place(conn, workspace, wanted=False) is None:
            return False
        where = {"workspace": workspace}
        numbers = await (await run(conn, "message_search", "numbers", where)).fetchall()
        left = CLEARED
        for (number,) in numbers:
            done = await run(conn, "message_search", "clear", {"number": number, "limit": left})
            left -= done.rowcount
            if left == 0:
                return True
        await run(conn, "message_search", "cleared", where)
    return False


async def _place(
    conn: Connection | None, workspace: UUID, wanted: bool
) -> tuple[dt.date, UUID, UUID | None] | None:
    """Where to go on, once every transaction knows what is wanted; None: not now."""
    if conn is None:
        return None
    where = {"workspace": workspace}
    row = await (await run(conn, "message_search", "place", where)).fetchone()
    if row is None or row[0] is not wanted or (row[1] is not None and wanted):
        return None
    if row[5] is None:
        await run(conn, "message_search", "see", where)
    if not row[5]:
        return None
    return (*_BEFORE_ALL, None) if row[2] is None else (row[2], row[3], row[4])


def _words(sealer: Sealer, key: UUID, body: Any, payload: Any) -> list[int]:
    """What a message is found by. One that cannot be opened is not found."""
    try:
        if body is not None:
            said = orjson.loads(sealer.open("messages", "body", key.bytes, bytes(body)))
        elif payload is not None:
            opened = sealer.open("events", "payload", key.bytes, bytes(payload))
            said = orjson.loads(opened)["message"]["content"]
        else:
            return []
    except SealBroken:
        log.warning("message %s cannot be opened, and is not found by its words", key)
        return []
    return sealer.blind_words(terms(seen(said)))


def _keys(read: Iterable[tuple[Sequence[Any], list[int]]]) -> dict[str, list[Any]]:
    rows = list(read)
    return {
        "numbers": [row[0] for row, _ in rows],
        "months": [row[1] for row, _ in rows],
        "ids": [row[2] for row, _ in rows],
        "words": [f"{{{','.join(map(str, words))}}}" for _, words in rows],
    }
