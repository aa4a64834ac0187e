"""Which compiled bot a conversation uses: a run keeps the version that it began with, a new one gets the deployed.

While a canary is open, a share of the contacts gets its version with their new runs: always the same ones, since the
contact's id and the canary's decide.
"""

import asyncio
import datetime as dt
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from flows.state import State
from flows.texts import stable_share
from flows.turn import Turn, View
from schemas.events import Event, Migrated, Restarted
from store import custom_actions, numbers
from store.custom_actions import Declared
from store.numbers import Canary, Pushed, Wanted
from store.pool import Connection
from store.problems import DatabaseUnreachable

log = logging.getLogger(__name__)

MOST_HELD = 8

Compile = Callable[[Pushed, int, Sequence[Declared]], Any]
Advance = Callable[[Any, State, Event, View], Turn]
Migrate = Callable[[Any, Any, State, Migrated, View], Turn]


class Serving:
    """The compiled versions of a number's bot. `compile`, `advance` and `migrate` are the engine's."""

    def __init__(self, compile: Compile, advance: Advance, migrate: Migrate) -> None:
        self._compile = compile
        self.advance = advance
        self.migrate = migrate
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
            stale = bot_id != self.bot_id or wanted.actions_at != self._actions_at
            held = OrderedDict[tuple[UUID, int], Any]() if stale else self._held
            if bot_id is not None and version is not None and (bot_id, version) not in held:
                try:  # what is served until then stays held: turns go on meanwhile
                    held[bot_id, version] = await self._compile_one(conn, bot_id, version)
                except Exception:
                    if self.version is None:
                        raise
                    log.exception("version %d of bot %s cannot be served", version, bot_id)
                    return
            self._held = held
            self.bot_id, self.version, self.canary = bot_id, version, None
            self._actions_at = wanted.actions_at
            self._trim(())
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

    def versions_for(self, state: State, event: Event, contact: UUID) -> set[int]:
        """The versions that this event meets: that of `version_for`, and the one that a run is to go on with."""
        version = self.version_for(state, event, contact)
        if version is None:
            return set()
        return {version, event.version} if isinstance(event, Migrated) and state.run else {version}

    def compiled(self, version: int) -> Any | None:
        """A version that is held."""
        if self.bot_id is None:
            return None
        found = self._held.get((self.bot_id, version))
        if found is not None and version != self.version:
            self._held.move_to_end((self.bot_id, version))
        return found

    async def ensure(self, conn: Connection, versions: set[int]) -> set[int]:
        """Hold these versions together, for the batch that needs them. Those that cannot be compiled come back, and are logged."""
        failed: set[int] = set()
        for version in sorted(versions):
            bot_id, held = self.bot_id, self._held
            if bot_id is not None and (bot_id, version) not in held:
                try:
                    held[bot_id, version] = await self._compile_one(conn, bot_id, version)
                except DatabaseUnreachable:
                    raise
                except Exception:
                    failed.add(version)
                    log.exception("version %d of bot %s cannot be compiled", version, bot_id)
        self._trim(versions)
        return failed

    async def _compile_one(self, conn: Connection, bot_id: UUID, version: int) -> Any:
        pushed = await numbers.pushed(conn, bot_id, version)
        declared = await custom_actions.declared(conn, bot_id)
        return await asyncio.to_thread(self._compile, pushed, version, declared)

    def _trim(self, needed: Collection[int]) -> None:
        """Let the least recently used go, down to the bound; not what is needed, however many those are."""
        stays = {*needed, self.version, self.canary.version if self.canary else None}
        for key in list(self._held):
            if len(self._held) <= MOST_HELD:
                break
            if key[1] not in stays:
                del self._held[key]
