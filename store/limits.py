"""Counting in a window: in Redis, shared by all processes; in this process while Redis is away."""

import ipaddress
import time
from collections import OrderedDict
from dataclasses import dataclass, field

import redis.asyncio
from redis.exceptions import RedisError

MOST_CALLERS = 10_000  # remembered in the process, the least recent forgotten

_SCRIPT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""


def household(address: str) -> str:
    """By what an address is counted: itself, or of IPv6 the /64, all of which one customer has."""
    try:
        return str(ipaddress.ip_interface(f"{ipaddress.IPv6Address(address.partition('%')[0])}/64").network)
    except ValueError:
        return address


@dataclass
class Limit:
    """At most `most` a `window_s` for each name."""

    most: int
    window_s: int
    wire: "redis.asyncio.Redis | None" = None
    _local: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict[str, tuple[float, int]])

    async def retry_in(self, name: str) -> int | None:
        """Count one for `name`. None: it is within the limit; else the seconds until the window ends."""
        if not self.most:
            return None
        count, left = await self._count(name)
        return None if count <= self.most else max(1, left)

    async def _count(self, name: str) -> tuple[int, int]:
        if self.wire is not None:
            try:
                count, left = await self.wire.eval(_SCRIPT, 1, f"chatloom:limit:{name}", str(self.window_s))
                return int(count), int(left)
            except (RedisError, OSError):
                pass  # the process counts until Redis is back
        now = time.monotonic()
        ends, count = self._local.pop(name, (0.0, 0))
        if ends <= now:
            ends, count = now + self.window_s, 0
        self._local[name] = (ends, count + 1)
        if len(self._local) > MOST_CALLERS:
            self._local.popitem(last=False)
        return count + 1, round(ends - now)


@dataclass
class Once:
    """Things that may happen once."""

    wire: "redis.asyncio.Redis | None" = None
    _local: OrderedDict[str, None] = field(default_factory=OrderedDict[str, None])

    async def first(self, name: str, life_s: int) -> bool:
        """Whether this is the first time for `name`, remembered for `life_s`."""
        if name in self._local:
            return False
        self._local[name] = None
        if len(self._local) > MOST_CALLERS:
            self._local.popitem(last=False)
        if self.wire is not None:
            try:
                return bool(await self.wire.set(f"chatloom:once:{name}", "1", nx=True, ex=life_s))
            except (RedisError, OSError):
                pass  # this process remembers
        return True
