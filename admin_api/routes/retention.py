"""Retention: how long a workspace keeps what was said, what was collected, and its audit."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import CALLING, Admin
from admin_api.database import ReadDb, WriteDb
from admin_api.input import Input
from admin_api.problems import InputUnfit, problems
from schemas.tables.columns import now
from schemas.tables.retention import Retention
from store.admin import retention

router = APIRouter(prefix="/retention", tags=["retention"], responses=problems(*CALLING, InputUnfit))

Days = Annotated[int, Field(ge=1, le=36_500, examples=[365])] | None


class Limits(Input):
    """Days that things are kept. Null: for good."""

    messages_days: Days = Field(
        description="What was said: messages, the events that hold them, files, calls of actions, notes, tasks that are done, threads that are closed,"
        " quarantine,"
        " and what webhook endpoints were told."
    )
    data_days: Days = Field(description="Runs that have ended, with the data that they collected.")
    audit_days: Days = Field(description="The audit; its chain then begins at a signed mark.")


class OldOut(BaseModel):
    """How many rows of each table are older than the limits now."""

    messages: int
    message_refs: int = Field(description="By which delivery reports find messages.")
    events: int = Field(description="What contacts said, and all else that happened.")
    action_calls: int = Field(description="Calls of webhooks by flows, with their answers.")
    conversation_notes: int = Field(description="What people noted beside conversations.")
    conversation_tasks: int = Field(description="Tasks that are done.")
    threads: int = Field(description="How people handled conversations; those that are closed.")
    reply_drafts: int = Field(description="What people began to write and did not send.")
    quarantine: int
    webhook_events: int
    webhook_deliveries: int
    files: int = Field(description="Files that contacts sent.")
    file_bytes: int
    runs: int
    audit: int


@router.get("", summary="Show how long things are kept")
async def show(db: ReadDb, who: Admin) -> Limits:
    """The limits of the workspace. At first all is kept for good."""
    return _limits(await retention.kept(db, who.workspace))


@router.put("", summary="Set how long things are kept")
async def put(body: Limits, db: WriteDb, who: Admin) -> Limits:
    """What is older is deleted for good, within about an hour. Try it with `dry-run` first."""
    row = await retention.kept(db, who.workspace)
    before, after = _limits(row).model_dump(), body.model_dump()
    row.sqlmodel_update(after | {"updated_at": now()})
    db.add(row)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    await audit(db, who, "retention.set", changes=changes)
    return body


@router.post("/dry-run", summary="Count what limits would delete")
async def dry_run(body: Limits, db: ReadDb, who: Admin) -> OldOut:
    """How much is older than these limits. Nothing is deleted, and the workspace's own limits stay."""
    limits = Retention(workspace_id=who.workspace, **body.model_dump())
    return OldOut(**(await retention.counted(db, limits, now()))._asdict())


def _limits(row: Retention) -> Limits:
    return Limits(messages_days=row.messages_days, data_days=row.data_days, audit_days=row.audit_days)
