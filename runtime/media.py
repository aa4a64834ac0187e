"""Media that contacts send: fetched from the channel beside the turns, kept sealed, and named in the message.
And media that people send, which the channel is given before the message that names them (`Uploads`).

A fetch is a row of `action_calls` of kind `fetch_media`, made by the turn that takes the message. It ends with
the message's content written anew: `ready` with our address of the bytes, or `gone` with nothing. The event
stays as it came. Bytes that a crash left without a row are fetched again and are the same blob.
"""

import asyncio
import datetime as dt
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import cast
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from runtime import metrics
from runtime.ledger import Ledger
from runtime.owner import Tenure, clock
from runtime.settings import RuntimeSettings
from schemas.events import Received
from schemas.ids import derived_id
from schemas.messages import Media, Outgoing
from schemas.problems import NotFound, Refused
from sessions.driver import Driver, Fetching, LoggedOut, Rejected, Throttled, Unreachable, Uploading
from store.action_calls import CallRow, OpenCall, Progress
from store.media import MOST_BYTES
from store.media import Media as Blobs
from store.messages import Content
from store.pool import Pool, lent

log = logging.getLogger(__name__)

KIND = "fetch_media"
AT_ONCE = 4  # each holds a whole file in memory
MOST_PAUSE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Fetch:
    """A file to fetch. `message` is the message that brought it."""

    id: UUID
    conversation_id: UUID
    message: UUID
    media: Media


_codec: TypeAdapter[Fetch] = TypeAdapter(Fetch)


def fetch_of(conversation_id: UUID, event: Received) -> Fetch | None:
    """The fetch that a message asks for, if it does."""
    content = event.message.content
    if not isinstance(content, Media) or content.state != "pending":
        return None
    return Fetch(derived_id(event.id, "media"), conversation_id, event.id, content)


def row_of(fetch: Fetch, now: dt.datetime) -> CallRow:
    """Its row."""
    return CallRow(fetch.id, fetch.conversation_id, KIND, "", "", 0, _codec.dump_json(fetch), now)


class Fetches:
    """One number's. `on_changed` gets the conversation whose transcript has changed."""

    def __init__(
        self,
        settings: RuntimeSettings,
        tenure: Tenure,
        ledger: Ledger,
        driver: Driver,
        blobs: Blobs,
        desk: Pool,
        on_changed: Callable[[UUID], None],
    ) -> None:
        self._settings = settings
        self._tenure = tenure
        self._ledger = ledger
        self._driver = driver
        self._blobs = blobs
        self._desk = desk
        self._on_changed = on_changed
        self._most = dict(driver.capabilities.media_bytes)
        self._turnstile = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[UUID, tuple[UUID, asyncio.Task[None]]] = {}

    @property
    def able(self) -> bool:
        """Whether the channel lets files be fetched."""
        return hasattr(self._driver, "fetch")

    def begin(self, fetch: Fetch, created_at: dt.datetime) -> None:
        """A turn was committed that asks for this."""
        self._add(fetch, created_at, 0, 0.0)

    def resume(self, rows: list[OpenCall]) -> None:
        """Take fetches that were read back; those already here are left alone."""
        now = dt.datetime.now(dt.UTC)
        for row in rows:
            if row.id not in self._tasks:
                pause = max(0.0, (row.due_at - now).total_seconds())
                self._add(_codec.validate_json(row.request), row.created_at, row.attempt, pause)

    def forget(self, conversation_id: UUID) -> None:
        """A contact is erased: what his messages brought is not fetched any more."""
        for key in [key for key, (of, _) in self._tasks.items() if of == conversation_id]:
            _, task = self._tasks.pop(key)
            task.cancel()

    async def run(self) -> None:
        """Hold them until cancelled. What is not done then is read back by the next process."""
        try:
            await asyncio.Event().wait()
        finally:
            tasks = [task for _, task in self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _add(self, fetch: Fetch, created_at: dt.datetime, attempt: int, pause_s: float) -> None:
        task = asyncio.create_task(self._fetch(fetch, created_at, attempt, pause_s))
        task.add_done_callback(_ended)
        self._tasks[fetch.id] = fetch.conversation_id, task

    async def _fetch(self, fetch: Fetch, created_at: dt.datetime, attempt: int, pause_s: float) -> None:
        until = created_at + dt.timedelta(seconds=self._settings.send_give_up_s)
        while True:
            await asyncio.sleep(pause_s)
            async with self._turnstile:
                await self._tenure.until_alive()
                attempt += 1
                began = clock()
                ref, why, pause = await self._try(fetch, attempt)
                metrics.action_seconds.labels("ok" if ref else "failed").observe(clock() - began)
            due = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=pause or 0.0)
            if pause is None or due > until:
                self._finish(fetch, attempt, ref, why)
                return
            self._ledger.page.progress.append(Progress(fetch.id, "queued", attempt, due, why))
            self._ledger.touch()
            pause_s = pause

    async def _try(self, fetch: Fetch, attempt: int) -> tuple[str, str, float | None]:
        """Our address of the bytes, else why not; and the seconds until another try makes sense, or None."""
        pause = min(MOST_PAUSE_S, self._settings.send_backoff_s * 4.0 ** min(attempt - 1, 8))
        pause *= random.uniform(0.75, 1.25)
        most = self._most.get(fetch.media.kind, MOST_BYTES)
        try:
            plain = await cast("Fetching", self._driver).fetch(fetch.media, most)
            async with lent(self._desk) as conn:
                return await self._blobs.keep(conn, plain, fetch.media.mime), "", None
        except Throttled as problem:
            return "", problem.code, max(pause, problem.retry_in_s or 0.0)
        except LoggedOut as problem:
            return "", problem.code, pause
        except Refused as problem:
            return "", problem.code, None
        except Exception as error:  # noqa: BLE001  the channel, the disk or the database: none is the message's fault
            log.warning("a file could not be fetched: %s", type(error).__name__)
            return "", type(error).__name__, pause

    def _finish(self, fetch: Fetch, attempt: int, ref: str, why: str) -> None:
        media = replace(fetch.media, state="ready" if ref else "gone", ref=ref)
        page, now = self._ledger.page, dt.datetime.now(dt.UTC)
        page.contents.append(Content(fetch.message, orjson.dumps(media), ref))
        state = "done" if ref else "failed"
        page.progress.append(Progress(fetch.id, state, attempt, now, why, orjson.dumps({"ref": ref})))
        self._ledger.then(partial(self._done, fetch))
        self._ledger.touch(urgent=True)

    def _done(self, fetch: Fetch) -> None:
        self._tasks.pop(fetch.id, None)
        self._on_changed(fetch.conversation_id)


class Uploads:
    """One number's: files that are kept here, given to a channel that takes bytes first."""

    def __init__(self, driver: Driver, blobs: Blobs) -> None:
        self._driver = driver
        self._blobs = blobs

    async def ready(self, body: Outgoing) -> Outgoing:
        """A message as the driver can send it: its file by the channel's id. Raises as `Driver.send` does."""
        if not isinstance(body, Media) or not body.ref or body.provider_ref or body.link:
            return body
        if not hasattr(self._driver, "upload"):
            return body
        try:
            plain = await self._blobs.read(body.ref)
            ref = await cast("Uploading", self._driver).upload(plain, body.mime, body.filename, body.kind)
        except NotFound as problem:
            raise Rejected("no_media", "the file is no longer kept here") from problem
        except OSError as error:
            raise Unreachable(f"the file could not be read ({type(error).__name__})") from error
        except Unreachable as problem:
            raise Unreachable(problem.facts["why"]) from problem  # the message itself was not on its way
        return replace(body, provider_ref=ref)


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a fetch failed by our own fault", exc_info=error)
