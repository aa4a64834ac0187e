"""Live views: what routes tell them, and their waiting: woken through Redis, looking by oneself where that is away.

What the number's process publishes is best effort (`store/live.py`), so a view that is woken still looks now
and then; without Redis it looks often.
"""

import asyncio
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

import redis.asyncio
from redis.exceptions import RedisError

from store.admin.desk import Session
from store.live import Topic

POLL_S = 0.25
WOKEN_POLL_S = 1.0
RETRY_S = 5.0


class Told(NamedTuple):
    """What changed: `kind` says how, `ids` what."""

    topic: Topic
    kind: str
    ids: dict[str, object]


def tell(db: Session, topic: Topic, kind: str, **ids: object) -> None:
    """Tell live views, once the route's transaction has committed. Ids and names, never what somebody wrote."""
    db.info.setdefault("told", []).append(Told(topic, kind, ids))


def told(db: Session) -> list[Told]:
    """What `tell` was told in a transaction."""
    return db.info.get("told", [])


class Watch:
    """One view's ear. `follow` names the channel, `pause` waits until it is worth looking again."""

    def __init__(self, wire: redis.asyncio.Redis | None, closing: asyncio.Event) -> None:
        self._wire = wire
        self._closing = closing
        self._ear: Any = None
        self._not_before = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._leave()

    async def follow(self, channel: str) -> None:
        """Be woken by this channel of `store/live.py`, if Redis is there. To repeat is to reconnect where that is due.

        Call it before looking: what changes in between is then heard.
        """
        if self._wire is None or self._ear is not None or time.monotonic() < self._not_before:
            return
        self._ear = self._wire.pubsub()
        try:
            await self._ear.subscribe(channel)
        except (RedisError, OSError):
            await self._leave()

    async def pause(self) -> None:
        """Until something was said, the next look is due, or the process is about to end."""
        closing = asyncio.create_task(self._closing.wait())
        hearing = asyncio.create_task(self._hear())
        try:
            await asyncio.wait((closing, hearing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (closing, hearing):
                task.cancel()
            await asyncio.gather(closing, hearing, return_exceptions=True)

    async def _hear(self) -> None:
        if self._ear is None:
            await asyncio.sleep(POLL_S)
            return
        until = time.monotonic() + WOKEN_POLL_S
        try:
            while (left := until - time.monotonic()) > 0:
                if await self._ear.get_message(ignore_subscribe_messages=True, timeout=left):
                    return
        except (RedisError, OSError):
            await self._leave()

    async def _leave(self) -> None:
        """Look by ourselves for a while."""
        ear, self._ear = self._ear, None
        self._not_before = time.monotonic() + RETRY_S
        if ear is not None:
            with suppress(RedisError, OSError):
                await ear.aclose()
