"""Calls that a step really made, as stubs: what came back, with personal data replaced."""

import asyncio
import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.bot_folder import Name
from admin_api.callers import CALLING, Editor
from admin_api.database import ReadDb, Seals
from admin_api.problems import InputUnfit, problems
from schemas.events import ActionDone, codec
from schemas.problems import NotFound
from store.admin import bots, recordings
from store.admin.recordings import Answered, Known

router = APIRouter(prefix="/bots/{name}", tags=["bots"], responses=problems(*CALLING, InputUnfit, NotFound))

Step = Annotated[
    str,
    Path(
        max_length=200,
        pattern=r"^[^.\x00]+\.[^.\x00]+$",
        examples=["order.pay"],
        description="As `flow.step`.",
    ),
]


class RecordedCallOut(BaseModel):
    """A call that ended at `at`, and the outcome that the step left by.

    `stub` answers such a call in tests and simulated talks, as `stubs.yaml` has it: status and body, no headers.
    """

    id: UUID
    at: dt.datetime
    number: str
    conversation: UUID
    outcome: str
    stub: dict[str, Any] = Field(examples=[{"returns": {"status": 200, "json": {"id": "L-7"}}}])


class RecordedCallsOut(BaseModel):
    """The latest first."""

    items: list[RecordedCallOut]


@router.get("/recorded-calls/{step}", summary="List a step's real calls")
async def recorded_calls(
    name: Name,
    step: Step,
    db: ReadDb,
    seals: Seals,
    who: Editor,
    last: Annotated[int, Query(ge=1, le=50, description="How many at most.")] = 5,
) -> RecordedCallsOut:
    """What the latest calls of a webhook's or a custom action's step were answered with, in the bot's real conversations.

    Names, addresses and numbers are replaced, as in a conversation that is saved as a test.
    """
    bot = await bots.named(db, name)
    flow, _, key = step.partition(".")
    found = await recordings.answered(db, seals, bot.id, flow, key, last)
    await audit(db, who, "bot.recorded_calls", bot, changes={"step": step, "calls": len(found)})
    return RecordedCallsOut(items=await asyncio.to_thread(lambda: [_shown(one) for one in found]))


def _shown(one: Answered) -> RecordedCallOut:
    from flows.saving import disguised  # the engine is imported when it is needed

    event = codec.validate_json(one.plain)
    assert isinstance(event, ActionDone)
    known = Known.of(one.known)
    addresses = {each.kind: each.value for each in known.identities}
    return RecordedCallOut(
        id=one.id,
        at=one.at,
        number=one.number,
        conversation=one.conversation,
        outcome=one.outcome,
        stub=disguised(event, {**addresses, **known.profile, "name": known.name}),
    )
