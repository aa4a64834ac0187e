"""Tasks: what is to be done about a conversation, by whom, until when. People and flows make them."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, status
from pydantic import AwareDatetime, BaseModel, Field

from admin_api.acting import by
from admin_api.audit import audit
from admin_api.callers import CALLING, Agent
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.live import tell
from admin_api.pages import SORTING, Page, sorting
from admin_api.problems import InputUnfit, problems
from keys.seal import Sealer
from schemas.problems import NotFound
from schemas.tables.columns import now
from schemas.tables.notes import ConversationTask
from store.admin import conversations, notes, teams, users
from store.admin.page import Window

router = APIRouter(prefix="/tasks", tags=["tasks"], responses=problems(*CALLING, InputUnfit))

Body = Annotated[str, Field(min_length=1, max_length=1000, examples=["Send the offer"])]
User = Annotated[
    str,
    Field(
        max_length=320,
        pattern=r"^[^\x00]*$",
        description="Who does it: address or id; empty: whoever comes to it.",
    ),
]

TeamName = Annotated[
    str,
    Field(
        max_length=100,
        pattern=r"^[^\x00]*$",
        description="The team that does it: name or id; empty: none.",
        examples=["sales"],
    ),
]


class TaskIn(Input):
    """A new task."""

    conversation: UUID
    body: Body
    team: TeamName = ""
    user: User = ""
    due_at: AwareDatetime | None = Field(None, examples=["2030-01-01T10:00:00Z"])


class TaskChange(Input):
    """What is left out stays. `due_at` null: no date."""

    body: Body | None = None
    team: TeamName | None = None
    user: User | None = None
    due_at: AwareDatetime | None = None
    done: bool | None = None


class TaskOut(BaseModel):
    """A task. `team` and `user` are who does it, by id. `by` is who made it: a person, `key …` or `flow …`."""

    id: UUID
    number: UUID
    conversation: UUID
    body: str
    team: UUID | None
    user: UUID | None
    due_at: dt.datetime | None
    by: str
    created_at: dt.datetime
    done_at: dt.datetime | None
    done_by: str

    @classmethod
    def of(cls, row: ConversationTask, seals: Sealer) -> "TaskOut":
        return cls(
            id=row.id,
            number=row.number_id,
            conversation=row.conversation_id,
            body=notes.read(seals, row),
            team=row.team_id,
            user=row.user_id,
            due_at=row.due_at,
            by=row.by,
            created_at=row.created_at,
            done_at=row.done_at,
            done_by=row.done_by,
        )


@router.get("", summary="List tasks", responses=problems(NotFound, *SORTING))
async def listing(
    db: ReadDb,
    seals: Seals,
    who: Agent,
    window: Annotated[Window, Depends(sorting("created_at", "due_at"))],
    done: Annotated[bool, Query(description="Those that are done, instead of those that are not.")] = False,
    user: Annotated[
        str, Query(max_length=320, pattern=r"^[^\x00]*$", description="Only this person's.")
    ] = "",
    team: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$", description="Only this team's.")] = "",
    conversation: Annotated[UUID | None, Query(description="Only this conversation's, done or not.")] = None,
) -> Page[TaskOut]:
    """The oldest first. By `due_at`: the most urgent first, those without a date last. The audit names who reads."""
    person = (await users.named(db, user)).id if user else None
    theirs = (await teams.named(db, team)).id if team else None
    rows, after = await notes.tasks(db, window, not done, person, theirs, conversation)
    await audit(db, who, "task.read", conversation or "")
    return Page[TaskOut].of([TaskOut.of(row, seals) for row in rows], after)


@router.post("", summary="Make a task", status_code=status.HTTP_201_CREATED, responses=problems(NotFound))
async def make(body: TaskIn, db: WriteDb, seals: Seals, who: Agent) -> TaskOut:
    """About a conversation, for a team, a person, or for whoever comes to it. The contact never sees it."""
    place = await conversations.anywhere(db, body.conversation)
    row = ConversationTask(
        workspace_id=who.workspace,
        number_id=place.number_id,
        conversation_id=place.id,
        team_id=(await teams.named(db, body.team)).id if body.team else None,
        user_id=(await users.named(db, body.user)).id if body.user else None,
        due_at=body.due_at,
        by=by(who),
    )
    notes.write(db, seals, row, body.body)
    for_whom = {"team": _shown(row.team_id), "user": _shown(row.user_id)}
    await audit(db, who, "task.make", place.id, changes={"task": str(row.id), **for_whom})
    tell(db, "conversations", "task", number=row.number_id, conversation=row.conversation_id)
    return TaskOut.of(row, seals)


@router.patch("/{task}", summary="Change a task", responses=problems(NotFound))
async def change(task: UUID, body: TaskChange, db: WriteDb, seals: Seals, who: Agent) -> TaskOut:
    """Give it to somebody, move its date, write it anew, mark it done or not done."""
    row = await notes.task(db, task)
    changes: dict[str, Any] = {"task": str(task)}
    if body.body is not None:
        notes.write(db, seals, row, body.body)
    if body.team is not None:
        held, row.team_id = row.team_id, (await teams.named(db, body.team)).id if body.team else None
        changes["team"] = [_shown(held), _shown(row.team_id)]
    if body.user is not None:
        before, row.user_id = row.user_id, (await users.named(db, body.user)).id if body.user else None
        changes["user"] = [_shown(before), _shown(row.user_id)]
    if "due_at" in body.model_fields_set:
        row.due_at = body.due_at
    if body.done is not None and body.done != (row.done_at is not None):
        row.done_at, row.done_by = (now(), by(who)) if body.done else (None, "")
        changes["done"] = body.done
    db.add(row)
    await audit(db, who, "task.change", row.conversation_id, changes=changes)
    tell(db, "conversations", "task", number=row.number_id, conversation=row.conversation_id)
    return TaskOut.of(row, seals)


@router.delete(
    "/{task}", summary="Remove a task", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound)
)
async def remove(task: UUID, db: WriteDb, who: Agent) -> None:
    """As if nobody had made it."""
    row = await notes.task(db, task)
    await db.delete(row)
    await audit(db, who, "task.remove", row.conversation_id, changes={"task": str(task)})
    tell(db, "conversations", "task", number=row.number_id, conversation=row.conversation_id)


def _shown(user: UUID | None) -> str | None:
    return str(user) if user else None
