"""The ledger: what happened beside the turns and waits to be written with the next commit.

Senders, timers, actions and drivers write here; only the turn loop commits. `then` holds what may happen
once the commit that takes the entries has succeeded: a send whose durable mark rides in it, a driver that
waits to confirm a message. When a commit fails, the entries are put back in front.
"""

import asyncio
from collections.abc import Callable
from dataclasses import fields

from store.turns import Beside


class Ledger:
    """One number's. Not shared between threads."""

    def __init__(self) -> None:
        self.page = Beside()
        self.urgent = asyncio.Event()  # something that must not wait for the idle pause
        self.touched = asyncio.Event()
        self._then: list[Callable[[], object]] = []

    def touch(self, *, urgent: bool = False) -> None:
        """Say that something was written. `urgent`: somebody waits for the commit."""
        self.touched.set()
        if urgent:
            self.urgent.set()

    def then(self, act: Callable[[], object]) -> None:
        """Run `act` when the commit that takes the present page has succeeded."""
        self._then.append(act)

    def take(self) -> tuple[Beside, list[Callable[[], object]]]:
        """The page and what follows from it; a new page begins."""
        taken = self.page, self._then
        self.page, self._then = Beside(), []
        self.touched.clear()
        self.urgent.clear()
        return taken

    def give_back(self, page: Beside, then: list[Callable[[], object]]) -> None:
        """Put a page that was not committed in front of what came meanwhile."""
        for field in fields(Beside):
            earlier: list[object] = getattr(page, field.name)
            earlier.extend(getattr(self.page, field.name))
        self.page = page
        self._then = then + self._then
        self.touch(urgent=True)
