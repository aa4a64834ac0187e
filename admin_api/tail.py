"""The end of a workspace's stream of changes, which `store/live.py` fills: read from a place on.

The stream keeps the latest changes only, and Redis may have lost it. So each look also asks for the oldest entry
that is kept: if that is newer than where the reader stands, something may have been lost, and he is told so.
An empty stream is begun by its first reader; or what comes first could not be told from what was left.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import orjson
import redis.asyncio

from store.live import KEPT, entry, stream

MOST = 200  # entries a look
BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class Entry:
    """Changes that were told together. `id`: the place after them."""

    id: str
    topic: str
    changes: list[dict[str, Any]]


class Tail:
    """One reader. `place` is where he stands; `begin` first, then `read` again and again."""

    def __init__(self, wire: redis.asyncio.Redis, workspace_id: UUID, place: str) -> None:
        self._wire: Any = wire
        self._key = stream(workspace_id)
        self.place = place

    async def begin(self) -> Literal["ready", "reset"]:
        """Stand where the reader stood, or at the end: `reset`, if he stood somewhere else before.

        Raises `RedisError`, `OSError`.
        """
        stood = _number(self.place)
        newest = await self._wire.xrevrange(self._key, count=1)
        if stood and newest and stood <= (_number(newest[0][0]) or stood) and not await self._lost():
            return "ready"
        lost = bool(self.place)
        await self.leap()
        return "reset" if lost else "ready"

    async def read(self) -> list[Entry] | None:
        """What came since. None: something is lost, and the reader stands at the end. Raises `RedisError`, `OSError`."""
        if await self._lost():
            await self.leap()
            return None
        found = await self._wire.xread({self._key: self.place}, count=MOST)
        rows = found[0][1] if found else []
        if rows:
            self.place = rows[-1][0].decode()
        return [
            Entry(key.decode(), fields[b"topic"].decode(), orjson.loads(fields[b"changes"]))
            for key, fields in rows
        ]

    async def leap(self) -> None:
        """Stand at the end, whatever was told before. Raises `RedisError`, `OSError`."""
        newest = await self._wire.xrevrange(self._key, count=1)
        if not newest:
            self.place = (await self._wire.xadd(self._key, entry(BEGUN, []), maxlen=KEPT)).decode()
        else:
            self.place = newest[0][0].decode()

    async def _lost(self) -> bool:
        oldest = await self._wire.xrange(self._key, count=1)
        return not oldest or (_number(oldest[0][0]) or (0, 0)) > (_number(self.place) or (0, 0))


def _number(place: "str | bytes") -> tuple[int, int] | None:
    """A place as it can be compared; None: it is none."""
    text = place.decode() if isinstance(place, bytes) else place
    found = re.fullmatch(r"(\d{1,20})-(\d{1,20})", text, re.ASCII)
    return (int(found[1]), int(found[2])) if found else None
