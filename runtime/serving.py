"""Which compiled bot a conversation uses: a run keeps the version that it began with, a new one gets the deployed.

While a canary is open, a share of the contacts gets its version with their new runs: always the same ones, since the
contact's id and the canary's decide.
"""

import asyncio
import datetime as dt
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flows.state import State
from flows.texts import stable_share
from flows.turn import Turn, View
from schemas.events import Event, Restarted
from store import custom_actions, numbers
from store.custom_actions import Declared
from store.numbers import Canary, Wanted
from store.pool import Connection
from store.problems import DatabaseUnreachable

log = logging.getLogger(__name__)

MOST_HELD = 8

Compile = Callable[[Mapping[str, str], int, Sequence[Declared]], Any]
Advance = Callable[[Any, State, Event, View], Turn]


class Serving:
    """The compiled versions of a number's bot. `compile` and `advance` are the engine's."""

    def __init__(self, compile: Compile, advance: Advance) -> None:
        self._compile = compile
        self.advance = advance
        self.bot_id: UUID | None = None
        self.version: int | None = None
        self.canary: Canary | None = None
        self._actions_at: dt.datetime | None = None
        self._held: OrderedDict[tuple[UUID, int], Any] = OrderedDict()

    async def deploy(self, conn: Connection, wanted: Wanted) -> None:
        """Serve what is wanted to new runs from now on. A version that does not compile leaves things as they are.

        Raises what compiling raises when nothing is served yet.
        """
        bot_id, version = wanted.bot_id, wanted.version
        if (bot_id, version, wanted.actions_at) != (self.bot_id, self.version, self._actions_at):
            held = self._held
            if bot_id != self.bot_id or wanted.actions_at != self._actions_at:
                self._held = OrderedDict()
            if bot_id is not None and version is not None:
                try:
                    await self._ensure(conn, bot_id, version)
                except Exception:
                    if self.version is None:
                        raise
                    self._held = held
                    log.exception("version %d of bot %s cannot be served", version, bot_id)
                    return
            self.bot_id, self.version, self.canary = bot_id, version, None
            self._actions_at = wanted.actions_at
        if wanted.canary != self.canary:
            await self._try(conn, wanted.canary)

    async def _try(self, conn: Connection, canary: Canary | None) -> None:
        """Serve a canary from now on, or none. One that does not compile is not served, and logged."""
        self.canary = None
        if canary is None or self.bot_id is None:
            return
        await self.ensure(conn, {canary.version})
        if self.compiled(canary.version) is not None:
            self.canary = canary

    def version_for(self, state: State, event: Event, contact: UUID) -> int | None:
        """The version that this event of a contact meets; None: no bot answers."""
        if self.bot_id is None:
            return None
        if state.run is not None and not isinstance(event, Restarted):
            return state.run.version
        canary = self.canary
        if canary is not None and stable_share(str(contact), str(canary.id), 100) < canary.percent:
            return canary.version
        return self.version

    def compiled(self, version: int) -> Any | None:
        """A version that is held."""
        if self.bot_id is None:
            return None
        found = self._held.get((self.bot_id, version))
        if found is not None and version != self.version:
            self._held.move_to_end((self.bot_id, version))
        return found

    async def ensure(self, conn: Connection, versions: set[int]) -> None:
        """Hold these versions, for the batch that needs them. What cannot be compiled is left out, and logged."""
        for version in sorted(versions):
            if self.bot_id is not None and (self.bot_id, version) not in self._held:
                try:
                    await self._ensure(conn, self.bot_id, version)
                except DatabaseUnreachable:
                    raise
                except Exception:
                    log.exception("version %d of bot %s cannot be compiled", version, self.bot_id)

    async def _ensure(self, conn: Connection, bot_id: UUID, version: int) -> None:
        if (bot_id, version) in self._held:
            return
        files = await numbers.files(conn, bot_id, version)
        declared = await custom_actions.declared(conn, bot_id)
        self._held[bot_id, version] = await asyncio.to_thread(self._compile, files, version, declared)
        for key in list(self._held):
            if len(self._held) <= MOST_HELD:
                break
            tried = self.canary.version if self.canary else None
            if key not in ((bot_id, version), (self.bot_id, self.version), (self.bot_id, tried)):
                del self._held[key]
