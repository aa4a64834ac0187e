"""The session: the driver's open account, held up, and what it receives brought to the inbox."""

import asyncio
import datetime as dt
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, cast

from runtime.ledger import Ledger
from schemas.messages import Inbound
from schemas.problems import Problem
from sessions.driver import Driver, LoggedOut, Receipt
from store import inbox
from store.inbox import Place
from store.receipts import ReceiptRow

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 60.0
TYPING_S = 2.0

Report = Callable[[str, str], Awaitable[None]]


class Session:
    """Runs the driver again whenever it ends. `report` gets (state, why)."""

    def __init__(self, driver: Driver, place: Place, ledger: Ledger, report: Report) -> None:
        self._driver = driver
        self._place = place
        self._ledger = ledger
        self._report = report

    async def run(self) -> None:
        """Hold the session up until cancelled."""
        pause = 1.0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._driver.run(self.receive, self.report)
                why = "the session ended"
            except LoggedOut as problem:
                await self._report("logged_out", str(problem))
                await asyncio.Event().wait()
                return
            except Problem as problem:
                why = str(problem)
            if asyncio.get_running_loop().time() - began > LONGEST_PAUSE_S:
                pause = 1.0
            log.warning("the session of %s is down: %s", self._place.number_id, why)
            await self._report("offline", why)
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))
            pause = min(LONGEST_PAUSE_S, pause * 2)
            await self._report("online", "")

    async def receive(self, message: Inbound) -> None:
        """Take a message; returns when it is durable."""
        row = inbox.arrival(self._place, message, dt.datetime.now(dt.UTC))
        self._ledger.page.arrived.append(row)
        await self._durable()

    async def report(self, receipt: Receipt) -> None:
        """Take a delivery report; returns when it is durable."""
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
        await self._durable()

    async def show_typing(self, provider_id: str) -> None:
        """Show "read" and "typing", where the channel can. Best effort."""
        if not (self._driver.capabilities.typing and hasattr(self._driver, "mark_read")):
            return
        try:
            await asyncio.wait_for(cast("Any", self._driver).mark_read(provider_id, True), TYPING_S)
        except (Problem, TimeoutError) as error:
            log.info("typing could not be shown: %s", type(error).__name__)

    async def _durable(self) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ledger.then(lambda: None if done.done() else done.set_result(None))
        self._ledger.touch(urgent=True)
        await done
