"""The simulator's chat page, /simulator/{number}, for numbers of channel `simulator`.

It opens by a one-time link (`/simulator/{number}?open=<token>`, which a caller with the key asks for): the
token becomes an HttpOnly cookie that names a visitor, who is a contact like any other (identity `web`). What
the page posts are inbox rows like any other; it reads the transcript by server-sent events.

Links and visits are signed with a key derived from the operator's: any API process knows them, and none
stores them. That a link opens once is remembered in Redis, else in the process.
"""

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Cookie, FastAPI, Query, Request, status
from fastapi.responses import FileResponse, RedirectResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import Agent, KeyMissing, Open, RoleTooLow
from admin_api.database import ReadDb
from admin_api.input import Input
from admin_api.limit import TooMany
from admin_api.live import Watch
from admin_api.problems import InputUnfit, problems
from admin_api.services import Services
from schemas.messages import Choice, Content, Identity, Inbound, Text
from schemas.problems import NotFound, Refused
from schemas.tables.bots import Bot
from schemas.tables.numbers import Number
from store.admin import bots, conversations, numbers
from store.admin.arrivals import post
from store.live import channel
from store.problems import DatabaseUnreachable

STATIC = Path(__file__).parent / "static"
COOKIE = "chatloom_simulator"
LINK_S = 24 * 3600
VISIT_S = 30 * 24 * 3600
PING_S = 15.0
MOST_LINES = 300
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

router = APIRouter(prefix="/simulator", include_in_schema=False)
links = APIRouter(prefix="/api/v1/numbers/{number}/simulator-links", tags=["simulator"])


class NotSimulated(Refused):
    """The number is on a real channel."""

    code = "simulator.not_simulated"
    status = 409
    sentence = "Number {name!r} is on channel {channel}; only numbers of channel simulator have a chat page."


class LinkSpent(Refused):
    """The link was used, is too old, or is for another number."""

    code = "simulator.link_spent"
    status = 401
    title = "This link does not open"
    sentence = "The link was used already or is too old. Ask for a new one: chatloom simulator {number}"


class VisitOver(Refused):
    """The page has no visit."""

    code = "simulator.visit_over"
    status = 401
    title = "This page needs a link"
    sentence = "Open the simulator by its link: chatloom simulator {number}"


class LinkOut(BaseModel):
    """A link that opens the chat page once."""

    path: str
    url: str


class SaidIn(Input):
    """What the visitor sends: words, or a tap. `id` is made by the page: a repeat under it is the same message."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]
    text: Annotated[str, Field(max_length=4096)] = ""
    choice: Annotated[str, Field(max_length=256)] = ""
    title: Annotated[str, Field(max_length=256)] = ""
    reply_to: Annotated[str, Field(max_length=200)] = ""
    kind: Literal["text", "choice"] = "text"

    def content(self) -> Content:
        return Choice(self.choice, self.title) if self.kind == "choice" else Text(self.text)


@links.post(
    "",
    summary="Make a link to the chat page",
    status_code=status.HTTP_201_CREATED,
    responses=problems(KeyMissing, RoleTooLow, InputUnfit, NotFound, NotSimulated, TooMany),
)
async def link(number: str, db: ReadDb, who: Agent, open_here: Open, request: Request) -> LinkOut:
    """A link that opens the simulated number's chat page once, within a day."""
    row = _simulated(await numbers.named(db, number))
    await audit(db, who, "number.simulator_link", row)
    token = _sign(open_here, "link", row.id, secrets.token_urlsafe(12), LINK_S)
    path = f"/simulator/{row.name}?open={token}"
    base = open_here.config.public_url or str(request.base_url).rstrip("/")
    return LinkOut(path=path, url=f"{base}{path}")


@router.get("/{number}")
async def page(
    number: str,
    open_here: Open,
    open_by: Annotated[str, Query(alias="open")] = "",
    visit: Annotated[str, Cookie(alias=COOKIE)] = "",
) -> Response:
    """The chat page; with a fresh link, the visit begins."""
    row = await _number(open_here, number)
    if open_by:
        spent = _read(open_here, "link", row.id, open_by)
        if spent is None or not await _first_use(open_here, spent):
            if _read(open_here, "visit", row.id, visit) is None:
                return _closed()
        else:
            visit = _sign(open_here, "visit", row.id, secrets.token_urlsafe(12), VISIT_S)
        answer = RedirectResponse(f"/simulator/{row.name}", status.HTTP_303_SEE_OTHER, HEADERS)
        secure = open_here.config.public_url.startswith("https")
        answer.set_cookie(
            COOKIE,
            visit,
            VISIT_S,
            path=f"/simulator/{row.name}",
            httponly=True,
            samesite="strict",
            secure=secure,
        )
        return answer
    if _read(open_here, "visit", row.id, visit) is None:
        return _closed()
    return FileResponse(STATIC / "simulator.html", headers=HEADERS)


@router.get("/{number}/about")
async def about(
    number: str, open_here: Open, visit: Annotated[str, Cookie(alias=COOKIE)] = ""
) -> dict[str, object]:
    """What the page's head shows."""
    row, _ = await _visit(open_here, number, visit)
    return {
        "name": row.name,
        "title": await _title(open_here, row),
        "state": row.state,
        "why": row.state_why,
        "has_bot": row.bot_id is not None,
    }


@router.post("/{number}/messages", status_code=status.HTTP_202_ACCEPTED)
async def say(
    number: str, body: SaidIn, open_here: Open, visit: Annotated[str, Cookie(alias=COOKIE)] = ""
) -> dict[str, str]:
    """Take what the visitor sends. Answered when it is durable."""
    row, who = await _visit(open_here, number, visit)
    message = Inbound(
        provider_id=f"sim.{who.value}.{body.id}",
        sent_at=dt.datetime.now(dt.UTC),
        identities=(who,),
        content=body.content(),
        profile_name="Visitor",
        reply_to=body.reply_to,
    )
    sealer = await open_here.sealer(open_here.workspace)
    async with open_here.desk.transaction(open_here.workspace) as db:
        await post(db, sealer, row, message=message)
    return {"provider_id": message.provider_id}


@router.post("/{number}/restart", status_code=status.HTTP_202_ACCEPTED)
async def restart(
    number: str, open_here: Open, visit: Annotated[str, Cookie(alias=COOKIE)] = ""
) -> dict[str, str]:
    """Begin anew, as somebody who never wrote: another visit, so another contact."""
    row, _ = await _visit(open_here, number, visit)
    return {
        "path": f"/simulator/{row.name}?open={_sign(open_here, 'link', row.id, secrets.token_urlsafe(12), 60)}"
    }


@router.get("/{number}/events")
async def events(
    number: str, open_here: Open, visit: Annotated[str, Cookie(alias=COOKIE)] = ""
) -> StreamingResponse:
    """The transcript, whole at first and again whenever it changes, as server-sent events."""
    row, who = await _visit(open_here, number, visit)
    return StreamingResponse(
        _stream(open_here, row, who),
        media_type="text/event-stream",
        headers={**HEADERS, "X-Accel-Buffering": "no"},
    )


async def _stream(open_here: Services, row: Number, who: Identity) -> AsyncGenerator[bytes]:
    async with Watch(open_here.redis, open_here.closing) as watch:
        async for event in _events(open_here, row, who, watch):
            yield event


async def _events(open_here: Services, row: Number, who: Identity, watch: Watch) -> AsyncGenerator[bytes]:
    sealer = await open_here.sealer(open_here.workspace)
    conversation: UUID | None = None
    seen: object = None
    spoke_at = time.monotonic()
    yield b"retry: 1000\n\n"
    while not open_here.closing.is_set():
        lines: list[conversations.Line] | None = None
        try:
            async with open_here.desk.transaction(open_here.workspace) as db:
                if conversation is None:
                    conversation = await conversations.of_identity(db, sealer, row.id, who)
                if conversation is not None:
                    await watch.follow(channel(conversation))
                if conversation is not None:
                    now = await conversations.fingerprint(db, row.id, conversation)
                    if now != seen:
                        seen = now
                        lines = await conversations.transcript(db, sealer, row.id, conversation, MOST_LINES)
                elif seen is None:
                    seen, lines = (), []
        except DatabaseUnreachable:
            return  # the page connects anew
        if lines is not None:
            yield b"event: transcript\ndata: " + orjson.dumps([_shown(line) for line in lines]) + b"\n\n"
            spoke_at = time.monotonic()
        elif time.monotonic() - spoke_at > PING_S:
            yield b": here\n\n"
            spoke_at = time.monotonic()
        await watch.pause()


def _shown(line: conversations.Line) -> dict[str, object]:
    return {
        "id": str(line.id),
        "from": line.direction,
        "body": line.body,
        "status": line.status,
        "error": line.error,
        "by": line.by,
        "provider_id": line.provider_id,
        "at": line.created_at.isoformat(),
    }


async def _number(open_here: Services, name: str) -> Number:
    async with open_here.desk.transaction(open_here.workspace) as db:
        return _simulated(await numbers.named(db, name))


async def _title(open_here: Services, row: Number) -> str:
    """What the number's bot calls itself; empty if it does not say."""
    if row.bot_id is None:
        return ""
    async with open_here.desk.transaction(open_here.workspace) as db:
        bot = await db.get(Bot, row.bot_id)
        version = row.bot_version or (bot.published_version if bot else None)
        if bot is None or version is None:
            return ""
        key = (bot.id, version)
        if key not in open_here.titles:
            from flows.bot import title  # the engine is imported when a bot is looked at

            open_here.titles[key] = title((await bots.version(db, bot, version)).files)
        return open_here.titles[key]


async def _visit(open_here: Services, name: str, visit: str) -> tuple[Number, Identity]:
    row = await _number(open_here, name)
    visitor = _read(open_here, "visit", row.id, visit)
    if visitor is None:
        raise VisitOver(number=name)
    return row, Identity("web", visitor)


def _simulated(row: Number) -> Number:
    if row.channel != "simulator":
        raise NotSimulated(name=row.name, channel=row.channel)
    return row


def _closed() -> Response:
    return FileResponse(STATIC / "closed.html", status.HTTP_401_UNAUTHORIZED, headers=HEADERS)


def _sign(open_here: Services, kind: str, number: UUID, name: str, life_s: int) -> str:
    ends = int(time.time()) + life_s
    return f"{name}.{ends}.{_mark(open_here, kind, number, name, ends)}"


def _read(open_here: Services, kind: str, number: UUID, token: str) -> str | None:
    """The name in a token that we signed and that has not ended."""
    match = re.fullmatch(r"([\w-]{8,40})\.(\d{1,12})\.([\w-]{43})", token, re.ASCII)
    if match is None or int(match[2]) < time.time():
        return None
    mark = _mark(open_here, kind, number, match[1], int(match[2]))
    return match[1] if hmac.compare_digest(mark, match[3]) else None


def _mark(open_here: Services, kind: str, number: UUID, name: str, ends: int) -> str:
    said = f"chatloom simulator {kind}\0{number}\0{name}\0{ends}".encode()
    digest = hmac.digest(open_here.config.operator_key.encode(), said, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def _first_use(open_here: Services, name: str) -> bool:
    return await open_here.once.first(f"simulator:{name}", LINK_S)


def mount(app: FastAPI) -> None:
    """Add the page, its files and the links to `app`."""
    app.include_router(links)
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
