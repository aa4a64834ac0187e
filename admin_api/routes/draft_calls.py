"""A request of a simulated talk, made for real: its author asked for it, and answers the talk with what came."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api import calling
from admin_api.audit import audit
from admin_api.bot_folder import Name
from admin_api.callers import CALLING, Editor, Open
from admin_api.check import BotUnfit, read_and_compiled, world
from admin_api.database import OwnDb, Seals
from admin_api.input import Input
from admin_api.language import HEARS
from admin_api.problems import InputUnfit, problems
from admin_api.rested import MOST_STATE, StateUnfit, opened, place_of
from schemas.effects import CallWebhook
from schemas.ids import new_event_id
from schemas.problems import NotFound
from sessions import webhooks
from sessions.webhooks import Answer
from store.admin import bots, custom_actions, drafts, secrets

if TYPE_CHECKING:
    from flows.world import World

router = APIRouter(
    prefix="/bots/{name}/draft", tags=["bots"], responses=problems(*CALLING, InputUnfit, NotFound)
)


class CallIn(Input):
    """A call of `calls`, by its step."""

    state: Annotated[str, Field(max_length=MOST_STATE, description="As the last answer gave it.")]
    step: Annotated[str, Field(max_length=200, examples=["order.pay"])]


class CalledOut(BaseModel):
    """What came of it. `line` is what answers the call, as an event of the talk; null with `later`: a custom action
    said that it will answer by its callback, which a simulated talk does not have.
    """

    line: dict[str, Any] | None
    later: bool
    status: int | None
    took_ms: int


@router.post(
    "/simulate/call",
    summary="Make a simulated talk's call for real",
    dependencies=[HEARS],
    responses=problems(BotUnfit, StateUnfit),
)
async def call_for_real(
    name: Name, body: CallIn, own: OwnDb, seals: Seals, who: Editor, open_here: Open
) -> CalledOut:
    """The request goes out once, signed and with the workspace's secrets, as a published bot's does. Nothing is kept.

    Where the other side says one of those secrets again, it is left out. The talk goes on when `line` is given to it as an event.
    """
    async with own() as db:
        bot = await bots.named(db, name)
        files = dict((await drafts.current(db, bot)).files)
        _, place = place_of(bot, files)
        rested = opened(seals, place, name, body.state)
        call = await asyncio.to_thread(_under_way, name, files, await world(db), rested, body.step)
        if call is None:
            raise NotFound(what="call", name=body.step)
        # Ids of a simulated talk repeat: each request has a key of its own.
        call = replace(call, id=new_event_id())
        if call.action:
            call, known = calling.of_action(call, await custom_actions.named(db, call.action), seals)
        else:
            known = await secrets.values(db, seals, webhooks.secret_names(call))
        to = call.action or webhooks.host_of(call)
        await audit(db, who, "draft.call", bot, changes={"step": call.step, "to": to})
    tried = await calling.attempt(open_here, call, known)
    return CalledOut(
        line=None if tried.later else _without(_line(call, tried.answer), known.values()),
        later=tried.later,
        status=tried.status,
        took_ms=tried.took_ms,
    )


def _under_way(
    name: str, files: dict[str, str], around: "World", rested: bytes, step: str
) -> CallWebhook | None:
    from flows.rest import go_on  # the engine is imported when it is needed

    _, compiled = read_and_compiled(name, files, around)
    calls = go_on(compiled, rested).simulation.calls.values()
    return next((call for call in calls if call.step == step), None)


def _line(call: CallWebhook, answer: Answer) -> dict[str, Any]:
    """The answer as a line of a talk."""
    if call.action and answer.ok:
        found = answer.result["json"]
        given: dict[str, Any] = found if isinstance(found, dict) else {}
        return {"action": {"step": call.step, "outcome": given.get("outcome"), "data": given.get("data")}}
    if call.action or "status" not in answer.result:
        return {"action" if call.action else "webhook": {"step": call.step, "fails": answer.error}}
    returns = {key: answer.result[key] for key in ("status", "json", "text")}
    return {"webhook": {"step": call.step, "returns": returns}}


def _without(value: Any, secrets: Collection[str]) -> Any:
    """What came back, without the secrets that were sent: the talk may be kept in files that others read."""
    match value:
        case str():
            return reduce(lambda text, secret: text.replace(secret, "…") if secret else text, secrets, value)
        case dict():
            given = cast("dict[str, Any]", value)
            return {_without(key, secrets): _without(one, secrets) for key, one in given.items()}
        case list():
            return [_without(one, secrets) for one in cast("list[Any]", value)]
        case _:
            return value
