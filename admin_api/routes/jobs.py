"""Jobs: what `chatloom work` does because somebody ordered it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from admin_api.audit import audit
from admin_api.callers import CALLING, Admin, Viewer
from admin_api.database import ReadDb, WriteDb
from admin_api.job_out import JobOut, JobState
from admin_api.live import tell
from admin_api.pages import SORTING, Page, sorting
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from store.admin import jobs
from store.admin.jobs import JobEnded
from store.admin.page import Window

router = APIRouter(prefix="/jobs", tags=["jobs"], responses=problems(*CALLING, InputUnfit))

Key = Annotated[UUID, Path(description="The job's id.")]


@router.get("", summary="List jobs", responses=problems(*SORTING))
async def listing(
    db: ReadDb,
    who: Viewer,
    window: Annotated[Window, Depends(sorting("-made_at"))],
    kind: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$", examples=["export"])] = None,
    state: Annotated[JobState | None, Query()] = None,
) -> Page[JobOut]:
    """The latest first. Filters that are given must all hold. Jobs are forgotten 90 days after they ended."""
    rows, after = await jobs.listed(db, window, kind, state)
    return Page[JobOut].of([JobOut.of(row) for row in rows], after)


@router.get("/{job}", summary="Show a job", responses=problems(NotFound))
async def show(job: Key, db: ReadDb, who: Viewer) -> JobOut:
    """How far it is, and how it ended."""
    return JobOut.of(await jobs.found(db, job))


@router.post("/{job}/cancel", summary="Cancel a job", responses=problems(NotFound, JobEnded))
async def cancel(job: Key, db: WriteDb, who: Admin) -> JobOut:
    """A job that waits ends at once, one that runs within seconds. What it made so far is thrown away."""
    row = await jobs.found(db, job, change=True)
    jobs.cancel(db, row)
    tell(db, "jobs", "cancelled", job=row.id)
    await audit(db, who, "job.cancel", row.id, changes={"kind": row.kind})
    return JobOut.of(row)
