"""The session: the driver's open account, held up, and what it receives brought to the inbox."""

import asyncio
import datetime as dt
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, cast

from pydantic_core import PydanticSerializationError

from runtime.ledger import Ledger
from runtime.owner import rest
from schemas.events import OwnerWrote
from schemas.ids import new_event_id
from schemas.messages import FromOwner, Inbound
from schemas.problems import Outside, Problem
from schemas.reasons import NONE, Reason, of_error, reason
from sessions.driver import Driver, LoggedOut, Receipt
from store import inbox, quarantine
from store.inbox import Place
from store.problems import RowsRefused
from store.quarantine import QuarantineRow
from store.receipts import ReceiptRow, storable

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 60.0
TYPING_S = 2.0

Report = Callable[[str, Reason], Awaitable[None]]
PutAside = Callable[[QuarantineRow], Awaitable[None]]


class Session:
    """Runs the driver again whenever it ends. `report` gets (state, why); `put_aside` what cannot be stored.

    `open` while the driver runs; else `why` says what ended it, and `again` cuts the pause short.
    """

    def __init__(
        self, driver: Driver, place: Place, ledger: Ledger, report: Report, put_aside: PutAside
    ) -> None:
        self._driver = driver
        self._place = place
        self._ledger = ledger
        self._report = report
        self._put_aside = put_aside
        self._again = asyncio.Event()
        self.open = False
        self.why = NONE

    async def run(self) -> None:
        """Hold the session up until cancelled."""
        pause = 1.0
        while True:
            began = asyncio.get_running_loop().time()
            state = "offline"
            self._again.clear()
            self.open, self.why = True, NONE
            try:
                await self._driver.run(self.receive, self.report)
                self.why = reason("session.ended")
            except LoggedOut as problem:
                state, self.why = "logged_out", of_error(problem)
            except Outside as problem:
                self.why = of_error(problem)
            except Problem as problem:
                state, self.why = "paused", of_error(problem)
            finally:
                self.open = False
            if asyncio.get_running_loop().time() - began > LONGEST_PAUSE_S:
                pause = 1.0
            log.warning("the session of %s is down: %s", self._place.number_id, self.why.sentence)
            await self._report(state, self.why)
            longest = None if state == "logged_out" else pause * random.uniform(0.75, 1.25)
            await rest(self._again, longest)
            pause = min(LONGEST_PAUSE_S, pause * 2)
            await self._report("online", NONE)

    def again(self) -> None:
        """Run the driver at once, if it is not running."""
        self._again.set()

    async def receive(self, message: Inbound) -> None:
        """Take a message; returns when it is durable: in the inbox, or in quarantine if it cannot be stored."""
        now = dt.datetime.now(dt.UTC)
        try:
            row = inbox.arrival(self._place, message, now)
        except (RowsRefused, PydanticSerializationError, UnicodeEncodeError) as error:
            await self._put_aside(quarantine.of_message(self._place, message, now, type(error).__name__))
            return
        self._ledger.page.arrived.append(row)
        await self._durable()

    async def owner_wrote(self, message: FromOwner, silent_s: int | None) -> None:
        """Take what the number's owner typed on a phone of his own; returns when it is durable."""
        event = OwnerWrote(new_event_id(), dt.datetime.now(dt.UTC), message, silent_s)
        source = f"wa:{storable(message.provider_id)}"
        self._ledger.page.arrived.append(inbox.row_of(self._place, source, None, event))
        await self._durable()

    async def report(self, receipt: Receipt) -> None:
        """Take a delivery report; returns when it is durable: it rides with what comes next, nobody waits for it."""
        self._ledger.page.reports.append(
            ReceiptRow(
                self._place.number_id,
                self._place.workspace_id,
                self._place.slot,
                receipt.tracker,
                receipt.provider_id,
                receipt.status,
                receipt.at,
                receipt.error_code,
                receipt.error,
                receipt.pricing,
            )
        )
        await self._durable(urgent=False)

    async def show_typing(self, provider_id: str) -> None:
        """Show "read" and "typing", where the channel can. Best effort."""
        if self._driver.capabilities.typing:
            await self._mark(provider_id, typing=True)

    async def show_seen(self, provider_id: str) -> None:
        """Show "read", where the channel can. Best effort."""
        if self._driver.capabilities.read_mark:
            await self._mark(provider_id, typing=False)

    async def _mark(self, provider_id: str, *, typing: bool) -> None:
        if not hasattr(self._driver, "mark_read"):
            return
        try:
            await asyncio.wait_for(cast("Any", self._driver).mark_read(provider_id, typing), TYPING_S)
        except (Problem, TimeoutError) as error:
            log.info("typing could not be shown: %s", type(error).__name__)

    async def _durable(self, *, urgent: bool = True) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ledger.then(lambda: None if done.done() else done.set_result(None))
        self._ledger.touch(urgent=urgent)
        await done
