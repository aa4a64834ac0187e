"""The delivery watch: messages that a channel took, and of which no report came though one should have.

A channel may lose a message that it has confirmed (seen with linked devices, when both sides write at once). What
gives it away is that the contact was active afterwards: then his device must have reported.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from schemas.ids import first_id, month_of
from store.leases import Lease
from store.named_sql import run
from store.pool import Connection
from store.problems import problems

MOST = 500


class Suspect(NamedTuple):
    """A message without a report. `resends`: how often it was sent again for that."""

    message_id: UUID
    resends: int


async def unconfirmed(
    conn: Connection, lease: Lease, since: dt.datetime, before: dt.datetime, owner: str
) -> list[Suspect]:
    """The messages made since then that the channel took, and whose contact was active, before `before`.

    What is by `owner` was not sent by us and is left out. At most 500, oldest first.
    """
    first = first_id(since)
    params = {
        **lease.key(),
        "months": sorted({month_of(first), before.date().replace(day=1)}),
        "first": first,
        "before": before,
        "owner": owner,
        "limit": MOST,
    }
    with problems(lease.number_id):
        rows = await (await run(conn, "watch", "unconfirmed", params)).fetchall()
    return [Suspect(*row) for row in rows]


async def resend(conn: Connection, lease: Lease, ids: Sequence[UUID]) -> None:
    """Within a transaction: queue again those that are still unconfirmed, once each."""
    some = sorted(set(ids), key=lambda one: one.int)
    await run(
        conn, "watch", "resend", {**lease.key(), "months": [month_of(one) for one in some], "ids": some}
    )
