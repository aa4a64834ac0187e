"""Migration: an open run goes on with another version of its bot, or stays where it was; it never breaks."""

import copy
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import bot, checking, compiler, document
from flows.compiled import Compiled
from flows.machine import advance
from flows.migration import migrate
from flows.state import State, decode
from flows.turn import Turn
from flows.world import World
from schemas import events as ev
from schemas.effects import CancelTimer, EndRun, MoveRun, Say, SetTimer
from schemas.messages import Text
from tests.flows.talks import CHANNELS, files_of, talks
from tests.flows.test_laws import SAMPLES, Conversation, sample
from tests.flows.universe import START, made_id, received, view

Flows = dict[str, Any]
FIELDS = {"name": {"type": "string"}, "size": {"enum": ["s", "m", "l"]}, "when": {"type": "string"}}
BOT: Flows = {
    "main": {
        "triggers": [{"message": {"words": ["go"]}}],
        "data": {"schema": {"type": "object", "required": ["name", "size"], "properties": FIELDS}},
        "steps": [
            {"id": "form", "action": "collect", "with": {"fields": ["name", "size"]}, "timeout": "1h"},
            {
                "id": "menu",
                "action": "menu",
                "with": {"text": "And now?", "choices": {"tea": "Tea", "sub": "Sub", "hook": "Hook"}},
                "then": {"tea": "nap", "sub": "sub", "hook": "hook", "other": "menu"},
            },
            {"id": "nap", "action": "wait", "with": {"for": "2h"}, "next": "bye"},
            {
                "id": "hook",
                "action": "webhook",
                "with": {"url": "https://x.example.com", "json": {"a": "{{ data.name }}"}},
                "next": "bye",
            },
            {"id": "sub", "action": "call", "with": {"flow": "sub"}},
            {"id": "bye", "action": "send", "with": {"text": "Bye {{ data.name }}"}},
        ],
    },
    "sub": {
        "data": {"schema": {"type": "object", "properties": {"note": {"type": "string"}}}},
        "steps": [{"id": "ask", "action": "collect", "with": {"fields": ["note"]}}],
    },
    "aside": {
        "triggers": [{"message": {"words": ["hours"]}, "interrupt": True}],
        "steps": [
            {
                "id": "pick",
                "action": "menu",
                "with": {"text": "Which day?", "choices": {"mon": "Monday", "tue": "Tuesday"}},
                "then": {"other": "stop"},
            }
        ],
    },
}
MENU = ("go", "Ana", "m")


def compiled(flows: Flows, version: int = 1) -> Compiled:
    return compiler.compile(bot.load(files_of(flows)), version=version)


def step(flows: Flows, name: str, flow: str = "main") -> dict[str, Any]:
    return next(one for one in flows[flow]["steps"] if one["id"] == name)


def after(said: tuple[str, ...], flows: Flows = BOT) -> State:
    """Where a talk stands."""
    state, old = State(), compiled(flows)
    for count, text in enumerate(said, 1):
        state = advance(old, state, received(Text(text), count), view()).state
    return state


def moved(state: State, flows: Flows, old: Flows = BOT) -> Turn:
    event = ev.Migrated(made_id(60), START + dt.timedelta(minutes=10), "Ana", 2)
    return migrate(compiled(old), compiled(flows, 2), state, event, view())


def _text(flows: Flows) -> None:
    step(flows, "menu")["with"]["text"] = "What now?"


def _more_choices(flows: Flows) -> None:
    step(flows, "menu")["with"]["choices"]["milk"] = "Milk"


def _other_order(flows: Flows) -> None:
    step(flows, "menu")["with"]["choices"] = {"sub": "Sub", "tea": "Tea", "hook": "Hook"}


def _renamed(flows: Flows) -> None:
    for one in flows["main"]["steps"]:
        one["id"] = {"menu": "choose"}.get(one["id"], one["id"])
        one["then"] = {key: to if to != "menu" else "choose" for key, to in one.get("then", {}).items()}


def _other_action(flows: Flows) -> None:
    step(flows, "menu").update({"action": "handoff", "with": {"team": "t"}, "then": {}})


def _disabled(flows: Flows) -> None:
    step(flows, "menu")["disabled"] = True


def _no_flow(flows: Flows) -> None:
    flows["start"] = flows.pop("main")


def _field_gone(flows: Flows) -> None:
    del flows["main"]["data"]["schema"]["properties"]["name"]
    flows["main"]["data"]["schema"]["required"] = ["size"]
    step(flows, "form")["with"]["fields"] = ["size"]
    step(flows, "hook")["with"]["json"] = {}
    step(flows, "bye")["with"]["text"] = "Bye"


def _field_typed(flows: Flows) -> None:
    flows["main"]["data"]["schema"]["properties"]["name"] = {"type": "integer"}


def _field_narrowed(flows: Flows) -> None:
    flows["main"]["data"]["schema"]["properties"]["name"] = {"type": "string", "minLength": 5}


def _field_widened(flows: Flows) -> None:
    flows["main"]["data"]["schema"]["properties"]["name"] = {"type": "string", "maxLength": 50}


def _field_asked_before(flows: Flows) -> None:
    flows["main"]["data"]["schema"]["required"].append("when")
    step(flows, "form")["with"]["fields"].append("when")


def _choices_of_a_field(flows: Flows) -> None:
    flows["main"]["data"]["schema"]["properties"]["size"] = {"enum": ["m", "s", "l"]}


def _call_changed(flows: Flows) -> None:
    step(flows, "hook")["with"]["method"] = "PUT"


def _calls_with_inputs(flows: Flows) -> None:
    step(flows, "sub")["with"]["outputs"] = {"name": "result.note"}


def _waits_for_an_event(flows: Flows) -> None:
    step(flows, "nap")["with"] = {"event": "paid"}


def _called_before(flows: Flows) -> None:
    made = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    hook = {"id": "first", "action": "webhook", "with": {"url": "https://x.example.com", "returns": made}}
    flows["main"]["steps"].insert(1, hook)


def _waits_longer(flows: Flows) -> None:
    step(flows, "nap")["with"] = {"for": "3h"}


@pytest.mark.parametrize(
    ("said", "change", "why"),
    [
        (MENU, _text, ""),
        (MENU, _more_choices, ""),
        (MENU, _other_order, "question_changed"),
        (MENU, _renamed, "step_gone"),
        (MENU, _other_action, "action_changed"),
        (MENU, _disabled, "step_disabled"),
        (MENU, _no_flow, "flow_gone"),
        (MENU, _field_gone, "field_gone"),
        (MENU, _field_typed, "field_changed"),
        (MENU, _field_narrowed, "field_changed"),
        (MENU, _field_widened, ""),
        (MENU, _field_asked_before, "unset"),
        (("go",), _field_asked_before, ""),
        (MENU, _called_before, "unset"),
        (("go",), _called_before, ""),
        (("go",), _choices_of_a_field, ""),
        (("go", "Ana"), _choices_of_a_field, "question_changed"),
        ((*MENU, "hook"), _call_changed, "call_changed"),
        ((*MENU, "hook"), _text, ""),
        ((*MENU, "sub"), _calls_with_inputs, "call_changed"),
        ((*MENU, "sub"), _text, ""),
        ((*MENU, "tea"), _waits_for_an_event, "question_changed"),
        ((*MENU, "tea"), _waits_longer, ""),
        ((*MENU, "hours"), _other_order, "question_changed"),
        ((*MENU, "hours"), _text, ""),
        ((*MENU, "hook", "hours"), _text, ""),
    ],
)
def test_a_run_goes_on_or_stays(said: tuple[str, ...], change: Callable[[Flows], None], why: str) -> None:
    flows, state = copy.deepcopy(BOT), after(said)
    change(flows)
    turn = moved(state, flows)
    assert state.run is not None
    assert turn.state.run is not None
    if why:
        found = compiler_misfits(state, flows)
        assert {one.code for one in found} == {why}
        assert turn == Turn(state, (), view(), turn.trace)
        assert turn.trace[0].note == f"stays on version 1: {found[0]}"
    else:
        assert turn.state == replace(state, run=replace(state.run, version=2))
        assert turn.effects == (MoveRun(state.run.id, 2),)
        assert decode(turn.encoded) == turn.state


def compiler_misfits(state: State, flows: Flows) -> Any:
    from flows.migration import misfits

    assert state.run is not None
    return misfits(compiled(BOT), compiled(flows, 2), state.run)


def test_what_was_asked_is_answered_in_the_new_version() -> None:
    flows = copy.deepcopy(BOT)
    _more_choices(flows)
    state = moved(after(MENU), flows).state
    turn = advance(compiled(flows, 2), state, received(Text("milk"), 70), view())
    ended = [one for one in turn.effects if isinstance(one, Say)]
    assert [one.body.text for one in ended if isinstance(one.body, Text)] == []
    assert turn.state.run is not None
    assert (turn.state.run.stack[0].step, turn.state.run.stack[0].data) == (
        "nap",
        {"name": "Ana", "size": "m"},
    )


def test_a_timeout_is_that_of_the_new_version() -> None:
    flows = copy.deepcopy(BOT)
    step(flows, "menu")["timeout"] = "2h"
    del step(flows, "form")["timeout"]
    now = START + dt.timedelta(minutes=10)
    waiting, asked = after(MENU), after(("go",))
    assert waiting.run is not None
    turn = moved(waiting, flows)
    visit = waiting.run.stack[0].visit
    assert turn.effects[1:] == (SetTimer("timeout.0", now + dt.timedelta(hours=2), visit),)
    assert turn.state.run is not None
    assert turn.state.run.stack[0].timers == (("timeout", 7200),)
    turn = moved(asked, flows)
    assert turn.effects[1:] == (CancelTimer("timeout.0"),)
    assert turn.state.run is not None
    assert turn.state.run.stack[0].timers == ()


@pytest.mark.parametrize(("span", "timer"), [("48h", SetTimer), (None, CancelTimer)])
def test_a_run_expires_as_the_new_version_says(span: str | None, timer: type) -> None:
    state = after(MENU)
    new = compiler.compile(bot.load(files_of(BOT, {"expire_after": span})), version=2)
    turn = migrate(compiled(BOT), new, state, ev.Migrated(made_id(60), START, "Ana", 2), view())
    assert [type(one) for one in turn.effects] == [MoveRun, timer]


def test_a_result_of_another_type_stays() -> None:
    def hooked(kind: str) -> Flows:
        flows = copy.deepcopy(BOT)
        _called_before(flows)
        returns = {"type": "object", "properties": {"id": {"type": kind}}}
        step(flows, "first")["with"]["returns"] = returns
        return flows

    state = after(("go", "Ana", "m"), hooked("string"))
    assert state.run is not None
    call = state.run.call
    assert call is not None
    answer = {"status": 200, "text": "", "json": {"id": "L7"}}
    done = ev.ActionDone(made_id(40), START, call, 2, True, answer)
    state = advance(compiled(hooked("string")), state, done, view()).state
    assert state.run is not None
    assert state.run.stack[0].step == "menu"
    for kind, version in (("string", 2), ("integer", 1)):
        turn = moved(state, hooked(kind), hooked("string"))
        assert turn.state.run is not None
        assert turn.state.run.version == version, turn.trace


def asking(owner: str, **step: Any) -> Flows:
    """A form whose group `g` has a group of its own where `a` is `owner`."""
    inner = {
        "h": {
            "type": "object",
            "title": "H",
            "required": ["n"],
            "properties": {"n": {"type": "string", "title": "N"}},
        }
    }
    group = {"type": "object", "required": ["h"], "properties": inner}
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"enum": ["x", "y"]}},
        "if": {"properties": {"a": {"const": owner}}},
        "then": {"properties": {"g": group}, "required": ["g"]},
    }
    form = {"id": "f", "action": "collect", "with": {"fields": ["a", "g"], **step}, "then": {"cancelled": "stop", "failed": "stop", "timeout": "stop"}}  # fmt: skip
    aside = {
        "triggers": [{"event": {"name": "x"}, "interrupt": True}],
        "steps": [{"id": "s", "action": "send", "with": {"text": "9-18"}}],
    }
    bye = {"id": "bye", "action": "send", "with": {"text": "Bye"}}
    main = {"triggers": [{"message": {"words": ["go"]}}], "data": {"schema": schema}, "steps": [form, bye]}
    return {"main": main, "aside": aside}


def test_a_question_that_the_new_version_does_not_ask_is_passed_over() -> None:
    old, new = asking("x"), asking("y")
    state = moved(after(("go", "x"), old), new, old).state
    assert state.run is not None
    assert (state.run.version, state.run.stack[0].memory["at"]) == (2, "g.h.n")
    posted = ev.Posted(made_id(71), START, "x", {})
    looked = advance(compiled(new, 2), state, posted, view())
    turn = advance(compiled(new, 2), looked.state, received(Text("whatever"), 72), view())
    assert [
        one.body.text
        for one in (*looked.effects, *turn.effects)
        if isinstance(one, Say) and isinstance(one.body, Text)
    ] == ["9-18", "Bye"]


def test_a_summary_and_a_channels_own_form_go_on() -> None:
    old, new = asking("y", confirm=True), asking("y", confirm=True)
    step(new, "bye")["with"]["text"] = "Goodbye"
    state = after(("go", "x"), old)
    assert moved(state, new, old).trace[0].note == "goes on with version 2"
    with_form: dict[str, Any] = {"form": {"id": "7"}}
    shows = replace(view(), capabilities=replace(CHANNELS["cloud_api"], forms=True))
    begun = advance(compiled(asking("y", **with_form)), State(), received(Text("go"), 1), shows).state
    for other, note in (
        ({"form": {"id": "7"}}, "goes on with version 2"),
        ({"form": {"id": "8"}}, "takes other answers"),
    ):
        assert note in moved(begun, asking("y", **other), asking("y", **with_form)).trace[0].note


def test_people_keep_a_conversation_over_a_new_version() -> None:
    def team(name: str) -> Flows:
        steps = [
            {
                "id": "h",
                "action": "handoff",
                "with": {"team": name},
                "timeout": "1d",
                "then": {"timeout": "stop"},
            }
        ]
        return {"main": {"triggers": [{"message": {"words": ["go"]}}], "steps": steps}}

    assert moved(after(("go",), team("a")), team("b"), team("a")).trace[0].note == "goes on with version 2"


def test_what_is_set_in_this_run_is_no_hindrance_though_it_was_not_always() -> None:
    keep = {"id": "keep", "action": "set", "with": {"data": {"when": "'now'"}}}
    perhaps = {
        "id": "which",
        "action": "branch",
        "with": {"cases": {"a": "message.text == 'go'"}},
        "then": {"a": "keep"},
        "next": "menu",
    }
    old, new = copy.deepcopy(BOT), copy.deepcopy(BOT)
    old["main"]["steps"][1:1] = [perhaps, keep]
    new["main"]["steps"][1:1] = [keep]
    state = after(("go", "Ana", "m"), old)
    assert state.run is not None
    unset = moved(state, new, old).trace[0].note
    frame = state.run.stack[0]
    kept = replace(
        state, run=replace(state.run, stack=(replace(frame, data={**frame.data, "when": "now", "old": 1}),))
    )
    assert unset == "stays on version 1: " + unset.partition(": ")[2]
    assert moved(kept, new, old).trace[0].note == "goes on with version 2"


def test_without_a_run_there_is_nothing_to_move() -> None:
    event = ev.Migrated(made_id(60), START, "Ana", 2)
    assert migrate(compiled(BOT), compiled(BOT, 2), State(), event, view()).state == State()
    assert advance(compiled(BOT), State(), event, view()).state == State()


QUICK = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.mark.parametrize("name", SAMPLES)
@QUICK
@given(data=st.data())
def test_an_equal_version_is_not_noticed(name: str, data: st.DataObject) -> None:
    old = sample(name)
    new = replace(old, version=old.version + 1)
    talk = Conversation(old)
    for _ in range(data.draw(st.integers(1, 8))):
        talk.give(talk.event(data.draw))
    if talk.state.run is None:
        return
    turn = migrate(old, new, talk.state, ev.Migrated(made_id(90), talk.now, "Ana", new.version), talk.view)
    assert turn.state == replace(talk.state, run=replace(talk.state.run, version=new.version))
    event = talk.event(data.draw)
    stayed = advance(old, talk.state, event, talk.view)
    went = advance(new, turn.state, event, talk.view)
    if stayed.state.run is not None and stayed.state.run.id == talk.state.run.id:
        assert went.trace == stayed.trace
        assert went.state.run == replace(stayed.state.run, version=new.version)


# Any edit of any bot.

VALUES = [{"type": "string"}, {"type": "integer"}, {"enum": ["x", "y"]}, {"type": "boolean"}, {"type": "string", "minLength": 3}]  # fmt: skip
STEPS = [
    {"action": "send", "with": {"text": "New"}},
    {"action": "menu", "with": {"text": "?", "choices": {"a": "A", "b": "B"}}, "then": {"other": "stop"}},
    {"action": "wait", "with": {"for": "1h"}},
    {"action": "wait", "with": {"message": True}},
    {"action": "handoff", "with": {"team": "t"}},
]


def edited(flow: dict[str, Any], draw: Any) -> None:
    """One thing that an author may change, sensible or not."""
    steps: list[dict[str, Any]] = flow["steps"]
    at = draw(st.integers(0, len(steps) - 1))
    schema = flow.setdefault("data", {}).setdefault("schema", {"type": "object"})
    properties = schema.setdefault("properties", {})
    names = [*properties, "fresh"]
    match draw(st.integers(0, 12)):
        case 0 if len(steps) > 1:
            del steps[at]
        case 1:
            steps[at]["id"] = "renamed"
        case 2:
            steps.insert(at, {"id": "inserted", **copy.deepcopy(draw(st.sampled_from(STEPS)))})
        case 3:
            steps[at] = {"id": steps[at]["id"], **copy.deepcopy(draw(st.sampled_from(STEPS)))}
        case 4:
            steps[at]["disabled"] = True
        case 5:
            steps[at].pop("timeout", None)
            if draw(st.booleans()):
                steps[at]["timeout"] = "5m"
        case 6:
            properties[draw(st.sampled_from(names))] = draw(st.sampled_from(VALUES))
        case 7 if properties:
            gone = draw(st.sampled_from(list(properties)))
            del properties[gone]
            schema["required"] = [one for one in schema.get("required", ()) if one != gone]
        case 8:
            schema["required"] = [*properties]
        case 9:
            steps.reverse()
        case 10:
            given_ = steps[at].get("with", {})
            if "choices" in given_:
                given_["choices"] = dict(reversed(given_["choices"].items()))
            elif "fields" in given_:
                given_["fields"] = [*reversed(given_["fields"])]
        case 11:
            properties["fresh"] = {"type": "integer"}
            schema["required"] = [*schema.get("required", ()), "fresh"]
            steps.insert(0, {"id": "ask_fresh", "action": "collect", "with": {"fields": ["fresh"]}})
            steps.append({"id": "use_fresh", "action": "branch", "with": {"cases": {"a": "data.fresh > 3"}}})
        case _:
            steps[at].setdefault("with", {})["tries"] = 3


PAIRS = {one.name.partition(":")[0]: one.files for one in reversed(talks())}


def version_of(files: dict[str, Any], draw: Any) -> Compiled | None:
    """Another version of the bot, if it could be published."""
    made = dict(files)
    flows = [path for path in made if path.startswith("flows/")]
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(flows))
        source = document.parse(path, made[path])
        assert isinstance(source, document.Source)
        flow = copy.deepcopy(source.value)
        edited(flow, draw)
        made[path] = json.dumps(flow)
    read = bot.load(made)
    if any(one.severity == "error" for one in checking.check(read, World(channels=tuple(CHANNELS.values())))):
        return None
    return compiler.compile(read, version=2)


@pytest.mark.parametrize("name", PAIRS)
@settings(QUICK, max_examples=15)
@given(data=st.data())
def test_a_moved_run_goes_on_or_stays_where_it_was(name: str, data: st.DataObject) -> None:
    old = compiler.compile(bot.load(PAIRS[name]), version=1)
    new = version_of(PAIRS[name], data.draw)
    if new is None:
        return
    talk = Conversation(old)
    talk.give(received(Text("go"), 0, START))
    for _ in range(data.draw(st.integers(0, 6))):
        talk.give(talk.event(data.draw))
    run = talk.state.run
    if run is None:
        return
    turn = migrate(old, new, talk.state, ev.Migrated(made_id(90), talk.now, "Ana", 2), talk.view)
    assert turn.state.run is not None
    if turn.state.run.version == 1:
        assert (turn.state, turn.effects) == (talk.state, ())
        return
    assert replace(turn.state.run, version=1, stack=()) == replace(run, stack=())
    talk.compiled, talk.state = new, turn.state
    for _ in range(4):
        if talk.state.run is None or talk.state.run.id != run.id:
            return
        happened = talk.give(talk.event(data.draw))
        for line in happened.trace:
            assert not (line.outcome == "failed" and breaks(line.note)), line
        for one in happened.effects:
            assert not (isinstance(one, EndRun) and one.id == run.id and breaks(one.error)), one


def breaks(note: str) -> bool:
    """Whether a fault is one that the checker vouches for; what an answer from outside holds, it cannot know."""
    return "has no step" in note or ("'data." in note and "has no value" in note) or "in one turn" in note
