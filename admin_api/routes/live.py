"""What changes, as it changes: one stream of server-sent events."""

import time
from collections.abc import AsyncGenerator
from typing import Annotated, Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from redis.exceptions import RedisError
from typing_extensions import TypedDict

from admin_api.callers import CALLING, Caller, Open, Role, RoleTooLow, ScopeMissing, Viewer, identified
from admin_api.live import RETRY_S, Watch
from admin_api.problems import InputUnfit, problems
from admin_api.services import Services
from admin_api.streams import AGAIN, HERE, streamed, streaming, written
from admin_api.tail import Entry, Tail
from schemas.problems import Outside
from store.live import Topic, stream

PING_S = 15.0
ASK_S = 5.0  # how often it is asked again whether the caller may still listen
AWAY_RESET_S = 5.0  # while nothing is told: how often who listens is to look by himself
WORDS = ("ready", "reset")
NEEDS: dict[Topic, tuple[Role, str]] = {
    "numbers": (Role.viewer, "numbers"),
    "conversations": (Role.agent, "conversations"),
    "drafts": (Role.viewer, "bots"),
    "jobs": (Role.admin, "jobs"),
}

router = APIRouter(prefix="/live", tags=["live"], responses=problems(*CALLING, InputUnfit))

_SAID = """event: ready
id: 1764100000000-0
data: {}

event: conversations
id: 1764100001234-0
data: {"kind":"message","number":"0192f3a4-7d1e-7c51-9a53-0b7d2f6f7b11","conversation":"0192f3a4-7d1e-8c51-9a53-0b7d2f6f7b12"}
"""


class NothingOut(BaseModel):
    """The event's name says all."""


class NumberChangeOut(BaseModel):
    """How a number changed."""

    kind: Literal["added", "changed", "assigned", "state", "removed"]
    number: UUID


class ConversationChangeOut(BaseModel):
    """How a conversation changed."""

    kind: Literal["message", "state", "handed_off", "given_back", "note", "task", "presence"]
    number: UUID
    conversation: UUID


class DraftSavedOut(BaseModel):
    """A draft was saved; it has this ETag now."""

    kind: Literal["saved"]
    bot: str
    etag: str


class DraftPublishedOut(BaseModel):
    """A bot has a new version."""

    kind: Literal["published"]
    bot: str
    version: int


class DraftPresenceOut(BaseModel):
    """Who has a bot's draft open."""

    kind: Literal["presence"]
    bot: str


class JobChangeOut(BaseModel):
    """What becomes of a job: `started` says that it was ordered."""

    kind: Literal["started", "begun", "progress", "done", "failed", "cancelled"]
    job: UUID


class LiveEvents(TypedDict, total=False):
    """What the stream of changes tells.

    `ready`: it is told from here on. `reset`: something may have been missed. `ended`: the caller may not listen any more.
    """

    ready: NothingOut
    reset: NothingOut
    ended: NothingOut
    numbers: NumberChangeOut
    conversations: ConversationChangeOut
    drafts: DraftSavedOut | DraftPublishedOut | DraftPresenceOut
    jobs: JobChangeOut


@router.get(
    "",
    summary="Watch what changes",
    response_class=StreamingResponse,
    responses=streamed(LiveEvents, "`ready` or `reset` comes first.", _SAID),
)
async def live(
    request: Request,
    open_here: Open,
    who: Viewer,
    topics: Annotated[
        str,
        Query(
            pattern=r"^((numbers|conversations|drafts|jobs)(,|$))*$",
            description="Which, with commas between them; left out: all that the caller may see.",
            examples=["numbers,conversations"],
        ),
    ] = "",
    last_event_id: Annotated[
        str, Header(max_length=64, description="The `id` of the last event that was seen.")
    ] = "",
) -> StreamingResponse:
    """Server-sent events named by topic. Their data says what changed, by ids, and how, as `kind`; never what was said.

    `ready` comes first. Who comes again with `Last-Event-ID` gets what he missed, or `reset` where that is no longer
    known: then read anew what is shown. While Redis is away there is only `reset`, every 5 seconds. `ended` comes
    last, when the caller's token or key ends, or what he may see changes. A kind may be told twice.
    """
    wanted = _wanted(who, topics)
    return streaming(_stream(open_here, who, wanted, last_event_id, request.headers.get("authorization", "")))


def _wanted(who: Caller, topics: str) -> frozenset[str]:
    """The topics that are asked for. Raises `RoleTooLow`, `ScopeMissing` for one that the caller may not see."""
    asked = {topic for topic in get_args(Topic) if topic in topics.split(",")}
    for topic in asked:
        role, scope = NEEDS[topic]
        if who.role < role:
            raise RoleTooLow(needs=role.name, have=who.role.name)
        if not _in_scope(who, scope):
            raise ScopeMissing(needs=scope, have=", ".join(who.scopes or ()))
    return frozenset(
        asked
        or {topic for topic, (role, scope) in NEEDS.items() if who.role >= role and _in_scope(who, scope)}
    )


def _in_scope(who: Caller, scope: str) -> bool:
    return who.scopes is None or not {scope, f"{scope}:read"}.isdisjoint(who.scopes)


async def _stream(
    open_here: Services, who: Caller, topics: frozenset[str], seen: str, authorization: str
) -> AsyncGenerator[bytes]:
    yield AGAIN
    line = _Line(open_here, who, seen)
    asked_at = spoke_at = time.monotonic()
    async with Watch(open_here.redis, open_here.closing) as watch:
        while not open_here.closing.is_set():
            if time.monotonic() - asked_at > ASK_S:
                try:
                    now = await identified(open_here, authorization, who.address)
                except Outside:
                    return  # the database is away: who listens comes again
                if now != who:
                    yield written(LiveEvents(ended=NothingOut()))
                    return
                asked_at = time.monotonic()
            await watch.follow(stream(who.workspace))
            said = [each for told in await line.look() for each in _events(told, topics)]
            if said:
                yield b"".join(said)
                spoke_at = time.monotonic()
            elif time.monotonic() - spoke_at > PING_S:
                yield HERE
                spoke_at = time.monotonic()
            if not line.more:
                await watch.pause()


class _Line:
    """What one listener is told: entries of the stream, and the words `ready` and `reset`. `more`: look again at once."""

    def __init__(self, open_here: Services, who: Caller, seen: str) -> None:
        self.more = False
        self._tail = Tail(open_here.redis, who.workspace, seen) if open_here.redis is not None else None
        self._begun = self._away = False
        self._again_at = self._reset_at = 0.0

    async def look(self) -> list[Entry]:
        """What is new."""
        self.more = False
        now = time.monotonic()
        if self._tail is not None and now >= self._again_at:
            try:
                found = await self._new(self._tail)
                self._away = False
                return found
            except (RedisError, OSError):
                self._away, self._again_at = True, now + RETRY_S
        if now < self._reset_at:
            return []
        self._reset_at = now + AWAY_RESET_S
        return [Entry("", "reset", [])]

    async def _new(self, tail: Tail) -> list[Entry]:
        if self._away:  # who tells may have missed the same time
            await tail.leap()
            self._begun = True
            return [Entry(tail.place, "reset", [])]
        if not self._begun:
            word = await tail.begin()
            self._begun = True
            return [Entry(tail.place, word, [])]
        found = await tail.read()
        if found is None:
            return [Entry(tail.place, "reset", [])]
        self.more = bool(found)
        return found


def _events(told: Entry, topics: frozenset[str]) -> list[bytes]:
    """Of several changes in one entry only the last names the place after them."""
    if told.topic in WORDS:
        return [written({told.topic: NothingOut()}, told.id)]
    if told.topic not in topics:
        return []
    *some, last = told.changes
    return [*(written({told.topic: change}) for change in some), written({told.topic: last}, told.id)]
