"""The audit's chain is made here, as role `runtime`: after the entries were written, so that no request waits."""

import datetime as dt
from uuid import UUID

from keys.signer import Signer
from schemas.problems import Misuse
from store import audit_chain
from store.alone import alone
from store.audit_chain import NOTHING, Link, Mark
from store.named_sql import query, run
from store.pool import Connection, Pool, lent

CHAINED = 1_000  # entries in one transaction
LOCK = "audit_chain"


class AuditBroken(Misuse):
    """Somebody else wrote an end of the chain."""

    code = "audit.broken"
    title = "The audit was tampered with"
    sentence = (
        "The mark {kind!r} of workspace {workspace}'s audit is not one that we signed. Nothing is chained until it"
        " is put back. Run `chatloom audit verify`."
    )


async def chain(pool: Pool, signer: Signer) -> bool:
    """Give a batch of each workspace's entries their places. True while there may be more.

    Raises `AuditBroken` when all others are done.
    """
    async with lent(pool) as conn:
        found = await (await conn.execute(query("audit", "waiting"), {"key": signer.current})).fetchall()
    more, broken = False, None
    for (workspace,) in found:
        async with alone(pool, LOCK) as conn:
            if conn is None:
                return False
            try:
                more |= await _chain(conn, signer, workspace)
            except AuditBroken as problem:  # the others' go on
                broken = problem
    if broken is not None and not more:
        raise broken
    return more


async def _chain(conn: Connection, signer: Signer, workspace: UUID) -> bool:
    head = await _mark(conn, signer, workspace, "head")
    start = await _mark(conn, signer, workspace, "start")
    place, end = (head.place, bytes(head.hash)) if head else (0, NOTHING)
    params = {"workspace": workspace, "limit": CHAINED}
    rows = await (await conn.execute(query("audit", "open"), params)).fetchall()
    hashes: list[bytes] = []
    for nth, row in enumerate(rows, start=place + 1):
        end = audit_chain.hashed(end, nth, Link._make(row))
        hashes.append(end)
    if rows:
        await run(conn, "audit", "chain", {"ids": [row[0] for row in rows], "hashes": hashes, "after": place})
    await _set(conn, workspace, "head", audit_chain.mark(signer, workspace, "head", place + len(rows), end))
    if start is not None and start.key_id != signer.current:
        await _set(
            conn,
            workspace,
            "start",
            audit_chain.mark(signer, workspace, "start", start.place, bytes(start.hash)),
        )
    return len(rows) == CHAINED


async def forget(pool: Pool, signer: Signer, workspace: UUID, before: dt.datetime, most: int) -> int:
    """Delete at most `most` entries from the chain's start that are older than `before`; leave a signed mark there.

    Returns how many. The last entry of a chain stays. Raises `AuditBroken`.
    """
    async with alone(pool, LOCK) as conn:
        if conn is None:
            return 0
        head = await _mark(conn, signer, workspace, "head")
        start = await _mark(conn, signer, workspace, "start")
        after = start.place if start else 0
        if head is None:
            return 0
        params = {"workspace": workspace, "after": after, "before": before}
        row = await (await conn.execute(query("audit", "first_kept"), params)).fetchone()
        kept = row[0] if row and row[0] is not None else head.place
        params["most"] = min(kept - 1, after + most)
        last = await (await conn.execute(query("audit", "last"), params)).fetchone()
        if last is None:
            return 0
        await _set(
            conn, workspace, "start", audit_chain.mark(signer, workspace, "start", last[0], bytes(last[1]))
        )
        params = {"workspace": workspace, "most": last[0]}
        return (await conn.execute(query("audit", "forget"), params)).rowcount


async def _mark(conn: Connection, signer: Signer, workspace: UUID, kind: str) -> Mark | None:
    row = await (
        await conn.execute(query("audit", "mark"), {"workspace": workspace, "kind": kind})
    ).fetchone()
    if row is None:
        return None
    found = Mark._make(row)
    if not audit_chain.is_ours(signer, workspace, kind, found):
        raise AuditBroken(kind=kind, workspace=workspace)
    return found


async def _set(conn: Connection, workspace: UUID, kind: str, said: Mark) -> None:
    params = {
        "workspace": workspace,
        "kind": kind,
        "place": said.place,
        "hash": said.hash,
        "key": said.key_id,
        "signature": said.signature,
    }
    await conn.execute(query("audit", "set_mark"), params)
