"""Exports: conversations, contacts or collected data as a file to download."""

import datetime as dt
import logging
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, status
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from admin_api import download_links
from admin_api.audit import audit
from admin_api.callers import CALLING, Admin, Open
from admin_api.database import ReadDb, WriteDb, after_commit
from admin_api.exporting import KIND, ExportWhat, args_of
from admin_api.input import Input
from admin_api.job_out import JobOut, shown
from admin_api.live import tell
from admin_api.pages import SORTING, Page, sorting
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound, Refused
from schemas.tables.columns import now
from schemas.tables.jobs import Job
from store import export_files
from store.admin import jobs
from store.admin.page import Window

log = logging.getLogger(__name__)

router = APIRouter(prefix="/exports", tags=["exports"], responses=problems(*CALLING, InputUnfit))

Key = Annotated[UUID, Path(description="The export's id, which is its job's.")]


class ExportNotDone(Refused):
    """There is no file to download yet, or none any more."""

    code = "exports.no_file"
    status = 409
    title = "There is no file"
    sentence = "Export {export} is {state}, and has no file. {cure}"


class ExportIn(ExportWhat):
    """What to export, and of which time."""

    since: AwareDatetime | None = Field(None, description="Left out: from the beginning.")
    until: AwareDatetime | None = Field(None, description="Not included. Left out: now.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"what": "data", "format": "csv", "bot": "table-booking", "since": "2030-01-01T00:00:00Z"}
            ]
        }
    )


class ExportOut(JobOut):
    """An export: a job whose result is a file, which is deleted at `file_until`."""

    what: str
    format: str
    number: str | None
    bot: str | None
    since: dt.datetime | None
    until: dt.datetime
    file_until: dt.datetime | None = Field(description="Null: there is no file.")

    @classmethod
    def of(cls, row: Job) -> "ExportOut":
        args = {name: value for name, value in row.args.items() if name not in ("number_id", "bot_id")}
        return cls.model_validate({**shown(row), **args, "file_until": row.file_until})


class LinkIn(Input):
    """For how long the link downloads."""

    minutes: Annotated[int, Field(ge=1, le=1440)] = 15


class DownloadLinkOut(BaseModel):
    """A link that downloads the file without a key. Whoever has it reads the file."""

    url: str
    until: dt.datetime


@router.get("", summary="List exports", responses=problems(*SORTING))
async def listing(
    db: ReadDb, who: Admin, window: Annotated[Window, Depends(sorting("-made_at"))]
) -> Page[ExportOut]:
    """The latest first."""
    rows, after = await jobs.listed(db, window, KIND)
    return Page[ExportOut].of([ExportOut.of(row) for row in rows], after)


@router.post(
    "", summary="Start an export", status_code=status.HTTP_202_ACCEPTED, responses=problems(NotFound, InputUnfit)
)  # fmt: skip
async def start(body: ExportIn, db: WriteDb, who: Admin) -> ExportOut:
    """A job writes the file: sealed on the disk, kept for seven days. Make a link when it is done.

    In CSV, cells that a spreadsheet would take for a formula begin with an apostrophe.
    """
    made = now()
    row = Job(
        workspace_id=who.workspace,
        kind=KIND,
        made_by=who.name,
        made_at=made,
        args={
            **await args_of(db, body),
            "since": body.since and body.since.isoformat(),
            "until": min(body.until or made, made).isoformat(),
        },
    )
    db.add(row)
    tell(db, "jobs", "started", job=row.id)
    await audit(db, who, "export.start", row.id, changes=body.model_dump(mode="json", exclude_none=True))
    return ExportOut.of(row)


@router.get("/{export}", summary="Show an export", responses=problems(NotFound))
async def show(export: Key, db: ReadDb, who: Admin) -> ExportOut:
    """How far it is."""
    return ExportOut.of(await jobs.found(db, export, KIND))


@router.post(
    "/{export}/link",
    summary="Make a link to an export's file",
    status_code=status.HTTP_201_CREATED,
    responses=problems(NotFound, ExportNotDone),
)
async def link(
    export: Key, db: WriteDb, who: Admin, open_here: Open, request: Request, body: LinkIn | None = None
) -> DownloadLinkOut:
    """For a browser, a colleague or a program. It ends by itself; deleting the export ends it too."""
    row = await jobs.found(db, export, KIND)
    if row.file_until is None or row.file_until <= now():
        waits = row.state in ("waiting", "running")
        cure = "Wait until it is done." if waits else f"{row.error} Start it again.".strip()
        raise ExportNotDone(export=export, state=row.state, cure=cure)
    minutes = (body or LinkIn()).minutes
    until = min(now() + dt.timedelta(minutes=minutes), row.file_until)
    token = download_links.made(open_here.config.masters, who, row.id, until)
    base = open_here.config.public_url or str(request.base_url).rstrip("/")
    await audit(db, who, "export.link", row.id, changes={"minutes": minutes})
    return DownloadLinkOut(url=f"{base}/api/v1/downloads/{token}", until=until)


@router.delete(
    "/{export}",
    summary="Delete an export's file",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def remove(export: Key, db: WriteDb, who: Admin, open_here: Open) -> None:
    """Its file goes now; one that still runs is cancelled. The job stays in the list."""
    row = await jobs.found(db, export, KIND, change=True)
    if row.state in ("waiting", "running"):
        jobs.cancel(db, row)
        tell(db, "jobs", "cancelled", job=row.id)
    row.file_until = None
    db.add(row)
    await audit(db, who, "export.delete", row.id)
    after_commit(db, partial(_drop, open_here.config.exports, row.id, row.attempt))


def _drop(folder: FilePath, job: UUID, attempt: int) -> None:
    """Delete the file. What the disk refuses now, the worker deletes within minutes: nobody wants it any more."""
    try:
        export_files.drop(folder, job, attempt)
    except OSError:
        log.exception("the file of an export does not go yet", extra={"job": str(job)})
