"""Group commit for the doors: what comes in while one commit is under way shares the next one.

No fixed delay: an idle door commits at once, a busy one in larger groups. A group that the database refuses
for its data is halved until the culprit stands alone; that goes to quarantine, the rest is taken.
After a commit the owners of the numbers are woken.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from keys.seal import Sealer
from schemas.ids import new_event_id
from schemas.messages import Inbound
from schemas.problems import Outside
from store.inbox import Place, accept
from store.pool import Pool
from store.problems import RowsRefused
from store.quarantine import QuarantineRow
from store.receipts import ReceiptRow

log = logging.getLogger(__name__)

MOST_ROWS = 512  # of one commit
MOST_WAITING = 20_000  # rows, before the door says that it is busy


class DoorBusy(Outside):
    """More comes in than the database takes. The vendor delivers again."""

    code = "door.busy"
    status = 503
    sentence = "More comes in than can be written at this moment."


@dataclass(slots=True)
class Load:
    """What one webhook request brings, for one commit."""

    messages: list[tuple[Place, Inbound]] = field(default_factory=list[tuple[Place, Inbound]])
    receipts: list[ReceiptRow] = field(default_factory=list[ReceiptRow])
    unread: list[QuarantineRow] = field(default_factory=list[QuarantineRow])
    spare: QuarantineRow | None = None  # the whole request, should the database refuse its rows

    @property
    def rows(self) -> int:
        return len(self.messages) + len(self.receipts) + len(self.unread)

    @property
    def numbers(self) -> set[UUID]:
        """Whom to wake. Delivery reports wake nobody: the owner finds them at its next look, within a second."""
        return {place.number_id for place, _ in self.messages}


class Batcher:
    """One writer. `run` it as a task; `take` returns when the load is durable."""

    def __init__(
        self, pool: Pool, sealers: Callable[[], Mapping[UUID, Sealer]], wake: Callable[..., None]
    ) -> None:
        self._pool = pool
        self._sealers = sealers
        self._wake = wake
        self._waiting: list[tuple[Load, asyncio.Future[None]]] = []
        self._rows = 0
        self._some = asyncio.Event()

    async def take(self, load: Load) -> None:
        """Make `load` durable. Raises `DatabaseUnreachable` or `DoorBusy`: the vendor is to deliver again."""
        if not load.rows:
            return
        if self._rows > MOST_WAITING:
            raise DoorBusy
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((load, done))
        self._rows += load.rows
        self._some.set()
        await done

    async def run(self) -> None:
        """Commit what waits, until cancelled."""
        try:
            while True:
                await self._some.wait()
                group = self._next_group()
                try:
                    await self._commit(group)
                except Exception as error:  # the border: one fault must not close the door
                    if not isinstance(error, Outside):
                        log.exception("webhooks could not be written")
                    for _, done in group:
                        if not done.done():
                            done.set_exception(error)
        finally:
            for _, done in self._waiting:
                done.cancel()

    def _next_group(self) -> list[tuple[Load, asyncio.Future[None]]]:
        rows = count = 0
        for load, _ in self._waiting:
            if count and rows + load.rows > MOST_ROWS:
                break
            rows += load.rows
            count += 1
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        self._rows -= rows
        if not self._waiting:
            self._some.clear()
        return group

    async def _commit(self, group: Sequence[tuple[Load, asyncio.Future[None]]]) -> None:
        loads = [load for load, _ in group]
        try:
            await accept(
                self._pool,
                self._sealers(),
                [each for load in loads for each in load.messages],
                [each for load in loads for each in load.receipts],
                [each for load in loads for each in load.unread],
            )
        except RowsRefused as problem:
            if len(group) > 1:
                middle = len(group) // 2
                await self._commit(group[:middle])
                await self._commit(group[middle:])
                return
            spare = loads[0].spare
            if spare is None:
                raise
            log.warning("a webhook whose rows the database refuses goes to quarantine: %s", problem)
            kept = spare._replace(id=new_event_id(), error=str(problem))
            await accept(self._pool, self._sealers(), [], [], [kept])
        for load, done in group:
            self._wake(*load.numbers)
            if not done.done():
                done.set_result(None)
