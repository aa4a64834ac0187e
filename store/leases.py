"""Leases: who owns a number. A row (number, slot) with an epoch that grows with each new owner."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from store.named_sql import run
from store.pool import Connection
from store.problems import problems


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write what belongs to a number. Every statement of the hot path carries it."""

    number_id: UUID
    workspace_id: UUID
    slot: int
    epoch: int
    owner: str

    def key(self) -> dict[str, object]:
        """The parameters that every query of a number takes."""
        return {"number": self.number_id, "workspace": self.workspace_id, "slot": self.slot}


async def acquire(
    conn: Connection, number_id: UUID, workspace_id: UUID, slot: int, owner: str, lease_s: float
) -> Lease | None:
    """Take the lease, or None while another holds it."""
    params = {
        "number": number_id,
        "workspace": workspace_id,
        "slot": slot,
        "owner": owner,
        "lease": dt.timedelta(seconds=lease_s),
    }
    with problems(number_id):
        row = await (await run(conn, "leases", "acquire", params)).fetchone()
    return Lease(number_id, workspace_id, slot, int(row[0]), owner) if row else None


async def renew(conn: Connection, leases: Sequence[Lease], lease_s: float) -> set[tuple[UUID, int]]:
    """Prolong `leases` by one statement. Returns the (number, slot) that are still ours."""
    params = {
        "numbers": [lease.number_id for lease in leases],
        "slots": [lease.slot for lease in leases],
        "epochs": [lease.epoch for lease in leases],
        "lease": dt.timedelta(seconds=lease_s),
    }
    with problems():
        rows = await (await run(conn, "leases", "renew", params)).fetchall()
    return {(row[0], row[1]) for row in rows}


async def release(conn: Connection, lease: Lease) -> None:
    """Give the lease back at once."""
    with problems(lease.number_id):
        await run(conn, "leases", "release", {**lease.key(), "epoch": lease.epoch})


async def release_all(conn: Connection, owner: str) -> None:
    """Free what a process held that surely has ended, so that an heir need not wait."""
    with problems():
        await run(conn, "leases", "release_all", {"owner": owner})


async def hold(conn: Connection, *held: Lease) -> None:
    """Within a transaction: fence it by the leases. Raises `LeaseLost` when the pipeline is read."""
    params = {
        "numbers": [lease.number_id for lease in held],
        "slots": [lease.slot for lease in held],
        "epochs": [lease.epoch for lease in held],
    }
    await run(conn, "leases", "hold", params)
