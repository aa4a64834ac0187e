"""Jobs that somebody ordered, as people see them."""

from uuid import UUID

from sqlmodel import col, select

from schemas.problems import NotFound, Refused
from schemas.tables.columns import now
from schemas.tables.jobs import Job
from store.admin.desk import Session
from store.admin.page import Cursor, Window, ordered


class JobEnded(Refused):
    """There is nothing left to cancel."""

    code = "jobs.ended"
    status = 409
    title = "The job has ended"
    sentence = "Job {job} has ended already: it is {state}."


async def listed(
    session: Session, window: Window, kind: str | None = None, state: str | None = None
) -> tuple[list[Job], Cursor | None]:
    """The workspace's jobs."""
    wanted = select(Job)
    if kind is not None:
        wanted = wanted.where(col(Job.kind) == kind)
    if state is not None:
        wanted = wanted.where(col(Job.state) == state)
    return await ordered(session, wanted, {"made_at": [col(Job.id)]}, window)


async def found(session: Session, key: UUID, kind: str | None = None, change: bool = False) -> Job:
    """One, of a `kind` if one is named; to `change` it, locked. Raises `NotFound`."""
    wanted = select(Job).where(col(Job.id) == key)
    if kind is not None:
        wanted = wanted.where(col(Job.kind) == kind)
    row = (await session.exec(wanted.with_for_update() if change else wanted)).first()
    if row is None:
        raise NotFound(what=kind or "job", name=str(key))
    return row


def cancel(session: Session, row: Job) -> None:
    """Have it end: at once if it waits, else as soon as its worker hears of it. Raises `JobEnded`."""
    match row.state:
        case "waiting":
            row.state, row.ended_at = "cancelled", now()
        case "running":
            row.cancel_asked = True
        case _:
            raise JobEnded(job=row.id, state=row.state)
    session.add(row)
