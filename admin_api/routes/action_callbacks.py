"""Where an integration answers a custom action's call later: the address that came with the call is the key, once."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, Field

from admin_api.callers import Open
from admin_api.input import Input
from admin_api.problems import InputUnfit, problems
from schemas.events import ActionDone
from schemas.ids import derived_id
from schemas.problems import NotFound, Refused
from store import callback
from store.admin import arrivals, custom_actions, numbers

router = APIRouter(prefix="/action-callbacks", tags=["action callbacks"], responses=problems(InputUnfit))

Token = Annotated[str, Path(max_length=1000, description="As it came with the call.")]


class CallbackUnknown(Refused):
    """The address is none of ours."""

    code = "action_callbacks.unknown"
    status = 404
    title = "No such call"
    sentence = "This is no address that came with a call, or what it was for is gone."


class CallbackOver(Refused):
    """The time for an answer is over."""

    code = "action_callbacks.over"
    status = 410
    title = "Too late"
    sentence = "The answer was awaited until {until}."


class CallbackUsed(Refused):
    """The call was answered."""

    code = "action_callbacks.used"
    status = 409
    title = "Answered already"
    sentence = "This call was answered already; the first answer counts."


class AnswerUnfit(Refused):
    """The answer is not as declared."""

    code = "action_callbacks.answer_unfit"
    status = 422
    title = "The answer does not fit"
    sentence = "That does not fit custom action {action!r}: {why}."


class AnswerIn(Input):
    """The answer, as it would have been given at once."""

    outcome: str = Field(max_length=64, examples=["found"])
    data: Any = None


class AnswerTaken(BaseModel):
    """The conversation goes on with it."""

    taken: bool = True


@router.post(
    "/{token}",
    summary="Answer a custom action's call",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(
        CallbackUnknown,
        CallbackOver,
        CallbackUsed,
        AnswerUnfit,
        arrivals.EventTooLarge,
        arrivals.EventUnwritable,
    ),
)
async def answer(token: Token, body: AnswerIn, open_here: Open) -> AnswerTaken:
    """Answer a call that got a 202. No key is needed: the address is for this call alone, and counts once."""
    from flows.custom import CustomAction, fault_of_answer  # the engine is imported when it is needed

    workspace = callback.workspace_of(token)
    if workspace is None:
        raise CallbackUnknown
    try:
        seals = await open_here.sealer(workspace)
    except NotFound:
        raise CallbackUnknown from None
    asked = callback.read(seals, token)
    if asked is None:
        raise CallbackUnknown
    at = dt.datetime.now(dt.UTC)
    if at >= asked.until:
        raise CallbackOver(until=asked.until.isoformat())
    async with open_here.desk.transaction(workspace) as db:
        try:
            number = await numbers.by_id(db, asked.number)
            kind = CustomAction.of(*custom_actions.shape(await custom_actions.named(db, asked.action)))
        except NotFound:
            raise CallbackUnknown from None
        result = {"outcome": body.outcome, "data": body.data}
        if why := fault_of_answer(kind, result):
            raise AnswerUnfit(action=asked.action, why=why)
        event = ActionDone(derived_id(asked.call, "callback"), at, asked.call, asked.visit, True, result)
        if not await arrivals.act(db, seals, number, asked.conversation, event):
            raise CallbackUsed
    return AnswerTaken()
