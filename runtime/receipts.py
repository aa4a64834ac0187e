"""Receipts: delivery reports become the best that is known of each message."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from store.receipts import RANKS, Folded, PendingReceipt, best


def fold(
    receipts: Iterable[PendingReceipt], names: Mapping[str, UUID]
) -> tuple[dict[UUID, Folded], list[int]]:
    """The best of each message, and the ids of the receipts that it comes from.

    `names` gives our message ids by the provider's. A receipt that neither names a message of ours nor is in
    `names` is left out.
    """
    said: list[Folded] = []
    used: list[int] = []
    for receipt in receipts:
        message = receipt.message_id or names.get(receipt.provider_id)
        if message is not None and receipt.status in RANKS:
            said.append(Folded(message, receipt.status, receipt.at, receipt.error_code, receipt.error))
            used.append(receipt.id)
    return best(said), used
