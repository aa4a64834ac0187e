"""Threads: each time that people handled a conversation, from when they got the floor until the bot had it again."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from admin_api.acting import by
from admin_api.audit import audit
from admin_api.callers import CALLING, Agent
from admin_api.database import ReadDb, WriteDb
from admin_api.input import Input
from admin_api.live import tell
from admin_api.pages import SORTING, Page, Paging, sorting
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound, Refused
from schemas.tables.columns import now
from schemas.tables.threads import Thread
from store.admin import numbers, teams, threads, users
from store.admin.page import CursorUnfit, Window

router = APIRouter(prefix="/threads", tags=["threads"], responses=problems(*CALLING, InputUnfit, NotFound))

Name = Annotated[str, Query(max_length=320, pattern=r"^[^\x00]*$")]


class ThreadClosed(Refused):
    """Nobody can get it any more."""

    code = "threads.closed"
    status = 409
    title = "That is over"
    sentence = "The thread was closed at {at}. Take the conversation over to open another one."


class CannotAnswer(Refused):
    """They may only look."""

    code = "threads.cannot_answer"
    status = 409
    title = "They cannot answer"
    sentence = "{email} may only look, so nobody would answer. An admin can give another role."


class Assignment(BaseModel):
    """Who got it, by whom. People are named as transcripts name them."""

    at: dt.datetime
    by: str
    assignee: str
    team: str


class ThreadOut(BaseModel):
    """One handling. `flow` and `step`: where the bot stood. `closed_by` is empty where time or the contact ended it."""

    id: UUID
    number: UUID
    conversation: UUID
    opened_at: dt.datetime
    how: Literal["handed_off", "taken_over"]
    opened_by: str = Field(
        description="A person, `key …`, `flow …`, or nobody: the contact asked for people."
    )
    flow: str
    step: str
    team: str
    assignee: str
    assigned: list[Assignment]
    closed_at: dt.datetime | None
    closed_by: str
    outcome: str = Field(description="given_back, ended, restarted, opted_out or timed_out.")

    @classmethod
    def of(cls, row: Thread) -> "ThreadOut":
        fields = row.model_dump(exclude={"number_id", "conversation_id"})
        return cls(number=row.number_id, conversation=row.conversation_id, **fields)


class AssigneeOut(BaseModel):
    """Somebody who can be given a thread."""

    id: UUID
    email: str
    name: str


class AssignIn(Input):
    """Who is to answer. What is left out stays; empty: nobody."""

    user: (
        Annotated[str, Field(max_length=320, pattern=r"^[^\x00]*$", description="Address or id.")] | None
    ) = None
    team: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$", description="Name or id.")] | None = (
        None
    )

    model_config = {"json_schema_extra": {"examples": [{"user": "nino@example.com"}]}}


@router.get("", summary="List threads", responses=problems(*SORTING))
async def threads_listing(
    db: ReadDb,
    who: Agent,
    window: Annotated[Window, Depends(sorting("-opened_at"))],
    state: Annotated[Literal["open", "closed"] | None, Query()] = None,
    number: Name | None = None,
    conversation: UUID | None = None,
    team: Annotated[Name | None, Query(description="By name; empty: those of no team.")] = None,
    assignee: Annotated[
        Name | None,
        Query(description="A person's address or id, or whoever transcripts name so; empty: nobody's."),
    ] = None,
) -> Page[ThreadOut]:
    """The latest first. Filters that are given must all hold."""
    wanted = threads.Wanted(
        None if state is None else state == "open",
        (await numbers.named(db, number)).id if number else None,
        conversation,
        team,
        await _called(db, assignee) if assignee else assignee,
    )
    rows, after = await threads.listed(db, wanted, window)
    return Page[ThreadOut].of([ThreadOut.of(row) for row in rows], after)


@router.get("/assignees", summary="List who can be given a thread", responses=problems(CursorUnfit))
async def assignees(db: ReadDb, who: Agent, window: Paging) -> Page[AssigneeOut]:
    """The people of the workspace whose role lets them answer, by name. Teams are at `GET /teams`."""
    rows, after = await users.who_can_answer(db, window)
    return Page[AssigneeOut].of(
        [AssigneeOut(id=row.id, email=row.email, name=row.name) for row in rows], after
    )


@router.post("/{thread}/assign", summary="Assign a thread", responses=problems(ThreadClosed, CannotAnswer))
async def assign(thread: UUID, body: AssignIn, db: WriteDb, who: Agent) -> ThreadOut:
    """Say who is to answer. The bot is silent as before; whoever takes the conversation over gets it too."""
    row = await threads.held(db, thread)
    if row.closed_at is not None:
        raise ThreadClosed(at=row.closed_at)
    if body.user is not None:
        row.assignee = await _answering(db, body.user) if body.user else ""
    if body.team is not None:
        row.team = (await teams.named(db, body.team)).name if body.team else ""
    line = {"at": now().isoformat(), "by": by(who), "assignee": row.assignee, "team": row.team}
    row.assigned = [*row.assigned, line]
    db.add(row)
    await audit(db, who, "thread.assign", row.conversation_id, changes={"thread": str(thread), **line})
    tell(db, "conversations", "state", number=row.number_id, conversation=row.conversation_id)
    return ThreadOut.of(row)


async def _answering(db: WriteDb, name: str) -> str:
    """How transcripts call somebody who can answer, named by address or id."""
    user = await users.named(db, name)
    if not users.can_answer(user):
        raise CannotAnswer(email=user.email)
    return user.email


async def _called(db: ReadDb, name: str) -> str:
    """How transcripts call somebody who is named by address or id, or as they do."""
    try:
        return (await users.named(db, name)).email
    except NotFound:
        return name
