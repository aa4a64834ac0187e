"""The webhook doors, /hooks/{channel}/{app}: plain ASGI, nothing of FastAPI on the way.

A vendor's request is verified by its signature over the raw bytes, read by the channel's driver, and
answered only when everything in it is durable. What is not signed is refused and leaves nothing but a
count; what is signed and cannot be understood is kept whole in quarantine, and answered 200, since it would
only come again.
"""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import cast
from urllib.parse import parse_qsl, unquote

import orjson
from prometheus_client import Counter, Histogram
from starlette.types import Receive, Scope, Send

from admin_api.batcher import Batcher, Load
from admin_api.bounds import hear_out
from admin_api.services import Config
from schemas.ids import new_event_id
from schemas.problems import NotFound, Outside, Problem, Refused
from sessions import registry
from sessions.driver import Batch, Hooked
from store.directory import Directory, KnownApp, KnownNumber, SealerShelf, follow
from store.notify import Notifier
from store.pool import Database, pool
from store.problems import DatabaseUnreachable
from store.quarantine import QuarantineRow
from store.receipts import ReceiptRow
from store.roles import url_for

log = logging.getLogger(__name__)

MOST_BYTES = 3 << 20  # Meta's webhooks have at most 3 MB: developers.facebook.com/docs/graph-api/webhooks
POOL_WAIT_S = 3.0
MISS_PAUSE_S = 1.0

_REQUESTS = Counter("chatloom_door_requests", "Requests at the webhook doors", ["channel", "result"])
_QUARANTINED = Counter(
    "chatloom_door_quarantined", "Pieces of webhooks that could not be understood", ["channel"]
)
_SECONDS = Histogram(
    "chatloom_door_seconds",
    "From a webhook's first byte to its answer",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 3),
)


class BodyTooLarge(Refused):
    code = "door.body_too_large"
    status = 413
    sentence = "A webhook's body has at most {most} bytes."


class NotSigned(Refused):
    code = "door.not_signed"
    status = 401
    sentence = "The signature is missing or wrong."


class HandshakeRefused(Refused):
    code = "door.handshake_refused"
    status = 403
    sentence = "The verify token is not the app's."


class MethodUnknown(Refused):
    code = "door.method"
    status = 405
    sentence = "A door takes GET for the handshake and POST for webhooks."


class Doors:
    """All doors of a process. `open` them for as long as it serves."""

    def __init__(self, config: Config) -> None:
        self._database = Database(
            url_for(config.database_url, "door"),
            url_for(config.database_direct_url or config.database_url, "door"),
            config.prepare_threshold,
        )
        self._shelf = SealerShelf(config.masters)
        self._directory: Directory | None = None
        self._fresh = asyncio.Event()
        self._drivers: dict[str, type[Hooked]] = {}
        self._batcher: Batcher | None = None

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Follow apps and numbers, and write what comes in."""
        writers = pool(self._database, least=1, most=3)
        writers.timeout = POOL_WAIT_S
        async with writers:
            notifier = Notifier(writers)
            self._batcher = Batcher(writers, lambda: self._known().sealers, notifier.wake)
            tasks = [
                asyncio.create_task(follow(self._database, self._shelf, self._changed)),
                asyncio.create_task(self._batcher.run()),
            ]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await notifier.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        began = time.perf_counter()
        channel, _, name = unquote(scope["path"]).removeprefix("/hooks/").partition("/")
        try:
            result, text = await self._answer(scope, receive, channel, name.rstrip("/"))
            status, body, kind = 200, text.encode(), b"text/plain; charset=utf-8"
        except Problem as problem:
            result = problem.code.rpartition(".")[2]
            status, kind = problem.status, b"application/problem+json"
            body = orjson.dumps(problem.document(), default=str)
        _REQUESTS.labels(channel if channel in self._drivers else "unknown", result).inc()
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        if status == 503:
            headers.append((b"retry-after", b"5"))
        if status == 413:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        _SECONDS.observe(time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, channel: str, name: str) -> tuple[str, str]:
        app = await self._app(channel, name)
        door = self._drivers.get(channel)
        if door is None:
            door = self._drivers[channel] = cast("type[Hooked]", registry.driver(channel))
        match scope["method"]:
            case "GET":
                query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
                for secrets in app.secrets:
                    if (challenge := door.handshake(query, secrets)) is not None:
                        return "handshake", challenge
                raise HandshakeRefused
            case "POST":
                headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
                body = await _body(scope, headers, receive)
                if not any(door.verify(headers, body, secrets) for secrets in app.secrets):
                    raise NotSigned
                assert self._batcher is not None
                batch = door.read(body)
                if self._strangers(app, batch):
                    await self._refreshed()  # a number may have been added a moment ago
                load = self._sorted(app, batch, body)
                await self._batcher.take(load)
                _QUARANTINED.labels(channel).inc(len(load.unread))
                return "taken", ""
            case _:
                raise MethodUnknown

    async def _app(self, channel: str, name: str) -> KnownApp:
        """The app of a door. One that is unknown may be new: the directory is given a moment to learn it."""
        for last_try in (False, True):
            if self._directory and (found := self._directory.apps.get((channel, name))):
                return found
            if not last_try:
                await self._refreshed()
        if self._directory is None:
            raise DatabaseUnreachable(why="apps and numbers have not been read yet")
        raise NotFound(what="door", name=f"{channel}/{name}")

    def _sorted(self, app: KnownApp, batch: Batch, body: bytes) -> Load:
        """Each piece to its number; what is for no number of ours, to quarantine."""
        now = dt.datetime.now(dt.UTC)
        load = Load(spare=_kept(app, "webhook", now, body, ""))
        strangers = self._strangers(app, batch)
        for account, message in batch.messages:
            if number := self._number(app, account):
                load.messages.append((number.place, message))
        for account, receipt in batch.receipts:
            if number := self._number(app, account):
                place = number.place
                load.receipts.append(
                    ReceiptRow(
                        place.number_id,
                        place.workspace_id,
                        place.slot,
                        receipt.tracker,
                        receipt.provider_id,
                        receipt.status,
                        receipt.at,
                        receipt.error_code,
                        receipt.error,
                        receipt.pricing,
                    )
                )
        for account, unread in batch.unread:
            number = self._number(app, account)
            kept = _kept(app, "unread", now, unread.payload, unread.why)
            kept = kept._replace(source_id=unread.source_id)
            load.unread.append(kept._replace(number_id=number.place.number_id) if number else kept)
        if strangers:
            why = f"for {len(strangers)} numbers that are not among those of this app"
            load.unread.append(_kept(app, "webhook", now, body, why))
        return load

    def _strangers(self, app: KnownApp, batch: Batch) -> set[str]:
        accounts = {account for account, _ in (*batch.messages, *batch.receipts)}
        return {account for account in accounts if self._number(app, account) is None}

    def _number(self, app: KnownApp, account: str) -> KnownNumber | None:
        found = self._known().numbers.get((app.channel, account))
        if found is None or found.place.workspace_id != app.workspace_id:
            return None
        return found if found.app_id in (None, app.id) else None

    def _known(self) -> Directory:
        if self._directory is None:
            raise DatabaseUnreachable(why="apps and numbers have not been read yet")
        return self._directory

    def _changed(self, directory: Directory) -> None:
        self._directory = directory
        self._fresh.set()
        self._fresh = asyncio.Event()

    async def _refreshed(self) -> None:
        """Wait for a reading newer than now, for at most a moment; misses do not pile up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(MISS_PAUSE_S):
                await self._fresh.wait()


async def _body(scope: Scope, headers: Mapping[str, str], receive: Receive) -> bytes:
    if (said := headers.get("content-length", "")).isdigit() and int(said) > MOST_BYTES:
        await hear_out(scope, receive)
        raise BodyTooLarge(most=MOST_BYTES)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BrokenOff
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MOST_BYTES:
            if message.get("more_body"):
                await hear_out(scope, receive)
            raise BodyTooLarge(most=MOST_BYTES)
        if not message.get("more_body"):
            return b"".join(chunks)


class BrokenOff(Outside):
    code = "door.broken_off"
    status = 400
    sentence = "The request broke off."


def _kept(app: KnownApp, kind: str, at: dt.datetime, payload: bytes, error: str) -> QuarantineRow:
    return QuarantineRow(new_event_id(), app.workspace_id, None, app.id, "", None, kind, at, payload, error)
