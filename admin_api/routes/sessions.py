"""Sessions that are linked with a phone: where one stands, its history, and what admins order of it."""

import datetime as dt
import re
import time
from collections.abc import AsyncGenerator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, status
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from admin_api.audit import audit
from admin_api.callers import Admin, Caller, KeyMissing, Open, RoleTooLow, Viewer
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.live import Watch
from admin_api.problems import InputUnfit, problems
from admin_api.qr import svg
from admin_api.reasons import WhyCode, WhyFacts, fields
from admin_api.services import Services
from admin_api.streams import AGAIN, HERE, streamed, streaming, written
from schemas.problems import NotFound, Refused
from schemas.reasons import reason
from schemas.tables.numbers import Number
from sessions import registry
from store.admin import numbers, sessions
from store.admin.desk import Session
from store.live import number_channel
from store.problems import DatabaseUnreachable

PING_S = 15.0
MOST_S = 300.0  # then whoever watches comes again, and is asked again who he is
UNLINKED = ("unlinked", "logged_out", "pairing")


class NoSession(Refused):
    """The channel has no session to link."""

    code = "session.none"
    status = 409
    title = "Nothing to link"
    sentence = "Number {number!r} is on channel {channel}, which is not linked with a phone."


class NumberPaused(Refused):
    """A paused number takes no orders."""

    code = "session.number_paused"
    status = 409
    title = "The number is paused"
    sentence = "Number {number!r} is paused, so its session is closed. Resume the number first."


class AlreadyLinked(Refused):
    """A phone is linked already."""

    code = "session.already_linked"
    status = 409
    title = "A phone is linked already"
    sentence = "Number {number!r} is linked already. Unlink it first to link another phone."


class UnlinkNotSure(Refused):
    """Unlinking asks to be meant."""

    code = "session.not_sure"
    status = 409
    title = "Unlinking cannot be undone"
    sentence = "Unlinking number {number!r} destroys its session; to go on, the phone must be linked anew. Repeat with sure=true."


router = APIRouter(
    prefix="/numbers/{number}/session",
    tags=["sessions"],
    responses=problems(KeyMissing, RoleTooLow, InputUnfit, NotFound, NoSession),
)


class OrderOut(BaseModel):
    """An order, and what came of it: nothing yet while `done_at` is null; then `error_code` and `error`, or begun."""

    id: UUID
    kind: str
    made_at: dt.datetime
    by: str
    done_at: dt.datetime | None
    error_code: str
    error: str

    @classmethod
    def of(cls, row: sessions.Order) -> "OrderOut":
        return cls(**row._asdict())


class SessionOut(BaseModel):
    """Where a session stands. `why` says what is, and what to do. `until`: when a code, a lock or a ban ends.

    `served`: a process holds the number; without one the state is `stopped`. `spool_depth`: events that were
    received and wait for the database. `order`: the latest one.
    """

    state: str
    why: str
    why_code: WhyCode
    why_facts: WhyFacts
    until: dt.datetime | None
    since: dt.datetime | None
    account: str
    served: bool
    vault_generation: int | None
    vault_records: int | None
    spool_depth: int
    order: OrderOut | None


class SessionToldOut(SessionOut):
    """The session, with `qr` (what the code holds), `svg` (the code as a picture) and `code` (what to type on the phone)."""

    qr: str
    svg: str
    code: str


class SessionEvents(TypedDict, total=False):
    """What the stream of a session tells."""

    state: SessionToldOut


class PairIn(Input):
    """With a phone's number (with country code): a code to type on it. Without: a QR code to scan."""

    phone: Annotated[str, Field(pattern=r"^(\+?[0-9][0-9 ()./-]{5,24})?$")] = ""


class ChangeOut(BaseModel):
    """One change of state."""

    state: str
    why: str
    why_code: WhyCode
    why_facts: WhyFacts
    at: dt.datetime


class HistoryOut(BaseModel):
    """A page of the history, the latest first. `next`: the cursor of the page after it; null at the end."""

    changes: list[ChangeOut]
    next: str | None


@router.get("", summary="Show a session")
async def show(number: str, db: ReadDb, seals: Seals, who: Viewer) -> SessionOut:
    """Where the number's session stands, without codes."""
    row = await _linked(db, number)
    return _out(row, await sessions.shown(db, seals, row.id), await sessions.last_order(db, row.id))


@router.get("/history", summary="A session's history")
async def history(
    number: str,
    db: ReadDb,
    who: Viewer,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str, Query(pattern=r"^[0-9]{0,18}$", description="`next` of the page before.")] = "",
) -> HistoryOut:
    """Changes of its state, the latest first. They are kept 90 days."""
    row = await _linked(db, number)
    found = await sessions.history(db, row.id, int(cursor) if cursor else None, limit + 1)
    more = len(found) > limit
    changes = [ChangeOut(state=one.state, **fields(one.why), at=one.at) for one in found[:limit]]
    return HistoryOut(changes=changes, next=str(found[limit - 1].seq) if more else None)


@router.post(
    "/pair",
    summary="Link a phone",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NumberPaused, AlreadyLinked),
)
async def pair(number: str, body: PairIn, db: WriteDb, seals: Seals, who: Admin) -> OrderOut:
    """Show QR codes one after another, or one code to type. They come by the session's events."""
    row = await _linked(db, number)
    there = await sessions.shown(db, seals, row.id)
    if there.account and there.state not in UNLINKED:
        raise AlreadyLinked(number=row.name)
    phone = re.sub(r"[^0-9]", "", body.phone)
    return await _order(db, seals, row, "pair", {"phone": phone} if phone else {}, who)


@router.delete(
    "/pair",
    summary="Stop linking",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NumberPaused),
)
async def stop_pairing(number: str, db: WriteDb, seals: Seals, who: Admin) -> OrderOut:
    """Show no more codes."""
    return await _order(db, seals, await _linked(db, number), "stop_pairing", {}, who)


@router.post(
    "/restart",
    summary="Restart a session",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NumberPaused),
)
async def restart(number: str, db: WriteDb, seals: Seals, who: Admin) -> OrderOut:
    """Close the session and open it again from its sealed files. Nothing is lost, no code is needed."""
    return await _order(db, seals, await _linked(db, number), "restart", {}, who)


@router.post(
    "/unlink",
    summary="Unlink the phone",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NumberPaused, UnlinkNotSure),
)
async def unlink(
    number: str,
    db: WriteDb,
    seals: Seals,
    who: Admin,
    sure: Annotated[bool, Query(description="Must be true.")] = False,
) -> OrderOut:
    """Log out at the channel as far as it can be reached, and destroy the session's keys here."""
    row = await _linked(db, number)
    if not sure:
        raise UnlinkNotSure(number=row.name)
    return await _order(db, seals, row, "log_out", {}, who)


@router.get(
    "/events",
    summary="Watch a session",
    response_class=StreamingResponse,
    responses=streamed(SessionEvents, "A `state` at once, and again at each change."),
)
async def events(
    number: str,
    open_here: Open,
    who: Admin,
    follow: Annotated[bool, Query(description="Go on when the session is online.")] = False,
    last_event_id: Annotated[str, Header(max_length=64)] = "",
) -> StreamingResponse:
    """The session as it is now, and again at each change, until it is online.

    A reader that comes back with `Last-Event-ID` is told only what is new.
    """
    async with open_here.desk.transaction(who.workspace) as db:
        row = await _linked(db, number)
    return streaming(_stream(open_here, row, follow, last_event_id))


async def _stream(open_here: Services, row: Number, follow: bool, seen: str) -> AsyncGenerator[bytes]:
    sealer = await open_here.sealer(row.workspace_id)
    began = spoke_at = time.monotonic()
    yield AGAIN
    async with Watch(open_here.redis, open_here.closing) as watch:
        while not open_here.closing.is_set() and time.monotonic() - began < MOST_S:
            await watch.follow(number_channel(row.id))
            try:
                async with open_here.desk.transaction(row.workspace_id) as db:
                    row = await numbers.named(db, str(row.id))
                    there = await sessions.shown(db, sealer, row.id)
                    order = await sessions.last_order(db, row.id)
            except (DatabaseUnreachable, NotFound):
                return  # who reads comes again, or is told that the number is gone
            out = _out(row, there, order)
            mark = f"{there.version}.{out.state}.{row.desired}"
            if mark != seen:
                seen = mark
                yield written(SessionEvents(state=_told(out, there)), mark)
                spoke_at = time.monotonic()
            elif time.monotonic() - spoke_at > PING_S:
                yield HERE
                spoke_at = time.monotonic()
            if out.state == "online" and not follow:
                return
            await watch.pause()


def _told(out: SessionOut, there: sessions.Shown) -> SessionToldOut:
    shown = {"qr": there.qr, "svg": svg(there.qr), "code": there.code}
    if not there.served:
        shown = dict.fromkeys(shown, "")
    return SessionToldOut.model_validate({**dict(out), **shown})


def _out(row: Number, there: sessions.Shown, order: sessions.Order | None) -> SessionOut:
    facts: dict[str, Any] = there._asdict()
    for name in ("version", "qr", "code"):
        del facts[name]
    if not there.served:
        facts |= {"state": "stopped", "until": None, "why": reason(_STOPPED[row.desired])}
    facts |= fields(facts["why"])
    return SessionOut(**facts, order=OrderOut.of(order) if order else None)


_STOPPED = {"paused": "session.resting", "running": "session.unserved"}


async def _linked(db: Session, number: str) -> Number:
    row = await numbers.named(db, number)
    if not hasattr(registry.driver(row.channel), "attach"):
        raise NoSession(number=row.name, channel=row.channel)
    return row


async def _order(
    db: Session, seals: Any, row: Number, kind: str, args: dict[str, str], who: Caller
) -> OrderOut:
    if row.desired != "running":
        raise NumberPaused(number=row.name)
    await audit(db, who, f"session.{kind}", row)
    return OrderOut.of(await sessions.give(db, seals, row, kind, args, who.name))
