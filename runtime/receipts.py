"""Receipts: delivery reports become the best that is known of each message.

Nobody is woken for them: they are asked for along with events, some times a second, from an id on that lies
a little behind the newest that was seen. What waits further back the chores or the keeper find.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

from runtime.ledger import Ledger
from runtime.owner import clock
from store import receipts
from store.leases import Lease
from store.pool import Pool, lent
from store.receipts import RANKS, Folded, PendingReceipt, best

A_TURN = 1000
EVERY_S = 0.1
BACK_S = 5.0  # a report's id is taken at most so long before its commit; the chores find later ones
UNKNOWN_S = 600.0
UNKNOWN_AGAIN_S = 2.0
MOST_UNKNOWN = 500


class Reports:
    """One number's, as they wait to be folded. `settle` is told of each message that a report names."""

    def __init__(self, lease: Lease, ledger: Ledger, desk: Pool, settle: Callable[[UUID], None]) -> None:
        self._lease = lease
        self._ledger = ledger
        self._desk = desk
        self._settle = settle
        self._waiting: list[PendingReceipt] = []
        self._asked_at = 0.0
        self._seen: deque[tuple[float, int]] = deque()
        self.unknown: dict[int, float] = {}  # their message is not known yet, since when
        self._unknown_at = 0.0
        self.first = 0  # the id from which to look

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def clear(self) -> None:
        """Forget all: what is in the database counts."""
        self._waiting.clear()
        self._seen.clear()
        self.first = 0

    def ask(self, now: float) -> tuple[int, int, Sequence[int]]:
        """How many are wanted now, from which id, and which are not."""
        if self._waiting or now - self._asked_at < EVERY_S:
            return 0, 0, ()
        if self.overdue(now):
            self._unknown_at = now
            return A_TURN, min(self.first, *self.unknown), ()
        return A_TURN, self.first, list(self.unknown)

    def overdue(self, now: float) -> bool:
        """Whether to look again at those whose message was not known."""
        return bool(self.unknown) and now - self._unknown_at >= UNKNOWN_AGAIN_S

    def look_from(self, report: int) -> None:
        """A report of this id waits."""
        if report not in self.unknown:
            self.first = min(report, self.first)

    def took(self, rows: list[PendingReceipt], first: int, now: float) -> None:
        """What a look from that id on found."""
        self._waiting = rows
        self._asked_at = now
        if rows:
            self._seen.append((now, rows[-1].id))
        if first > self.first:
            return  # an older one was found meanwhile: the next look begins there
        while self._seen and now - self._seen[0][0] >= BACK_S:
            self.first = max(self.first, self._seen.popleft()[1])

    async def fold(self) -> None:
        """Turn what waits into ledger entries."""
        taken, self._waiting = self._waiting, []
        names: dict[str, UUID] = {}
        if nameless := {one.provider_id for one in taken if one.message_id is None}:
            async with lent(self._desk) as conn:
                names = await receipts.messages_of(conn, self._lease, nameless)
        best, used = fold(taken, names)
        for message_id in best:
            self._settle(message_id)
        page = self._ledger.page
        page.folded.extend(best.values())
        page.receipts_done.extend(used)
        self._keep_unknown(taken, set(used))
        self._ledger.touch()

    def _keep_unknown(self, taken: Sequence[PendingReceipt], used: set[int]) -> None:
        """A report may come before its message's id is stored: look again later, for ten minutes."""
        now = clock()
        for one in used:
            self.unknown.pop(one, None)
        for one in taken:
            if one.id not in used:
                self.unknown.setdefault(one.id, now)
        for one, since in list(self.unknown.items()):
            if now - since > UNKNOWN_S or len(self.unknown) > MOST_UNKNOWN:
                del self.unknown[one]
                self._ledger.page.receipts_done.append(one)


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
