"""Schedules of exports: a file each day, each Monday, each month."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, Field

from admin_api import etag
from admin_api.audit import audit
from admin_api.callers import CALLING, Admin
from admin_api.database import ReadDb, WriteDb
from admin_api.etag import CONDITIONS, IfMatch
from admin_api.exporting import ExportWhat, args_of
from admin_api.input import Input
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from schemas.tables.columns import now
from schemas.tables.export_schedules import ExportSchedule
from store.admin import export_schedules
from store.admin.desk import Taken
from store.admin.page import CursorUnfit
from store.cron import CronUnfit, next_run

router = APIRouter(
    prefix="/export-schedules", tags=["export schedules"], responses=problems(*CALLING, InputUnfit)
)

NAME = r"^[\w][\w .+-]{0,63}$"
Name = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]+$", description="The schedule's name.")]


Cron = Annotated[
    str,
    Field(
        max_length=100,
        pattern=r"^[^\x00]+$",
        examples=["0 6 * * 1-5"],
        description="Minute (one number), hour, day, month, day of the week (0 and 7: Sunday).",
    ),
]
Zone = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]+$", examples=["Europe/Rome"])]


class ScheduleIn(ExportWhat):
    """When and of what. `new_only`: each file begins where the one before ended; the first one holds all."""

    name: Annotated[str, Field(pattern=NAME, examples=["bookings of the day"])]
    cron: Cron
    zone: Zone = "UTC"
    new_only: bool = True


class ScheduleChange(Input):
    """What is left out stays. A new time takes the `etag` of the one that was seen, as `If-Match`."""

    paused: bool | None = None
    cron: Cron | None = None
    zone: Zone | None = None


class ScheduleOut(BaseModel):
    """A schedule. `last_job` is the export that was started last; while it is paused, none is started at `next_at`."""

    name: str
    what: str
    format: str
    number: str | None
    bot: str | None
    cron: str
    zone: str
    new_only: bool
    paused: bool
    next_at: dt.datetime
    last_at: dt.datetime | None
    last_job: UUID | None
    made_by: str
    created_at: dt.datetime
    etag: str = Field(description="Give it as If-Match, in quotes, to change the time.")

    @classmethod
    def of(cls, row: ExportSchedule) -> "ScheduleOut":
        args: dict[str, Any] = {name: row.args[name] for name in ("what", "format", "number", "bot")}
        args["etag"] = _etag(row)
        return cls.model_validate({**row.model_dump(exclude={"args"}), **args})


@router.get("", summary="List export schedules", responses=problems(CursorUnfit))
async def listing(db: ReadDb, who: Admin, window: Paging) -> Page[ScheduleOut]:
    """All, by name."""
    rows, after = await export_schedules.listed(db, window)
    return Page[ScheduleOut].of([ScheduleOut.of(row) for row in rows], after)


@router.post(
    "",
    summary="Make an export schedule",
    status_code=status.HTTP_201_CREATED,
    responses=problems(NotFound, Taken, CronUnfit, InputUnfit),
)
async def make(body: ScheduleIn, db: WriteDb, who: Admin) -> ScheduleOut:
    """Exports are started at these times. What fell due while no worker ran is made up once."""
    row = ExportSchedule(
        workspace_id=who.workspace,
        name=body.name,
        cron=body.cron,
        zone=body.zone,
        args=await args_of(db, body),
        new_only=body.new_only,
        next_at=next_run(body.cron, body.zone, now()),
        made_by=who.name,
    )
    await export_schedules.add(db, row)
    await audit(db, who, "export.schedule", row, changes=body.model_dump(mode="json", exclude_none=True))
    return ScheduleOut.of(row)


@router.get("/{schedule}", summary="Show an export schedule", responses=problems(NotFound))
async def show(schedule: Name, db: ReadDb, who: Admin) -> ScheduleOut:
    """When it is next, and what was last."""
    return ScheduleOut.of(await export_schedules.named(db, schedule))


@router.patch(
    "/{schedule}",
    summary="Change an export schedule",
    responses=problems(NotFound, CronUnfit, InputUnfit, *CONDITIONS),
)
async def change(
    schedule: Name, body: ScheduleChange, db: WriteDb, who: Admin, unchanged: IfMatch
) -> ScheduleOut:
    """Another time, or a pause: none is started while it lasts, and what came meanwhile is in the first file after it."""
    row = await export_schedules.named(db, schedule, change=True)
    wanted = body.model_dump(exclude_none=True)
    if {"cron", "zone"} & set(wanted):
        unchanged.require(
            f"The time of {row.name!r}", _etag(row), theirs={"cron": row.cron, "zone": row.zone}
        )
    changes = {
        name: [getattr(row, name), value] for name, value in wanted.items() if getattr(row, name) != value
    }
    if changes:
        for name, (_, value) in changes.items():
            setattr(row, name, value)
        row.next_at = next_run(row.cron, row.zone, now())
        db.add(row)
        await audit(db, who, "export.schedule_change", row, changes=changes)
    return ScheduleOut.of(row)


@router.delete(
    "/{schedule}",
    summary="Delete an export schedule",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def remove(schedule: Name, db: WriteDb, who: Admin) -> None:
    """No more are started. What was exported stays for its time."""
    row = await export_schedules.named(db, schedule)
    await db.delete(row)
    await audit(db, who, "export.unschedule", row)


def _etag(row: ExportSchedule) -> str:
    """Of its time."""
    return etag.of_text(f"{row.cron}\n{row.zone}")
