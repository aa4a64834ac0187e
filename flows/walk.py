"""The walk along the steps: runs begin and end, frames are pushed and popped, moves carried on.

`drive` carries a move on until something waits or the run is over. Nothing here knows what a contact may say
at any time, who has the floor, or what waits: that is `flows.machine`'s.
"""

import datetime as dt
from typing import Any

from flows.action import Move
from flows.actions.call import Call
from flows.cel import evaluate
from flows.compiled import CompiledStep, CompiledTrigger
from flows.context import Context
from flows.scopes import message_value
from flows.state import Run, Silence
from flows.turn import Trace
from flows.values import EvaluationFailed
from flows.work import Live, StepGone, Work
from schemas import events as ev
from schemas.effects import CallWebhook, CancelTimer, ChangeContact, EndRun, SetTimer, StartRun
from schemas.ids import derived_id
from schemas.problems import Refused


class TooManySteps(Refused):
    """A turn ran in a circle."""

    code = "flow.too_many_steps"
    sentence = "More than {limit} steps in one turn, at {flow}.{step}: is there a loop with no wait?"


# What starts a flow.


def start(work: Work, event: ev.Event, answer_anyway: bool) -> bool:
    """No run is under way: admission, triggers, fallback. False when nothing began.

    Without `answer_anyway` only what a trigger takes is answered at all.
    """
    firing = None
    if not answer_anyway:
        firing = next((one for one in work.bot.triggers if _fires(work, one, event)), None)
        if firing is None:
            return False
    admit = work.bot.admit
    if admit is not None and not admitted(work, event):
        begin(work, admit.flow, "not admitted", event)
        return True
    firing = firing or next((one for one in work.bot.triggers if _fires(work, one, event)), None)
    if firing is not None:
        begin(work, firing.flow, firing.trigger.name, event)
        return True
    if work.bot.document.fallback:
        begin(work, work.bot.document.fallback, "fallback", event)
        return True
    readable = isinstance(event, ev.Received) and event.message.content.kind in ("text", "choice")
    work.say("no_match" if readable else "unreadable")
    return False


def interrupt(work: Work, event: ev.Event) -> bool:
    """Start the first trigger that interrupts and fires, on top of what waits; a flow under way does not again."""
    under_way = {frame.flow for frame in work.stack}
    for trigger in work.bot.triggers:
        if trigger.interrupt and trigger.flow not in under_way and _fires(work, trigger, event):
            if not admitted(work, event):
                return False
            push(work, trigger.flow, event, interrupts=True)
            return True
    return False


def admitted(work: Work, event: ev.Event) -> bool:
    """Whether this contact is served. A condition that has no value does not hold."""
    admit = work.bot.admit
    if admit is None:
        return True
    try:
        return evaluate(admit.when, work.values(None, event)) is True
    except EvaluationFailed as fault:
        work.note(f"admission could not be evaluated: {fault}")
        return False


def _fires(work: Work, trigger: CompiledTrigger, event: ev.Event) -> bool:
    def value(source: str) -> Any:
        compiled = trigger.expressions[source]
        return evaluate(compiled, work.values(None, event))

    try:
        return trigger.trigger.fires(event, value)
    except EvaluationFailed as fault:
        work.note(f"a trigger of {trigger.flow} could not be evaluated: {fault}")
        return False


# Runs begin and end.


def begin(
    work: Work, flow: str, trigger: str, event: ev.Event, step: str = "", data: dict[str, Any] | None = None
) -> None:
    """A run begins, at the flow's first step or at `step`."""
    work.runs += 1
    run_id = derived_id(work.event.id, f"run{work.runs}")
    at = work.event.at
    work.run = Run(run_id, work.bot.version, started_at=at, active_at=at, stack=())
    work.visits, work.call, work.said, work.lost = 0, None, [], 0
    if isinstance(event, ev.Received):
        work.message = message_value(event)
    work.emit(StartRun(run_id, flow, work.bot.version, trigger))
    if work.bot.expire_after is not None:
        work.timers["expire"] = SetTimer("expire", at + work.bot.expire_after, 0)
    push(work, flow, event, step=step, data=data)


def push(
    work: Work,
    flow: str,
    event: ev.Event,
    *,
    step: str = "",
    data: dict[str, Any] | None = None,
    interrupts: bool = False,
) -> None:
    """A flow is entered, on top of the stack."""
    posted = event.data if isinstance(event, ev.Posted) else None
    known = {name: value for name, value in (data or {}).items() if value is not None}
    first = step or work.bot.flows[flow].first
    work.stack.append(Live(flow, first, 0, work.event.at, known, {}, None, posted, (), interrupts))
    _enter_and_drive(work, event)


def end_run(work: Work, how: str, result: str = "", error: str = "") -> None:
    """The run is over, if there is one: all its frames and timers go. Posted events stay for other triggers."""
    run = work.run
    if run is None:
        return
    bottom = work.stack[0]
    while work.stack:
        work.leave_timers()
        work.stack.pop()
    if work.bot.expire_after is not None:
        work.timers["expire"] = CancelTimer("expire")
    work.emit(EndRun(run.id, bottom.flow, how, result, error, dict(bottom.data)))
    work.run, work.call, work.message, work.said = None, None, None, []


# Steps.


def resume(work: Work, event: ev.Event) -> bool:
    """Offer an event to the waiting step. False when it does not take it."""
    try:
        step = work.step()
        context = work.context(event, step)
        move = step.action.resume(context, event)
    except (EvaluationFailed, StepGone) as fault:
        fail(work, fault)
        return True
    if move is None:
        return False
    if move.weak and interrupt(work, event):
        return True
    if step.resets and step.timeout is not None and move.waits and isinstance(event, ev.Received):
        work.set_timer("timeout", step.timeout)
    drive(work, move, context)
    return True


def ask_again(work: Work, event: ev.Event) -> None:
    """The waiting step asks anew; a timer of its that fell due meanwhile fires at once instead."""
    depth = len(work.stack) - 1
    for due in [one for one in work.held if isinstance(one, ev.TimerFired)]:
        name, _, at = due.timer.partition(".")
        if work.silence is None and at == str(depth):
            work.held.remove(due)
            if due.visit == work.top.visit:
                fire(work, ev.TimerFired(due.id, due.at, name, due.visit))
                return
    try:
        step = work.step()
        context = work.context(event, step)
        move = step.action.again(context)
    except (EvaluationFailed, StepGone) as fault:
        fail(work, fault)
        return
    drive(work, move, context)


def fire(work: Work, event: ev.TimerFired) -> None:
    """A timer of the top frame, by its bare name."""
    work.active = True
    if event.timer == "timeout":
        work.call = None
        leave(work, Move(leaves="timeout"))
    else:
        resume(work, event)


def leave(work: Work, move: Move) -> None:
    """Carry on a move that no action made."""
    try:
        work.step()
    except StepGone as fault:
        fail(work, fault)
        return
    drive(work, move)


def drive(work: Work, move: Move, context: Context | None = None) -> None:
    """Carry a move on until something waits or the run is over."""
    event = work.event if context is None else context.event
    while True:
        step = work.step() if context is None else context.step
        _write(work, move, step)
        unset = tuple(context.unset) if context is not None else ()
        if move.waits:
            _wait(work, move, step)
            work.trace.append(Trace(step.flow, step.id, "", move.note, unset))
            return
        if move.calls is not None:
            if move.memory is not None:
                work.top.memory = move.memory
            work.trace.append(Trace(step.flow, step.id, "", move.note or f"calls {move.calls}", unset))
            push(work, move.calls, event, data=move.inputs)
            return
        outcome = move.stops if move.stops is not None else move.leaves or ""
        work.trace.append(Trace(step.flow, step.id, outcome, move.note, unset))
        work.leave_timers()
        target = "" if move.stops is not None else step.target(outcome)
        if target is None:
            _give_up(work, step, outcome, move.note)
            return
        if target:
            work.top.step = target
            entered = _enter(work, event)
        else:
            entered = _end_frame(work, move.stops or "done", event)
        if entered is None:
            return
        move, context = entered


def fail(work: Work, fault: Refused) -> None:
    """The flow raised. The contact is told; the flow's default for `failed` goes on, else the run ends."""
    work.note(str(fault), outcome="failed")
    work.leave_timers()
    work.call = None
    again, work.failing = work.failing, True
    if not again:
        work.say("broken")
    flow = work.bot.flows.get(work.top.flow)
    target = flow.defaults.get("failed") if flow else None
    if flow and target and target in flow.steps and not again and not isinstance(fault, TooManySteps):
        work.top.step, work.top.memory = target, {}
        _enter_and_drive(work, work.event)
        return
    end_run(work, "failed", error=str(fault))


def _enter_and_drive(work: Work, event: ev.Event) -> None:
    entered = _enter(work, event)
    if entered is not None:
        drive(work, *entered)


def _enter(work: Work, event: ev.Event) -> tuple[Move, Context] | None:
    """Reach the step that the top frame stands at; None when that failed and was seen to."""
    try:
        step = work.step()
        work.steps += 1
        if work.steps > work.view.limits.steps:
            raise TooManySteps(limit=work.view.limits.steps, flow=step.flow, step=step.id)
        work.visits += 1
        top = work.stack[-1]
        top.visit, top.entered_at, top.memory, top.timers = work.visits, work.event.at, {}, ()
        context = work.context(event, step)
        if step.disabled:
            return Move(leaves="", note="disabled"), context
        return step.action.enter(context), context
    except (EvaluationFailed, TooManySteps, StepGone) as fault:
        fail(work, fault)
        return None


def _write(work: Work, move: Move, step: CompiledStep) -> None:
    """What a move changes and asks for, whatever comes next."""
    if move.data:
        merged = {**work.top.data, **move.data}
        work.top.data = {key: value for key, value in merged.items() if value is not None}
    if move.contact:
        work.change_contact(move.contact)
        work.emit(ChangeContact(move.contact))
    if move.result is not None:
        work.top.result = move.result
    if move.takes is not None:
        work.posted = [one for one in work.posted if one.id != move.takes]
    for effect in move.effects:
        effect_id = work.emit(effect, step.name)
        if move.awaits_call and isinstance(effect, CallWebhook):
            work.call = effect_id


def _wait(work: Work, move: Move, step: CompiledStep) -> None:
    top = work.stack[-1]
    if move.memory is not None:
        top.memory = move.memory
    for name, span in move.timers:
        work.set_timer(name, span)
    if step.timeout is not None and not any(name == "timeout" for name, _ in top.timers):
        work.set_timer("timeout", step.timeout)
    if move.silences is not None:
        work.silence = Silence("handed_off", work.event.at, team=move.silences)


def _end_frame(work: Work, outcome: str, event: ev.Event) -> tuple[Move, Context] | None:
    """The top frame is done: its caller goes on, what it interrupted asks again, or the run is over."""
    if len(work.stack) == 1:
        end_run(work, "done", result=outcome)
        return None
    done = work.stack.pop()
    if done.interrupts:
        ask_again(work, event)
        return None
    work.top.result = done.data
    try:
        step = work.step()
        context = work.context(event, step)
        if not isinstance(step.action, Call):
            raise StepGone(flow=step.flow, step=step.id)
        return step.action.returned(context, outcome), context
    except (EvaluationFailed, StepGone) as fault:
        fail(work, fault)
        return None


def _give_up(work: Work, step: CompiledStep, outcome: str, why: str) -> None:
    """An outcome that nobody mapped ends the run, visibly where something went wrong."""
    place = f"{step.name}: {outcome}"
    if outcome == "failed":
        work.say("broken")
    how = "failed" if outcome in ("failed", "undelivered") else "stopped"
    end_run(work, how, result=outcome, error=f"{place} ({why})" if why else place)


def count_anew(work: Work, event: ev.TimerFired) -> None:
    """A timer that fell due while people had the floor counts from now."""
    name, _, depth = event.timer.partition(".")
    if name == "expire":
        if work.run is not None and work.bot.expire_after is not None:
            work.timers["expire"] = SetTimer("expire", work.event.at + work.bot.expire_after, 0)
        return
    frame = work.stack[int(depth)] if int(depth) < len(work.stack) else None
    if frame is None or frame.visit != event.visit:
        return
    for known, seconds in frame.timers:
        if known == name:
            due = work.event.at + dt.timedelta(seconds=seconds)
            work.timers[event.timer] = SetTimer(event.timer, due, event.visit)
