"""Migration: an open run goes on with another version of its bot where it fits, and stays on its own where it does not.

Flows and steps are known again by their ids. A run fits when, for each flow of its stack, the step is there with
the same action and would take what the contact was asked, the data is what the schema declares, and all is set that
the new version has set by then. A call under way, to a webhook or to another flow, must be the same call. Texts,
edges and other steps may differ as they like.

Nothing is said and nothing is done by a migration: the contact does not notice. Timers that run keep their time; a
timeout that the step has only now counts from now, and one that it has no longer is forgotten.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, cast

from flows.actions.collect import FORM, Collect
from flows.compiled import Compiled, CompiledStep
from flows.form import Field
from flows.rules.assignment import Facts, facts_at
from flows.rules.fields import given_fields
from flows.state import Frame, Run, State, encode
from flows.turn import Trace, Turn, View
from flows.values import Unfit
from schemas.effects import CancelTimer, Effect, MoveRun, SetTimer
from schemas.events import Migrated

TIMEOUT: Final = "timeout"
_SENTENCES: Final = {
    "flow_gone": "there is no flow {flow} any more",
    "step_gone": "there is no step {flow}.{step} any more",
    "step_disabled": "the step {flow}.{step} is disabled",
    "action_changed": "the step {flow}.{step} has the action {what} now",
    "question_changed": "the step {flow}.{step} takes other answers than the contact was asked for",
    "call_changed": "the step {flow}.{step} awaits the result of a call that has changed",
    "field_gone": "the flow {flow} has no field {what} any more, and the run has a value for it",
    "field_changed": "the field {what} of the flow {flow} does not take the value that the run has",
    "result_changed": "what the step before {flow}.{step} brought is not what is brought now",
    "unset": "{what} is set at {flow}.{step}, and the run has no value for it",
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a run cannot go on with another version. It holds no values."""

    code: str
    flow: str
    step: str
    what: str = ""

    def __str__(self) -> str:
        return _SENTENCES[self.code].format(flow=self.flow, step=self.step, what=self.what)


def misfits(old: Compiled, new: Compiled, run: Run) -> tuple[Misfit, ...]:
    """Everything for which a run that is on `old` cannot go on with `new`; nothing: it can."""
    return tuple(one for place in range(len(run.stack)) for one in _of_frame(old, new, run, place))


def migrate(old: Compiled, new: Compiled, state: State, event: Migrated, view: View) -> Turn:
    """The run of `state`, which is on `old`, goes on with `new`; or all stays as it is, and the trace says why."""
    run = state.run
    if run is None:
        return Turn(state, (), view, (Trace("", "", note="no run is under way"),))
    top = run.stack[-1]
    for misfit in misfits(old, new, run):
        note = f"stays on version {run.version}: {misfit}"
        return Turn(state, (), view, (Trace(top.flow, top.step, note=note),))
    timers: dict[str, Effect] = {}
    frames = [_timed(new, run, place, event.at, timers) for place in range(len(run.stack))]
    if new.expire_after != old.expire_after:
        span = new.expire_after
        timers["expire"] = (
            CancelTimer("expire") if span is None else SetTimer("expire", run.active_at + span, 0)
        )
    after = replace(state, run=replace(run, version=new.version, stack=tuple(frames)))
    trace = Trace(top.flow, top.step, note=f"goes on with version {new.version}")
    return Turn(after, (MoveRun(run.id, new.version), *timers.values()), view, (trace,), encode(after))


def _of_frame(old: Compiled, new: Compiled, run: Run, place: int) -> Iterator[Misfit]:
    frame = run.stack[place]
    before, step = _step(old, frame), _step(new, frame)
    if frame.flow not in new.flows:
        yield Misfit("flow_gone", frame.flow, frame.step)
    elif before is None or step is None:
        yield Misfit("step_gone", frame.flow, frame.step)
    elif step.disabled:
        yield Misfit("step_disabled", frame.flow, frame.step)
    elif step.action.name != before.action.name:
        yield Misfit("action_changed", frame.flow, frame.step, step.action.name)
    else:
        if _calls(run, place):
            listed = old.flows[frame.flow].document.data != new.flows[frame.flow].document.data
            if step.action != before.action or (frame.memory and listed):
                yield Misfit("call_changed", frame.flow, frame.step)
        elif not step.action.takes_over(before.action) or not _asks_alike(before, step, frame):
            yield Misfit("question_changed", frame.flow, frame.step)
        elif not _fits_result(before, step, frame):
            yield Misfit("result_changed", frame.flow, frame.step)
        yield from _of_data(old, new, frame)
        yield from _of_facts(old, new, frame)


def _step(bot: Compiled, frame: Frame) -> CompiledStep | None:
    flow = bot.flows.get(frame.flow)
    return flow.steps.get(frame.step) if flow else None


def _calls(run: Run, place: int) -> bool:
    """Whether the frame awaits what it called: the flow above it, or an action's result."""
    if place == len(run.stack) - 1:
        return run.call is not None
    return not run.stack[place + 1].interrupts


def _asks_alike(before: CompiledStep, step: CompiledStep, frame: Frame) -> bool:
    """Whether a form's open question means the same: its choices are told apart by their place."""
    if not isinstance(step.action, Collect):
        return True
    at = str(frame.memory.get("at", ""))
    if at == FORM:
        return step.action == before.action and _are_alike(before.fields, step.fields)
    root = at.partition(".")[0]
    if root not in before.fields:
        return True  # the summary
    return root in step.action.fields and _is_alike(before.fields[root], step.fields[root])


def _is_alike(one: Field, other: Field) -> bool:
    return (
        one.kind == other.kind
        and [value for value, _ in one.choices] == [value for value, _ in other.choices]
        and _are_alike(one.children, other.children)
        and len(one.variants) == len(other.variants)
        and all(_is_alike(a, b) for (_, a), (_, b) in zip(one.variants, other.variants, strict=True))
    )


def _are_alike(some: Mapping[str, Field], others: Mapping[str, Field]) -> bool:
    return list(some) == list(others) and all(_is_alike(some[name], others[name]) for name in some)


def _fits_result(before: CompiledStep, step: CompiledStep, frame: Frame) -> bool:
    """Whether what the run holds of the last result, and of the event that began it, has the new version's types."""
    held = {"result": frame.result or {}, "event": frame.event or {}}
    return all(
        _converts(step, name, value) or not _converts(before, name, value) for name, value in held.items()
    )


def _converts(step: CompiledStep, name: str, value: Mapping[str, Any]) -> bool:
    try:
        step.scope.convert(name, value, {})
    except Unfit:
        return False
    return True


def _of_data(old: Compiled, new: Compiled, frame: Frame) -> Iterator[Misfit]:
    known, fields = old.flows[frame.flow].fields, new.flows[frame.flow].fields
    scope = new.flows[frame.flow].steps[frame.step].scope
    for name, value in frame.data.items():
        if name not in fields:
            if name in known:
                yield Misfit("field_gone", frame.flow, frame.step, name)
            continue
        if name in known and known[name].schema == fields[name].schema:
            continue  # a group that is half filled fits no schema yet
        try:
            scope.convert("data", {name: value}, {name: {}})
        except Unfit:
            yield Misfit("field_changed", frame.flow, frame.step, name)
        else:
            if not fields[name].takes(value):
                yield Misfit("field_changed", frame.flow, frame.step, name)


def _of_facts(old: Compiled, new: Compiled, frame: Frame) -> Iterator[Misfit]:
    """What the checker took for set, so that expressions use it without a test."""
    known = _facts(old)[frame.flow].get(frame.step, frozenset())
    held = {"data": frame.data, "result": frame.result}
    for path in sorted(_facts(new)[frame.flow].get(frame.step, frozenset()) - known):
        where, *names = path.split(".")
        if not _is_set(held.get(where), names):
            yield Misfit("unset", frame.flow, frame.step, path)


@lru_cache(4)
def _facts(bot: Compiled) -> dict[str, dict[str, Facts]]:
    given = given_fields(bot)
    return {
        name: facts_at(flow, frozenset(f"data.{field}" for field in given.get(name, ())))
        for name, flow in bot.flows.items()
    }


def _is_set(data: Any, names: list[str]) -> bool:
    for name in names:
        if not isinstance(data, dict):
            return False
        data = cast("dict[str, Any]", data).get(name)
    return data is not None


def _timed(new: Compiled, run: Run, place: int, now: dt.datetime, timers: dict[str, Effect]) -> Frame:
    """The frame with the timeout that its step has in the new version."""
    frame = run.stack[place]
    span = new.flows[frame.flow].steps[frame.step].timeout
    key, others = f"{TIMEOUT}.{place}", tuple(one for one in frame.timers if one[0] != TIMEOUT)
    has = len(others) < len(frame.timers)
    if has and span is None:
        timers[key] = CancelTimer(key)
        return replace(frame, timers=others)
    waits = place == len(run.stack) - 1 or run.stack[place + 1].interrupts
    if not has and span is not None and waits:
        timers[key] = SetTimer(key, now + span, frame.visit)
        return replace(frame, timers=(*others, (TIMEOUT, span.total_seconds())))
    return frame
