"""Sessions of linked phones, as people see them, and the orders that they give."""

import datetime as dt
from typing import NamedTuple
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.ids import new_event_id
from schemas.reasons import Reason, reason
from schemas.tables.numbers import Number
from store.admin.desk import Session
from store.notify import NUMBERS, orders_channel


class Shown(NamedTuple):
    """Where a session stands. `served`: a process holds the number. `qr` and `code` while one is shown."""

    served: bool
    version: int = 0
    state: str = "connecting"
    why: Reason = reason("session.opening")
    until: dt.datetime | None = None
    since: dt.datetime | None = None
    account: str = ""
    qr: str = ""
    code: str = ""
    vault_generation: int | None = None
    vault_records: int | None = None
    spool_depth: int = 0


class Order(NamedTuple):
    """What was ordered, and what came of it: nothing yet while `done_at` is None, else an error or success."""

    id: UUID
    kind: str
    made_at: dt.datetime
    by: str
    done_at: dt.datetime | None
    error_code: str
    error: str


class Change(NamedTuple):
    """One change of a session's state."""

    seq: int
    state: str
    why: Reason
    at: dt.datetime


_ORDER = "id, kind, made_at, by, done_at, error_code, error"


async def shown(session: Session, sealer: Sealer, number: UUID) -> Shown:
    """Where the session of a number stands."""
    rows = await session.sql(
        "SELECT EXISTS (SELECT FROM leases l WHERE l.number_id = :number AND l.expires_at > clock_timestamp()),"
        " s.version, s.state, s.why, s.why_code, s.why_facts, s.until, s.since, s.account, s.pairing, s.vault_generation,"
        " s.vault_records, s.spool_depth FROM (SELECT 1) one LEFT JOIN sessions s ON s.number_id = :number",
        number=number,
    )
    row = tuple(rows.one())
    (
        served,
        version,
        state,
        why,
        why_code,
        why_facts,
        until,
        since,
        account,
        pairing,
        generation,
        records,
        depth,
    ) = row
    if version is None:
        return Shown(served)
    plain = orjson.loads(sealer.open("sessions", "pairing", number.bytes, bytes(pairing))) if pairing else {}
    return Shown(
        served,
        version,
        state,
        Reason(why, why_code, why_facts),
        until,
        since,
        sealer.open("sessions", "account", number.bytes, bytes(account)).decode() if account else "",
        plain.get("qr", ""),
        plain.get("code", ""),
        generation,
        records,
        depth,
    )


async def last_order(session: Session, number: UUID) -> Order | None:
    """The latest order of a number."""
    rows = await session.sql(
        f"SELECT {_ORDER} FROM number_orders WHERE number_id = :number ORDER BY made_at DESC, id DESC LIMIT 1",
        number=number,
    )
    row = rows.first()
    return Order(*row) if row else None


async def give(
    session: Session, sealer: Sealer, number: Number, kind: str, args: dict[str, str], by: str
) -> Order:
    """Order something, and wake the number's process, or who would start it, once this has committed."""
    key = new_event_id()
    rows = await session.sql(
        "INSERT INTO number_orders (number_id, id, workspace_id, kind, args, by)"
        f" VALUES (:number, :id, :workspace, :kind, :args, :by) RETURNING {_ORDER}",
        number=number.id,
        id=key,
        workspace=number.workspace_id,
        kind=kind,
        args=sealer.seal("number_orders", "args", key.bytes, orjson.dumps(args)),
        by=by,
    )
    row = rows.one()
    for name, about in ((orders_channel(number.id), ""), (NUMBERS, str(number.id))):
        await session.sql("SELECT pg_notify(:name, :about)", name=name, about=about)
    return Order(*row)


async def history(session: Session, number: UUID, before: int | None, limit: int) -> list[Change]:
    """Changes of state, the latest first; `before`: older than that one."""
    rows = await session.sql(
        "SELECT seq, state, why, why_code, why_facts, at FROM session_states WHERE number_id = :number"
        " AND (CAST(:before AS bigint) IS NULL OR seq < :before) ORDER BY seq DESC LIMIT :limit",
        number=number,
        before=before,
        limit=limit,
    )
    return [
        Change(seq, state, Reason(why, code, facts), at)
        for seq, state, why, code, facts, at in (tuple(row) for row in rows)
    ]
