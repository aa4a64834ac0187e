"""Jobs that somebody ordered, as workers see them: role `runtime`.

A worker takes a job as its next attempt, holds it for `HOLD`, and says in time that it lives. Whoever fell silent has
lost it: what he writes then names an attempt that is over, and changes nothing.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from keys.seal import Sealer
from store.directory import SealerShelf
from store.named_sql import query
from store.numbers import data_key
from store.pool import Pool, lent

HOLD = dt.timedelta(seconds=30)
MOST_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that we hold."""

    id: UUID
    workspace: UUID
    kind: str
    args: Mapping[str, Any]
    attempt: int
    sealer: Sealer


class Heard(Enum):
    """What the database says to a worker that says that it lives."""

    go_on = 1
    cancel = 2
    lost = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: done, failed or cancelled. `keep`: for how long the file that it made is kept."""

    state: str
    result: Mapping[str, Any] | None = None
    error: str = ""
    keep: dt.timedelta | None = None


async def claim(pool: Pool, shelf: SealerShelf, owner: str, kinds: Collection[str]) -> Claimed | None:
    """Take the oldest job of these kinds that nobody works on, if there is one."""
    async with lent(pool) as conn, conn.transaction():
        await conn.execute(query("jobs", "bury"), {"most": MOST_ATTEMPTS})
        params = {"owner": owner, "hold": HOLD, "kinds": list(kinds)}
        row = await (await conn.execute(query("jobs", "claim"), params)).fetchone()
        if row is None:
            return None
        sealer = shelf.of(row[1], bytes(await data_key(conn, row[1])))
    key, workspace, kind, args, attempt = row
    return Claimed(key, workspace, kind, args, attempt, sealer)


async def beat(pool: Pool, job: Claimed, progress: int, total: int | None) -> Heard:
    """Say that we live, and how far we are."""
    params = {"id": job.id, "attempt": job.attempt, "hold": HOLD, "progress": progress, "total": total}
    async with lent(pool) as conn:
        row = await (await conn.execute(query("jobs", "beat"), params)).fetchone()
    if row is None:
        return Heard.lost
    return Heard.cancel if row[0] else Heard.go_on


async def settle(pool: Pool, job: Claimed, how: Outcome, progress: int, total: int | None) -> bool:
    """Write how it ended. False: somebody else has taken the job meanwhile."""
    params = {
        "id": job.id,
        "attempt": job.attempt,
        "state": how.state,
        "progress": progress,
        "total": total,
        "result": None if how.result is None else Jsonb(dict(how.result)),
        "error": how.error,
        "keep": how.keep,
    }
    async with lent(pool) as conn:
        return (await conn.execute(query("jobs", "settle"), params)).rowcount == 1


async def let_go(pool: Pool, job: Claimed) -> None:
    """Leave it to the next worker, since we are to stop."""
    async with lent(pool) as conn:
        await conn.execute(query("jobs", "let_go"), {"id": job.id, "attempt": job.attempt})


async def wanted_files(pool: Pool, ids: Collection[UUID]) -> set[tuple[UUID, int]]:
    """Which attempts of these jobs have a file that is still written or kept."""
    async with lent(pool) as conn:
        rows = await (await conn.execute(query("jobs", "files"), {"ids": list(ids)})).fetchall()
    return {(key, attempt) for key, attempt in rows}


async def forget(pool: Pool, age: dt.timedelta) -> None:
    """Note whose files are over, and forget jobs that ended longer ago than `age`."""
    async with lent(pool) as conn:
        await conn.execute(query("jobs", "forget_files"))
        await conn.execute(query("jobs", "forget"), {"age": age})
