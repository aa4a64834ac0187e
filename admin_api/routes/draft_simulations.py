"""Talking with a draft before it is published, step by step.

A simulated talk is nobody's: nothing is sent, called or kept. What it needs to go on comes out sealed with each
answer and goes in again with the next call, for the same draft only. Ids and clock follow from what goes in: the
same events from the same `at` give the same talk.
"""

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from admin_api.bot_folder import Name
from admin_api.callers import CALLING, Viewer
from admin_api.check import BotUnfit, read_and_compiled, world
from admin_api.database import ReadDb, Seals
from admin_api.input import Input
from admin_api.language import HEARS, spoken
from admin_api.plain_json import PlainObject
from admin_api.problems import InputUnfit, problems
from admin_api.rested import MOST_STATE, StateUnfit, opened, place_of, sealed
from flows.wording import in_language, kept_in_language, worded
from keys.seal import Sealer
from schemas.effects import AddNote, CallWebhook
from schemas.flow import BeginDocument
from schemas.messages import Outgoing, outgoing_codec
from schemas.problems import NotFound, Refused
from sessions import registry
from store.admin import bots, drafts

if TYPE_CHECKING:  # the engine is imported when a draft is tried: a server starts without it
    from flows.talk import Talk
    from flows.turn import Turn
    from flows.world import World

router = APIRouter(
    prefix="/bots/{name}/draft", tags=["bots"], responses=problems(*CALLING, InputUnfit, NotFound)
)

MOST_EVENTS = 100
EXPECTED = frozenset({"bot", "note", "task"})  # lines of a test that let nothing happen


class EventUnfit(Refused):
    """What should happen cannot."""

    code = "simulation.event_unfit"
    status = 422
    title = "That cannot happen"
    sentence = "events.{place}: {why}"


class BeginUnfit(Refused):
    """The talk cannot begin there, or not with that data. `errors` lists the places."""

    code = "simulation.begin_unfit"
    status = 422
    title = "The talk cannot begin there"
    sentence = "The talk cannot begin so: {first}."


class BeginIn(BeginDocument):
    """The step that a talk begins at, with what the flow's data holds by then. No trigger and no admission is asked.

    A flow that another one calls begins alone: nothing goes on when it ends. A step that is disabled is passed over.
    """

    data: PlainObject = {}


class SimulateIn(Input):
    """What happens, in the order in which it does; each is a line as a conversation test has it.

    `channel`, `contact`, `at` and `begin` are those of a talk that begins; one that goes on has its `state`.
    """

    events: Annotated[list[PlainObject], Field(max_length=MOST_EVENTS)] = []
    state: Annotated[str, Field(max_length=MOST_STATE, description="As the last answer gave it.")] = ""
    channel: Annotated[str, Field(max_length=64)] = "simulator"
    contact: PlainObject = {}
    at: AwareDatetime | None = Field(None, description="When the talk begins. Left out: now.")
    begin: BeginIn | None = Field(
        None, description="The step that it begins at. Left out: what is said first begins it."
    )

    model_config = {
        "json_schema_extra": {
            "examples": [
                {"events": [{"user": "hello"}, {"after": "30m"}], "contact": {"language": "en"}},
                {"begin": {"flow": "order", "step": "thanks", "data": {"count": 2}}},
            ]
        }
    }


class ChoiceOut(BaseModel):
    """A button or a row."""

    label: str
    id: str


class SaidOut(BaseModel):
    """A message as the contact would see it on this channel. `text` is what a transcript shows of it."""

    by: str
    step: str
    text: str
    choices: list[ChoiceOut]
    body: dict[str, Any]


class TraceOut(BaseModel):
    """A step that ran, and the outcome that it left by; empty: it waits."""

    flow: str
    step: str
    outcome: str
    note: str
    unset: list[str]


class KeptOut(BaseModel):
    """A note or a task that the team would find beside the conversation, as a transcript shows it."""

    kind: Literal["note", "task"]
    step: str
    text: str


class HappenedOut(BaseModel):
    """What one event caused. `path` names the steps in the order in which they ran, as `flow.step`."""

    said: list[SaidOut]
    kept: list[KeptOut]
    path: list[str]
    trace: list[TraceOut]


class TimerOut(BaseModel):
    """What falls due, and when; `{"after": …}` moves the clock."""

    timer: str
    at: dt.datetime


class CallOut(BaseModel):
    """A request that is under way: `{"webhook": {"step": …, "returns": …}}` answers it. Secrets are left out.

    One of a custom `action` is answered by `{"action": {"step": …, "outcome": …, "data": …}}`.
    """

    step: str
    action: str
    method: str
    url: str
    body: Any


class EndOut(BaseModel):
    """How the last run ended."""

    flow: str
    how: str
    result: str
    error: str
    data: dict[str, Any]


class SimulatedOut(BaseModel):
    """The talk after these events. `etag` is the draft's; `status`, `flow`, `step`, `data` say where it stands.

    `began` is what came of beginning at a step, in the answer to the call that began so.
    """

    etag: str
    state: str
    began: HappenedOut | None
    events: list[HappenedOut]
    now: dt.datetime
    status: str
    flow: str
    step: str
    team: str
    opted_out: bool
    data: dict[str, Any]
    contact: dict[str, Any]
    timers: list[TimerOut]
    calls: list[CallOut]
    ended: EndOut | None


@router.post(
    "/simulate",
    summary="Talk with a draft",
    dependencies=[HEARS],
    responses=problems(BotUnfit, BeginUnfit, EventUnfit, StateUnfit),
)
async def simulate_draft(name: Name, body: SimulateIn, db: ReadDb, seals: Seals, who: Viewer) -> SimulatedOut:
    """Let things happen in a simulated talk. Nothing is kept: give `state` back to go on. The draft must have no errors."""
    bot = await bots.named(db, name)
    files = dict((await drafts.current(db, bot)).files)
    tag, place = place_of(bot, files)
    rested = opened(seals, place, name, body.state) if body.state else None
    around = await world(db)
    return await asyncio.to_thread(_simulated, name, files, around, body, tag, rested, seals, place)


def _simulated(
    name: str,
    files: dict[str, str],
    around: "World",
    body: SimulateIn,
    tag: str,
    rested: bytes | None,
    seals: Sealer,
    place: bytes,
) -> SimulatedOut:
    from flows.expected import Differs
    from flows.rest import go_on, rest
    from flows.simulation import Simulation
    from flows.talk import MAX_TURNS, Talk

    _, compiled = read_and_compiled(name, files, around)
    began: HappenedOut | None = None
    if rested is not None:
        talk = go_on(compiled, rested)
    else:
        at = body.at or dt.datetime.now(dt.UTC)
        channel = registry.driver(body.channel).capabilities
        talk = Talk(Simulation.begin(compiled, channel, at, body.contact, seed=name))
        if body.begin is not None:
            began = _begun(talk, body.begin)
    happened: list[HappenedOut] = []
    left = MAX_TURNS
    for index, event in enumerate(body.events):
        try:
            if not EXPECTED.isdisjoint(event):
                raise Differs(worded("what the bot says and does is not for you to say"))
            talk.line(event)
        except Differs as differs:
            raise EventUnfit(place=index, why=in_language(differs.why, spoken())) from None
        left -= len(talk.turns)
        if left < 0:
            raise EventUnfit(
                place=index, why=f"these events cause more than {MAX_TURNS} turns: send fewer at once"
            )
        happened.append(_happened(talk.turns))
    return _out(talk, tag, sealed(seals, place, rest(talk)), began, happened)


def _begun(talk: "Talk", at: BeginIn) -> HappenedOut:
    from flows.beginning import faults_of
    from flows.place import dotted

    errors = [
        {"at": dotted(fault.pointer), "why": in_language(fault.whole, spoken())}
        for fault in faults_of(talk.simulation.compiled, at)
    ]
    if errors:
        raise BeginUnfit(first=f"{errors[0]['at']}: {errors[0]['why']}", errors=errors)
    talk.begin(at)
    return _happened(talk.turns)


def _happened(turns: "list[Turn]") -> HappenedOut:
    from flows.expected import choices_of, shown_text
    from flows.simulation import said
    from flows.talk import kept_for_team, spoken_for_team

    def shown(by: str, step: str, body: Outgoing) -> SaidOut:
        choices = [ChoiceOut(label=label, id=key) for label, key in choices_of(body)]
        return SaidOut(
            by=by or "bot",
            step=step,
            text=shown_text(body),
            choices=choices,
            body=outgoing_codec.dump_python(body, mode="json"),
        )

    trace = [one for turn in turns for one in turn.trace]
    path = [f"{one.flow}.{one.step}" for one in trace if one.step]
    return HappenedOut(
        said=[shown(each.by, each.step, each.body) for turn in turns for each in said(turn)],
        kept=[
            KeptOut(
                kind="note" if isinstance(each, AddNote) else "task",
                step=each.step,
                text=spoken_for_team(each).text,
            )
            for turn in turns
            for each in kept_for_team(turn)
        ],
        path=[step for place, step in enumerate(path) if place == 0 or path[place - 1] != step],
        trace=[
            TraceOut(
                flow=one.flow,
                step=one.step,
                outcome=one.outcome,
                note=kept_in_language(one.note, spoken()),
                unset=list(one.unset),
            )
            for one in trace
        ],
    )


def _out(
    talk: "Talk", tag: str, state: str, began: HappenedOut | None, happened: list[HappenedOut]
) -> SimulatedOut:
    from flows.state import position

    here = talk.simulation
    where, run, ended = position(here.state), here.state.run, here.ended
    return SimulatedOut(
        etag=tag,
        state=state,
        began=began,
        events=happened,
        now=here.now,
        status=where.status,
        flow=where.flow,
        step=where.step,
        team=where.team,
        opted_out=where.opted_out,
        data=run.stack[-1].data if run else ended.data if ended else {},
        contact=dict(here.view.contact),
        timers=[
            TimerOut(timer=each.timer, at=each.at)
            for each in sorted(here.timers.values(), key=lambda one: (one.at, one.timer))
        ],
        calls=[_call(each) for each in here.calls.values()],
        ended=None
        if ended is None
        else EndOut(
            flow=ended.flow, how=ended.how, result=ended.result, error=ended.error, data=dict(ended.data)
        ),
    )


def _call(call: CallWebhook) -> CallOut:
    from flows.talk import written

    return CallOut(
        step=call.step, action=call.action, method=call.method, url=written(call.url), body=call.json
    )
