"""Plays Meta: webhooks that were signed beforehand, over raw keep-alive connections, at a rate or as room allows.

Times are those of the monotonic clock in ns, which all processes of a machine share.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from tests.installation import APP, SECRET
from tests.webhooks import inbound_text, signed_request

TALK = ("hi", "tea", "Ana", "3", "yes")  # what a contact says to bench/bots/orders, in a circle
TICK_S = 0.001


@dataclass(slots=True)
class Shot:
    """One webhook: when its first byte was written and when its answer was read; the answer's status."""

    contact: str
    raw: bytes
    sent_ns: int = 0
    answered_ns: int = 0
    status: int = 0


class Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._read = b""
        self._done: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._read[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._read) < end + 4 + length:
            return
        body, self._read = self._read[end + 4 : end + 4 + length], b""
        done, self._done = self._done, None
        if done is not None and not done.done():
            done.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(ConnectionResetError("the connection broke"))

    def request(self, raw: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Write a whole request; the answer's status and body come in the future."""
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(raw)
        return self._done

    def close(self) -> None:
        self._transport.abort()


async def dial(host: str, port: int) -> Line:
    """A connection."""
    _, line = await asyncio.get_running_loop().create_connection(Line, host, port)
    return line


class Load:
    """Connections to one door. `async with` it."""

    def __init__(self, port: int, connections: int = 128) -> None:
        self._port = port
        self._count = connections
        self._idle: list[Line] = []
        self._freed = asyncio.Event()
        self._under_way = 0

    async def __aenter__(self) -> Self:
        self._idle = [await dial("127.0.0.1", self._port) for _ in range(self._count)]
        self._all = list(self._idle)
        return self

    async def __aexit__(self, *_: object) -> None:
        for line in self._all:
            line.close()

    async def at_rate(self, shots: Sequence[Shot], per_s: float) -> None:
        """Send each at its moment, whether or not earlier ones were answered; returns when all were."""
        began = time.monotonic()
        sent = 0
        while sent < len(shots):
            due = min(len(shots), int((time.monotonic() - began) * per_s) + 1)
            while sent < due and self._idle:
                self._send(shots[sent])
                sent += 1
            await asyncio.sleep(TICK_S)
        await self._all_answered()

    async def as_room_allows(self, shots: Iterable[Shot], room: "Room") -> int:
        """Send while fewer than the room's bound are unanswered by the bot; returns how many were sent."""
        sent = 0
        for shot in shots:
            while not self._idle:
                self._freed.clear()
                await self._freed.wait()
            await room.enter()
            if room.closed:
                break
            self._send(shot)
            sent += 1
        await self._all_answered()
        return sent

    def _send(self, shot: Shot) -> None:
        line = self._idle.pop()
        self._under_way += 1
        shot.sent_ns = time.monotonic_ns()

        def answered(done: asyncio.Future[tuple[int, bytes]]) -> None:
            shot.answered_ns = time.monotonic_ns()
            shot.status = done.result()[0] if done.exception() is None else 0
            self._idle.append(line)
            self._under_way -= 1
            self._freed.set()

        line.request(shot.raw).add_done_callback(answered)

    async def _all_answered(self) -> None:
        while self._under_way:
            self._freed.clear()
            await self._freed.wait()


class Room:
    """How many messages may wait for a reply: the stub's count of what it took makes room."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entered = 0
        self._left = 0
        self._made = asyncio.Event()
        self.closed = False

    async def enter(self) -> None:
        while self._entered - self._left >= self._most and not self.closed:
            self._made.clear()
            await self._made.wait()
        self._entered += 1

    def replied(self, count: int) -> None:
        """So many replies were taken since the beginning."""
        self._left = count
        self._made.set()

    async def counted(self) -> int:
        """How many replies there were, at the next count."""
        self._made.clear()
        await self._made.wait()
        return self._left

    def close(self) -> None:
        """No more."""
        self.closed = True
        self._made.set()


def shots(
    host: str, accounts: Sequence[str], contacts: Sequence[str], count: int, run: str, first: int = 0
) -> list[Shot]:
    """`count` webhooks: contacts in turn, each with the next line of the talk. A contact writes to one number.

    `first`: how many lines each contact has said already.
    """
    made: list[Shot] = []
    for index in range(count):
        place = index % len(contacts)
        said = first + index // len(contacts)
        account = accounts[place % len(accounts)]
        text = TALK[said % len(TALK)]
        wamid = f"wamid.{run}.{place}.{said}"
        body = inbound_text(account, contacts[place], text, wamid, at=int(time.time()))
        made.append(Shot(contacts[place], signed_request(body, SECRET, f"/hooks/cloud_api/{APP}", host)))
    return made
