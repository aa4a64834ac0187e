"""A canary: a version that a share of a bot's new runs gets, watched beside the published one, then promoted or ended."""

import datetime as dt
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.bot_folder import Name
from admin_api.callers import CALLING, Editor, Viewer
from admin_api.check import BotUnfit
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.language import HEARS
from admin_api.problems import InputUnfit, problems
from admin_api.publishing import (
    PUBLISHING,
    CoverageLow,
    InFlight,
    PublishedOut,
    PublishIn,
    TestsFailing,
    on_publish,
    publish,
    see_to,
    sound,
)
from schemas.problems import NotFound, Refused
from schemas.tables.bots import Bot, Canary
from store.admin import bots, canaries, drafts, numbers
from store.admin.desk import Session

router = APIRouter(
    prefix="/bots/{name}/canary", tags=["bots"], responses=problems(*CALLING, InputUnfit, NotFound)
)


class CanaryOpen(Refused):
    """One is open already."""

    code = "canary.open"
    status = 409
    title = "A canary is open"
    sentence = "Bot {name!r} tries version {version} already. Promote or abort that first."


class CanaryClosed(Refused):
    """None is open."""

    code = "canary.closed"
    status = 409
    title = "No canary is open"
    sentence = "Bot {name!r} tries no version now. Start one: POST /bots/{name}/canary."


class NothingToCompare(Refused):
    """The version is published already, or nothing is."""

    code = "canary.nothing_to_compare"
    status = 409
    title = "There is nothing to compare it with"
    sentence = "{why}"


class CanaryIn(Input):
    """The version to try, and how many of a hundred contacts get it with their next new run."""

    version: int = Field(ge=1, le=2_147_483_647)
    percent: int = Field(ge=1, le=99)

    model_config = {"json_schema_extra": {"examples": [{"version": 4, "percent": 10}]}}


class PercentIn(Input):
    """How many of a hundred contacts get it; who had it at a lower share keeps it at a higher one."""

    percent: int = Field(ge=1, le=99)


class InFlightIn(Input):
    """What becomes of open runs; without `in_flight`: what `on_publish` of `bot.yaml` says."""

    in_flight: InFlight | None = None


class RatesOut(BaseModel):
    """Runs of a version that began while the canary was open. Rates are of those that ended; null: none has."""

    version: int
    runs: int
    open: int
    completed: int
    failed: int
    completion_rate: float | None
    error_rate: float | None

    @classmethod
    def of(cls, version: int, found: list[canaries.Ended]) -> "RatesOut":
        counts = {row.how: row.runs for row in found if row.version == version}
        runs, still_open = sum(counts.values()), counts.get("", 0)
        ended = runs - still_open
        return cls(
            version=version,
            runs=runs,
            open=still_open,
            completed=counts.get("done", 0),
            failed=counts.get("failed", 0),
            completion_rate=counts.get("done", 0) / ended if ended else None,
            error_rate=counts.get("failed", 0) / ended if ended else None,
        )


class CanaryOut(BaseModel):
    """A canary with what came of it so far; `how` and `ended_by` say how an ended one ended, and by whom.

    `ended_by` is empty where that was not kept yet.
    """

    bot: str
    id: UUID
    percent: int
    state: Literal["open", "ended"]
    how: Literal["", "promoted", "aborted", "replaced"]
    ended_by: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    canary: RatesOut
    base: RatesOut


@router.post(
    "",
    summary="Start a canary",
    dependencies=[HEARS],
    status_code=status.HTTP_201_CREATED,
    responses=problems(BotUnfit, TestsFailing, CoverageLow, CanaryOpen, NothingToCompare),
)
async def start_canary(name: Name, body: CanaryIn, db: WriteDb, who: Editor) -> CanaryOut:
    """From now on `percent` of the contacts get `version` with their next new run, always the same ones.

    Open runs stay as they are, and numbers that serve a version by its number are not touched. What publishing
    refuses is refused here.
    """
    bot = await _held(db, name)
    if there := await canaries.opened(db, bot):
        raise CanaryOpen(name=name, version=there.version)
    if bot.published_version is None:
        raise NothingToCompare(why=f"Bot {name!r} has no published version. Publish one first.")
    if bot.published_version == body.version:
        raise NothingToCompare(why=f"Version {body.version} of bot {name!r} is the published one.")
    await sound(db, bot, await bots.version(db, bot, body.version))
    row = Canary(
        workspace_id=who.workspace,
        bot_id=bot.id,
        version=body.version,
        percent=body.percent,
        base_version=bot.published_version,
    )
    await canaries.start(db, row)
    await audit(db, who, "canary.start", bot, changes={"version": body.version, "percent": body.percent})
    await numbers.tell(db, bot.id)
    return await _out(db, bot, row)


@router.get("", summary="Show a canary")
async def canary(name: Name, db: ReadDb, who: Viewer) -> CanaryOut | None:
    """The open one, else the last: how its runs end beside those of the other version; `null` if none ever was."""
    bot = await bots.named(db, name)
    row = await canaries.latest(db, bot)
    return await _out(db, bot, row) if row else None


@router.patch("", summary="Change a canary's share", responses=problems(CanaryClosed))
async def change_canary(name: Name, body: PercentIn, db: WriteDb, who: Editor) -> CanaryOut:
    """More contacts get it, or fewer, with their next new run."""
    bot, row = await _open(db, name)
    await audit(db, who, "canary.change", bot, changes={"percent": [row.percent, body.percent]})
    row.percent = body.percent
    db.add(row)
    await numbers.tell(db, bot.id)
    return await _out(db, bot, row)


@router.post(
    "/promote",
    summary="Promote a canary",
    dependencies=[HEARS],
    responses=problems(CanaryClosed, *PUBLISHING),
)
async def promote_canary(
    name: Name, db: WriteDb, seals: Seals, who: Editor, body: InFlightIn | None = None
) -> PublishedOut:
    """Publish its version. Open runs of others stay, begin anew or go on with it, as `in_flight` says."""
    bot, row = await _open(db, name)
    version = await bots.version(db, bot, row.version)
    how = PublishIn(in_flight=(body or InFlightIn()).in_flight)
    return await publish(db, seals, who, bot, version, how, "canary.promote")


@router.post("/abort", summary="Abort a canary", responses=problems(CanaryClosed, *PUBLISHING))
async def abort_canary(
    name: Name, db: WriteDb, seals: Seals, who: Editor, body: InFlightIn | None = None
) -> CanaryOut:
    """All new runs get what is published again. Its open runs stay on it, begin anew or go on there, as `in_flight` says."""
    bot, row = await _open(db, name)
    canaries.end(db, row, "aborted", who.name)
    told: list[bots.OpenRun] = []
    in_flight = (body or InFlightIn()).in_flight
    if bot.published_version is not None:
        published = await bots.version(db, bot, bot.published_version)
        in_flight = in_flight or await on_publish(published)
        open_runs = await bots.open_runs(db, bot, published.version)
        told = [run for run in open_runs if run.version == row.version] if in_flight != "pin" else []
        await see_to(db, seals, who, in_flight, published, told)
    restarted, migrating = (len(told) if in_flight == how else 0 for how in ("restart", "migrate"))
    changes = {"version": row.version, "in_flight": in_flight or "pin"}
    changes |= {"restarted": restarted, "migrating": migrating}
    await audit(db, who, "canary.abort", bot, changes=changes)
    await numbers.tell(db, bot.id)
    return await _out(db, bot, row)


async def _held(db: Session, name: str) -> Bot:
    bot = await drafts.held(db, name)
    if bot is None:
        raise NotFound(what="bot", name=name)
    return bot


async def _open(db: Session, name: str) -> tuple[Bot, Canary]:
    bot = await _held(db, name)
    row = await canaries.opened(db, bot)
    if row is None:
        raise CanaryClosed(name=name)
    return bot, row


async def _out(db: Session, bot: Bot, row: Canary) -> CanaryOut:
    found = await canaries.runs(db, row)
    kept = row.model_dump(include={"id", "percent", "how", "ended_by", "started_at", "ended_at"})
    rates = {
        "canary": RatesOut.of(row.version, found),
        "base": RatesOut.of(row.base_version, found),
    }
    state = "open" if row.ended_at is None else "ended"
    return CanaryOut.model_validate({"bot": bot.name, "state": state, **kept, **rates})
