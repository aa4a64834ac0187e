"""Live fan-out: tell whoever watches a conversation that it changed. Best effort, over Redis PUBLISH.

Redis's own client costs 20 MB in every number's process; a PUBLISH is three lines of its protocol.
Without Redis, or while it is down, nothing is published and nobody waits.

Source: Redis serialization protocol specification (RESP2).
"""

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import Iterable
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

log = logging.getLogger(__name__)

RETRY_S = 5.0
CONNECT_S = 2.0
MOST_WAITING = 10_000


def channel(conversation_id: UUID) -> str:
    """The channel on which a conversation's changes are told."""
    return f"chatloom:conversation:{conversation_id}"


def number_channel(number_id: UUID) -> str:
    """The channel on which changes of a number's session are told."""
    return f"chatloom:number:{number_id}"


class Live:
    """One connection for publishing. `publish` never waits; `run` sends, for ever."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: set[UUID] = set()
        self._numbers: set[UUID] = set()
        self._some = asyncio.Event()

    def publish(self, conversations: Iterable[UUID]) -> None:
        """These changed. Told once each, soon."""
        if self._url and len(self._waiting) < MOST_WAITING:
            self._waiting.update(conversations)
            self._some.set()

    def publish_number(self, number_id: UUID) -> None:
        """The session of this number changed. Told once, soon."""
        if self._url:
            self._numbers.add(number_id)
            self._some.set()

    async def run(self) -> None:
        """Send what was published, until cancelled."""
        while self._url:
            try:
                await self._serve()
            except (OSError, TimeoutError, EOFError, ssl.SSLError) as error:
                log.info("Redis is away (%s); live views look by themselves", type(error).__name__)
                self._waiting.clear()
                self._numbers.clear()
                await asyncio.sleep(RETRY_S)
        await asyncio.Event().wait()

    async def _serve(self) -> None:
        reader, writer = await self._connect()
        drain = asyncio.create_task(_discard(reader))
        try:
            while not drain.done():
                await self._some.wait()
                self._some.clear()
                due = [*map(channel, self._waiting), *map(number_channel, self._numbers)]
                self._waiting, self._numbers = set(), set()
                now = str(time.time_ns() // 1_000_000)
                writer.write(b"".join(_command("PUBLISH", one, now) for one in due))
                await asyncio.wait_for(writer.drain(), CONNECT_S)
                await asyncio.sleep(0.005)
            raise EOFError
        finally:
            drain.cancel()
            writer.close()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await drain

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self._url)
        query = parse_qs(parts.query)
        if parts.scheme == "unix":
            opening = asyncio.open_unix_connection(unquote(parts.path))
            database = query.get("db", ["0"])[0]
        else:
            secure = ssl.create_default_context() if parts.scheme == "rediss" else None
            opening = asyncio.open_connection(parts.hostname or "127.0.0.1", parts.port or 6379, ssl=secure)
            database = parts.path.strip("/") or query.get("db", ["0"])[0]
        reader, writer = await asyncio.wait_for(opening, CONNECT_S)
        if parts.password:
            words = [unquote(one) for one in (parts.username, parts.password) if one]
            writer.write(_command("AUTH", *words))
        if database != "0":
            writer.write(_command("SELECT", database))
        return reader, writer


def _command(*words: str) -> bytes:
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        raw = word.encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(raw), raw))
    return b"".join(parts)


async def _discard(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass
