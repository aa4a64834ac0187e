"""Who is looking at something right now, and who is writing there: in Redis, shared by all processes; in this process
while Redis is away.

A view says every few seconds that it is still there. What it does not say for `LIFE_S` is forgotten.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import redis.asyncio
from redis.exceptions import RedisError

LIFE_S = 15.0
MOST_PLACES = 10_000  # remembered in the process, the least recent forgotten
MOST_HERE = 200  # in one place


class Here(NamedTuple):
    """One view. `user`: whose it is, None: a program's; `tab`: which of his; `where`: at what part of it."""

    tab: str
    user: UUID | None
    name: str
    doing: str
    where: str
    at: float

    def same(self, other: "Here | None") -> bool:
        """Whether both say the same, whenever they did."""
        return other is not None and self._replace(at=other.at) == other


@dataclass
class Presence:
    """Who is where. `wire` None: counted in this process alone."""

    wire: "redis.asyncio.Redis | None" = None
    _local: OrderedDict[str, dict[str, bytes]] = field(default_factory=OrderedDict[str, dict[str, bytes]])

    async def here(self, place: str) -> list[Here]:
        """Who is there, in the order of their tabs."""
        return _living(await self._read(place))

    async def enter(self, place: str, one: Here) -> tuple[list[Here], bool]:
        """Say that a view is there. Who else is, and whether this is news."""
        found = _living(await self._read(place))
        before = next((each for each in found if each.tab == one.tab), None)
        others = [each for each in found if each.tab != one.tab]
        if before is not None or len(found) < MOST_HERE:
            await self._write(place, one.tab, orjson.dumps(tuple(one)))
        return others, not one.same(before)

    async def leave(self, place: str, tab: str) -> bool:
        """Say that a view is gone. Whether it was there."""
        found = _living(await self._read(place))
        await self._write(place, tab, None)
        return any(each.tab == tab for each in found)

    async def _read(self, place: str) -> dict[str, bytes]:
        wire: Any = self.wire
        if wire is not None:
            try:
                held = await wire.hgetall(_key(place))
                return {tab.decode(): said for tab, said in held.items()}
            except (RedisError, OSError):
                pass  # this process remembers
        return dict(self._local.get(place, {}))

    async def _write(self, place: str, tab: str, said: bytes | None) -> None:
        wire: Any = self.wire
        if wire is not None:
            try:
                if said is None:
                    await wire.hdel(_key(place), tab)
                else:
                    async with wire.pipeline(transaction=True) as both:
                        both.hset(_key(place), tab, said)
                        both.expire(_key(place), int(LIFE_S))
                        await both.execute()
                return
            except (RedisError, OSError):
                pass
        tabs = self._local.pop(place, {})
        tabs = {each.tab: orjson.dumps(tuple(each)) for each in _living(tabs) if each.tab != tab}
        if said is not None:
            tabs[tab] = said
        if tabs:
            self._local[place] = tabs
        if len(self._local) > MOST_PLACES:
            self._local.popitem(last=False)


def _key(place: str) -> str:
    return f"chatloom:presence:{place}"


def _living(said: dict[str, bytes]) -> list[Here]:
    found: list[Here] = []
    for _, each in sorted(said.items()):
        tab, user, *rest = orjson.loads(each)
        one = Here(tab, UUID(user) if user else None, *rest)
        if one.at > time.time() - LIFE_S:
            found.append(one)
    return found
