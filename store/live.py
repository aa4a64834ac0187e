"""Live fan-out: tell whoever watches what changed. Best effort, over Redis.

Each change goes into its workspace's stream, which holds the latest `KEPT` and is read by `admin_api/tail.py`, and
wakes who waits on a channel: that of the workspace, of the conversation, of the number. Told are ids and kinds.

Redis's own client costs 20 MB in every number's process; what we say is three lines of its protocol.
Without Redis, or while it is down, nothing is published and nobody waits.

Source: Redis serialization protocol specification (RESP2).
"""

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Literal, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import orjson

log = logging.getLogger(__name__)

RETRY_S = 5.0
CONNECT_S = 2.0
SETTLE_S = 1.0
MOST_WAITING = 10_000
KEPT = 10_000  # entries of a workspace's stream
TOGETHER = 100  # changes of conversations in one entry

Topic = Literal["numbers", "conversations", "drafts", "jobs"]


class _Told(NamedTuple):
    """An entry of a workspace's stream."""

    workspace: UUID
    topic: Topic | Literal["reset"]
    changes: list[dict[str, object]]


def channel(conversation_id: UUID) -> str:
    """The channel on which a conversation's changes are told."""
    return f"chatloom:conversation:{conversation_id}"


def number_channel(number_id: UUID) -> str:
    """The channel on which changes of a number's session are told."""
    return f"chatloom:number:{number_id}"


def stream(workspace_id: UUID) -> str:
    """The stream of a workspace's changes, and the channel on which it is said that there are new ones."""
    return f"chatloom:live:{workspace_id}"


def entry(topic: str, changes: list[dict[str, object]]) -> dict[str, str]:
    """The fields of an entry of the stream."""
    return {"topic": topic, "changes": orjson.dumps(changes).decode()}


class Live:
    """One connection for publishing. What is published never waits; `run` sends, for ever.

    Where something could not be sent, `reset` is told in its place, so that who listens looks for himself.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._conversations: dict[tuple[UUID, UUID], dict[UUID, set[str]]] = {}
        self._waiting = 0
        self._numbers: set[UUID] = set()
        self._told: list[_Told] = []
        self._gaps: set[UUID] = set()
        self._unsure: set[UUID] = set()  # told by this connection, which says of nothing that it arrived
        self._some = asyncio.Event()
        self._sent = asyncio.Event()

    def publish(self, workspace_id: UUID, number_id: UUID, changed: Mapping[UUID, Iterable[str]]) -> None:
        """These conversations of a number changed, each in these ways. Told once each, soon."""
        if not self._url or not changed:
            return
        if self._waiting >= MOST_WAITING:
            self._gaps.add(workspace_id)
        else:
            kinds = self._conversations.setdefault((workspace_id, number_id), {})
            for one, how in changed.items():
                kinds.setdefault(one, set()).update(how)
            self._waiting += len(changed)
        self._some.set()

    def publish_number(self, workspace_id: UUID, number_id: UUID) -> None:
        """The state of this number, or of its session, changed. Told once, soon."""
        if self._url and number_id not in self._numbers:
            self._numbers.add(number_id)
            self.tell(workspace_id, "numbers", "state", number=number_id)

    def tell(self, workspace_id: UUID, topic: Topic, kind: str, **ids: object) -> None:
        """Something changed. `kind` says how; `ids` what: ids, names and versions, never what somebody wrote."""
        if not self._url:
            return
        if len(self._told) >= MOST_WAITING:
            self._gaps.add(workspace_id)
        else:
            self._told.append(_Told(workspace_id, topic, [{"kind": kind, **ids}]))
        self._some.set()

    async def run(self) -> None:
        """Send what was published, until cancelled."""
        while self._url:
            try:
                await self._serve()
            except (OSError, TimeoutError, EOFError, ssl.SSLError) as error:
                log.info("Redis is away (%s); live views look by themselves", type(error).__name__)
                self._gaps |= self._unsure
                self._unsure.clear()
                await asyncio.sleep(RETRY_S)
        await asyncio.Event().wait()

    async def settle(self) -> None:
        """What was published has been sent, or a moment has passed."""
        if self._url and self._some.is_set():
            self._sent.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._sent.wait(), SETTLE_S)

    async def _serve(self) -> None:
        reader, writer = await self._connect()
        drain = asyncio.create_task(_discard(reader))
        try:
            while True:
                await self._some.wait()
                if drain.done():  # Redis ended the connection: what waits goes by the next one
                    raise EOFError
                writer.write(self._take())
                await asyncio.wait_for(writer.drain(), CONNECT_S)
                self._sent.set()
                await asyncio.sleep(0.005)
        finally:
            drain.cancel()
            writer.close()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await drain

    def _take(self) -> bytes:
        """The commands for all that waits, which waits no more."""
        self._some.clear()
        told = [*(_Told(one, "reset", []) for one in self._gaps), *self._told]
        self._told, self._gaps = [], set()
        woken = [*map(number_channel, self._numbers)]
        for (workspace, number), kinds in self._conversations.items():
            woken += map(channel, kinds)
            changes: list[dict[str, object]] = [
                {"kind": kind, "number": number, "conversation": one}
                for one, how in kinds.items()
                for kind in sorted(how)
            ]
            for start in range(0, len(changes), TOGETHER):
                told.append(_Told(workspace, "conversations", changes[start : start + TOGETHER]))
        self._conversations, self._numbers, self._waiting = {}, set(), 0
        said = [_added(stream(one.workspace), entry(one.topic, one.changes)) for one in told]
        now = str(time.time_ns() // 1_000_000)
        workspaces = {one.workspace for one in told}
        self._unsure |= workspaces
        woken += map(stream, workspaces)
        return b"".join([*said, *(_command("PUBLISH", one, now) for one in woken)])

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


def _added(key: str, fields: Mapping[str, str]) -> bytes:
    return _command("XADD", key, "MAXLEN", "~", str(KEPT), "*", *chain.from_iterable(fields.items()))


def _command(*words: str) -> bytes:
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        raw = word.encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(raw), raw))
    return b"".join(parts)


async def _discard(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass
