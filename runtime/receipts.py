"""Receipts: delivery reports become the best that is known of each message.

Folding is a maximum over queued < sending < sent < unconfirmed < failed < delivered < read, so the order of
arrival does not matter. The database does the same against what it holds (`store/sql/receipts.sql`).
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from store.receipts import RANKS, Folded, PendingReceipt


def better(one: Folded, other: Folded) -> Folded:
    """The one that says more; of equals the earlier."""
    if RANKS[one.status] != RANKS[other.status]:
        return max(one, other, key=lambda folded: RANKS[folded.status])
    return min(one, other, key=lambda folded: (folded.at, folded.error_code, folded.error))


def fold(
    receipts: Iterable[PendingReceipt], names: Mapping[str, UUID]
) -> tuple[dict[UUID, Folded], list[int]]:
    """The best of each message, and the ids of the receipts that it comes from.

    `names` gives our message ids by the provider's. A receipt that neither names a message of ours nor is in
    `names` is left out.
    """
    best: dict[UUID, Folded] = {}
    used: list[int] = []
    for receipt in receipts:
        message = receipt.message_id or names.get(receipt.provider_id)
        if message is None or receipt.status not in RANKS:
            continue
        used.append(receipt.id)
        new = Folded(message, receipt.status, receipt.at, receipt.error_code, receipt.error)
        known = best.get(message)
        best[message] = new if known is None else better(known, new)
    return best, used
