"""Dead letters: messages that could not be sent, for a person to look at and send again."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import Agent, KeyMissing, RoleTooLow
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from store.admin import dead_letters, numbers

router = APIRouter(
    prefix="/dead-letters", tags=["dead letters"], responses=problems(KeyMissing, RoleTooLow, InputUnfit)
)


class DeadLetterOut(BaseModel):
    """A message whose last retry failed. `body` only where one is shown by itself."""

    message: UUID
    number: UUID
    conversation: UUID
    attempt: int
    error_code: str
    error: str
    created_at: dt.datetime
    body: dict[str, Any] | None = None

    @classmethod
    def of(cls, row: dead_letters.DeadLetter, body: bytes = b"") -> "DeadLetterOut":
        return cls(
            message=row.message_id,
            number=row.number_id,
            conversation=row.conversation_id,
            attempt=row.attempt,
            error_code=row.error_code,
            error=row.error,
            created_at=row.created_at,
            body=orjson.loads(body) if body else None,
        )


class RetryIn(Input):
    """Which to send again: some messages, or all of a number."""

    messages: list[UUID] = Field(default=[], max_length=1000)
    number: str | None = None


class RetryOut(BaseModel):
    """How many were put back into the queue."""

    retried: int


@router.get("", summary="List dead letters", responses=problems(NotFound))
async def listing(
    db: ReadDb,
    who: Agent,
    window: Paging,
    number: Annotated[str | None, Query(description="Of one number only, by name or id.")] = None,
) -> Page[DeadLetterOut]:
    """The oldest first, without what they say."""
    key = (await numbers.named(db, number)).id if number else None
    rows, after = await dead_letters.listed(db, key, window)
    return Page.of([DeadLetterOut.of(row) for row in rows], after)


@router.get("/{message}", summary="Show a dead letter", responses=problems(NotFound))
async def show(message: UUID, db: ReadDb, seals: Seals, who: Agent) -> DeadLetterOut:
    """One, with what it says."""
    row = await dead_letters.found(db, message)
    await audit(db, who, "dead_letter.read", message)
    return DeadLetterOut.of(row, await dead_letters.body(db, seals, row))


@router.post("/retry", summary="Send dead letters again", responses=problems(NotFound))
async def retry(body: RetryIn, db: WriteDb, who: Agent) -> RetryOut:
    """Put them back into the queue with all their attempts."""
    rows = [await dead_letters.found(db, message) for message in body.messages]
    if body.number:
        key = (await numbers.named(db, body.number)).id
        known = {row.message_id for row in rows}
        rows += [row for row in await dead_letters.of_number(db, key, 1000) if row.message_id not in known]
    await dead_letters.retry(db, rows)
    for row in rows:
        await audit(db, who, "dead_letter.retry", row.message_id)
    return RetryOut(retried=len(rows))
