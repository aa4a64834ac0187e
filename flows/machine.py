"""The machine: one event in, one turn out.

A conversation is a state machine whose state is a small value (`flows.state.State`). `advance` takes that
value and one event, and gives the next value and a list of effects. It does nothing else: it reads no
clock (the event carries the time), draws no randomness (ids follow from the event's id), performs no
effect. So a turn may be computed again after a crash, in a simulator, in a test or in a replay, and is the
same.

A run is a stack of frames, one a flow. Only the top frame speaks. A step is reached (`enter`), and its
action answers with a `Move`: it waits, or leaves by an outcome along an edge, or calls a flow (a frame is
pushed), or stops (the frame is popped and its caller goes on). `_drive` carries a move on until something
waits or the run is over; a bound on steps ends a loop.

While a step waits, an event is offered to its action (`resume`). What the action does not take, or takes
only weakly (it would say "that is none of the choices"), may start a trigger that interrupts: its frame is
pushed on top, and when it ends the step below asks again. Each wait has a visit number and its timers carry
it, so a timer that fires late, or twice, is not taken for another's.

Above the run stand the rules that hold always, in this order: who opted out hears nothing; people first
(while a person has the floor, nothing fires and what happens is held); global words; a burst of texts is
one message; messages that come while a result is awaited wait in the backlog; who is not admitted gets
another flow.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from flows.action import Move
from flows.actions.call import Call
from flows.cel import Scope, evaluate
from flows.compiled import Compiled, CompiledFlow, CompiledStep, CompiledTrigger
from flows.context import Context, answer_text
from flows.scopes import message_value, values_for
from flows.sentences import sentence
from flows.state import Frame, Run, Silence, State, encode
from flows.texts import spoken
from flows.turn import Trace, Turn, View
from flows.values import EvaluationFailed, Values
from flows.words import is_one_of
from schemas import events as ev
from schemas.effects import (
    CallWebhook,
    CancelTimer,
    ChangeContact,
    Effect,
    EndRun,
    HandOff,
    Note,
    Say,
    SetTimer,
    StartRun,
)
from schemas.ids import derived_id
from schemas.messages import Text
from schemas.problems import Refused

SAID_KEPT = 10  # messages whose step is remembered, for `undelivered`
HELD_KEPT = 50
SILENT_KINDS = ("reaction", "system")  # not an answer to anything: no step hears them, no fallback answers


class TooManySteps(Refused):
    """A turn ran in a circle."""

    code = "flow.too_many_steps"
    sentence = "More than {limit} steps in one turn, at {flow}.{step}: is there a loop with no wait?"


class StateTooLarge(Refused):
    """A conversation collected more than the limit allows."""

    code = "flow.state_too_large"
    sentence = "The conversation's state has {size} bytes; the limit is {limit}."


class StepGone(Refused):
    """The state stands at a step that this version does not have."""

    code = "flow.step_gone"
    sentence = "This version has no step {flow}.{step}."


def advance(compiled: Compiled, state: State, event: ev.Event, view: View) -> Turn:
    """What `event` causes in a conversation that stands at `state`. Total: it raises only on our own bugs."""
    work = _Work(compiled, state, event, view)
    _HANDLERS[type(event)](work, event)
    _feed_backlog(work)
    return work.turn()


@dataclass(slots=True)
class _Work:
    """A turn under way: the state taken apart, and what was caused so far."""

    bot: Compiled
    before: State
    event: ev.Event
    view: View
    run: Run | None = None
    stack: list[Frame] = field(default_factory=list[Frame])
    visits: int = 0
    call: UUID | None = None
    said: list[tuple[UUID, str]] = field(default_factory=list[tuple[UUID, str]])
    message: dict[str, Any] | None = None
    silence: Silence | None = None
    opted_out: bool = False
    backlog: list[ev.Received] = field(default_factory=list[ev.Received])
    posted: list[ev.Posted] = field(default_factory=list[ev.Posted])
    burst: list[ev.Received] = field(default_factory=list[ev.Received])
    burst_visit: int = 0
    held: list[Any] = field(default_factory=list[Any])
    effects: list[Effect] = field(default_factory=list[Effect])
    timers: dict[str, SetTimer | CancelTimer] = field(default_factory=dict[str, SetTimer | CancelTimer])
    trace: list[Trace] = field(default_factory=list[Trace])
    steps: int = 0
    runs: int = 0
    failing: bool = False
    active: bool = False

    def __post_init__(self) -> None:
        state = self.before
        self.run = state.run
        if state.run is not None:
            self.stack = list(state.run.stack)
            self.visits, self.call = state.run.visits, state.run.call
            self.said, self.message = list(state.run.said), state.run.message
        self.silence, self.opted_out = state.silence, state.opted_out
        self.backlog, self.posted, self.burst = list(state.backlog), list(state.posted), list(state.burst)
        self.burst_visit, self.held = state.burst_visit, list(state.held)

    @property
    def top(self) -> Frame:
        return self.stack[-1]

    def flow(self) -> CompiledFlow:
        return self.bot.flows[self.top.flow]

    def step(self) -> CompiledStep:
        found = self.flow().steps.get(self.top.step)
        if found is None:
            raise StepGone(flow=self.top.flow, step=self.top.step)
        return found

    def note(self, text: str, outcome: str = "") -> None:
        at = self.stack[-1] if self.stack else None
        self.trace.append(Trace(at.flow if at else "", at.step if at else "", outcome, text))

    def emit(self, effect: Effect, step: str = "") -> UUID | None:
        """Add an effect; those with an id get the one that follows from the event and their place."""
        if not isinstance(effect, Say | CallWebhook | HandOff):
            self.effects.append(effect)
            return None
        effect_id = derived_id(self.event.id, len(self.effects))
        if isinstance(effect, CallWebhook):
            effect = replace(effect, id=effect_id, step=step, visit=self.top.visit)
        else:
            effect = replace(effect, id=effect_id, step=step)
            if step and isinstance(effect, Say):
                self.said.append((effect_id, step))
        self.effects.append(effect)
        return effect_id

    def say(self, key: str, **facts: object) -> None:
        """One of the engine's own sentences."""
        language = spoken(str(self.view.contact.get("language") or ""), self.bot.languages)
        text = sentence(key, language, self.bot.languages, self.bot.document.sentences, **facts)
        if text:
            self.emit(Say(Text(text)))

    def values(self, scope: Scope, frame: Frame | None, event: ev.Event | None = None) -> Values:
        posted = event.data if isinstance(event, ev.Posted) else None
        return values_for(
            self.bot,
            scope,
            data=frame.data if frame else {},
            contact=self.view.contact,
            number=self.view.number,
            message=self.message,
            result=frame.result if frame else None,
            event=posted if posted is not None else frame.event if frame else None,
            now=self.event.at,
        )

    def context(self, event: ev.Event, step: CompiledStep) -> Context:
        frame = self.top
        return Context(
            bot=self.bot,
            step=step,
            view=self.view,
            event=event,
            data=frame.data,
            memory=frame.memory,
            values=self.values(step.scope, frame, event),
            revalue=lambda data: self.values(step.scope, replace(frame, data=dict(data)), event),
            posted=tuple(self.posted),
        )

    def turn(self) -> Turn:
        state = self._state()
        size = 0
        if state is not self.before:
            encoded = encode(state)
            size = len(encoded)
            if size > self.view.limits.state_bytes:
                return self._too_large(size)
            return Turn(state, (*self.effects, *self.timers.values()), self.view, tuple(self.trace), encoded)
        return Turn(state, (*self.effects, *self.timers.values()), self.view, tuple(self.trace), b"")

    def _too_large(self, size: int) -> Turn:
        """The run is given up: what it was about to do is dropped, what it did before stays done."""
        fault = StateTooLarge(size=size, limit=self.view.limits.state_bytes)
        fresh = _Work(
            self.bot, replace(self.before, backlog=(), posted=(), burst=(), held=()), self.event, self.view
        )
        fresh.note(str(fault))
        fresh.say("broken")
        _end_run(fresh, "failed", error=str(fault))
        return fresh.turn()

    def _state(self) -> State:
        run = self.run
        if run is not None:
            run = replace(
                run,
                stack=tuple(self.stack),
                visits=self.visits,
                call=self.call,
                said=tuple(self.said[-SAID_KEPT:]),
                message=self.message,
                active_at=self.event.at if self.active else run.active_at,
            )
        after = State(
            run=run,
            silence=self.silence,
            opted_out=self.opted_out,
            backlog=tuple(self.backlog),
            posted=tuple(self.posted),
            burst=tuple(self.burst),
            burst_visit=self.burst_visit,
            held=tuple(self.held),
        )
        return self.before if after == self.before else after


# What each event does.


def _received(work: _Work, event: ev.Received) -> None:
    if event.throttled is not None:
        if event.throttled == "first" and not work.silence and not work.opted_out:
            work.say("throttled")
        work.note("throttled: stored, not fed")
        return
    text, words = answer_text(event), work.bot.words
    if work.opted_out:
        if not is_one_of(text, words.start):
            work.note("opted out: stored, not fed")
            return
        work.opted_out = False
        work.say("opted_in")
        _start(work, event, answer_anyway=False)
        return
    if is_one_of(text, words.opt_out):
        _opt_out(work)
    elif work.silence:
        work.note("people have the floor")
    elif is_one_of(text, words.restart):
        _restart(work, event)
    elif is_one_of(text, words.person):
        _ask_for_a_person(work)
    elif work.bot.burst is not None and event.message.content.kind == "text" and work.call is None:
        work.burst.append(event)
        work.burst_visit += 1
        work.timers["burst"] = SetTimer("burst", work.event.at + work.bot.burst, work.burst_visit)
    else:
        _close_burst(work)
        _hear(work, event)


def _timer_fired(work: _Work, event: ev.TimerFired) -> None:
    name, _, depth = event.timer.partition(".")
    if name == "burst":
        if event.visit == work.burst_visit:
            _close_burst(work)
        return
    if name == "expire":
        _expire(work, event)
        return
    place = int(depth) if depth.isdigit() else -1
    if not 0 <= place < len(work.stack) or work.stack[place].visit != event.visit:
        work.note(f"a late timer: {name}")
        return
    own_handoff = (
        work.silence is not None and work.silence.how == "handed_off" and place == len(work.stack) - 1
    )
    if work.silence is not None and not (own_handoff and name == "timeout" and _waits_for_people(work)):
        _hold(work, event)
        return
    if place < len(work.stack) - 1:
        _hold(work, event)  # an interruption is on top: looked at when it is over
        return
    _fire(work, replace(event, timer=name))


def _fire(work: _Work, event: ev.TimerFired) -> None:
    """A timer of the top frame, by its bare name."""
    work.active = True
    if event.timer == "timeout":
        work.silence = None
        work.call = None
        _drive(work, Move(leaves="timeout"))
    else:
        _resume(work, event)


def _action_done(work: _Work, event: ev.ActionDone) -> None:
    if work.run is None or work.call != event.call:
        work.note("a result that nothing waits for")
        return
    if work.silence is not None:
        _hold(work, event)
        return
    work.call, work.active = None, True
    work.stack[-1] = replace(
        work.top, result=event.result if event.ok else {"error": event.error, **event.result}
    )
    _resume(work, event)


def _posted(work: _Work, event: ev.Posted) -> None:
    if work.silence is not None:
        _hold(work, event)
        return
    if work.opted_out:
        work.note("opted out: the event is stored, not fed")
        return
    if work.run is None:
        if not _start(work, event, answer_anyway=False):
            work.note(f"no flow takes the event {event.name}")
        return
    if work.call is None and _resume(work, event):
        work.active = True
        return
    if work.call is None and _interrupt(work, event):
        return
    work.posted.append(event)
    del work.posted[: -work.view.limits.backlog]


def _undelivered(work: _Work, event: ev.Undelivered) -> None:
    if work.silence is not None:
        _hold(work, event)
        return
    said_by = next((step for message, step in work.said if message == event.message), None)
    if said_by is None or not work.stack:
        work.note(f"a message of an earlier run could not be delivered ({event.code})")
        return
    flow, _, step = said_by.partition(".")
    if flow != work.top.flow or step not in work.flow().steps:
        work.note(f"a message of {said_by} could not be delivered ({event.code})")
        return
    _leave_timers(work)
    work.call = None
    work.stack[-1] = replace(work.top, step=step, memory={})
    work.said = [(message, by) for message, by in work.said if by != said_by]
    _drive(work, Move(leaves="undelivered", note=f"{event.code} {event.why}".strip()))


def _taken_over(work: _Work, event: ev.TakenOver) -> None:
    work.silence = Silence(
        "taken_over", event.at, by=event.by, team=work.silence.team if work.silence else ""
    )
    work.note(f"taken over by {event.by}")


def _returned(work: _Work, event: ev.Returned) -> None:
    if work.silence is None:
        work.note("given back, though nobody had it")
        return
    work.silence = None
    held, work.held = work.held, []
    if work.stack and work.call is None and not _resume(work, event):
        _ask_again(work, event)
    for happened in held:
        if isinstance(happened, ev.TimerFired):
            _count_anew(work, happened)
        else:
            _HANDLERS[type(happened)](work, happened)


def _replied(work: _Work, event: ev.Replied) -> None:
    work.emit(Say(event.body, by=event.by))


def _ended(work: _Work, event: ev.Ended) -> None:
    work.silence, work.held = None, []
    _end_run(work, "ended_by_person")


def _restarted(work: _Work, event: ev.Restarted) -> None:
    work.silence, work.held = None, []
    flow = (
        event.flow
        if event.flow in work.bot.flows
        else work.stack[0].flow
        if work.stack
        else work.bot.order[0]
    )
    data = dict(work.stack[0].data) if work.stack and work.stack[0].flow == flow else {}
    _end_run(work, "restarted")
    step = event.step if event.step in work.bot.flows[flow].steps else ""
    _begin(work, flow, f"restarted by {event.by}", event, step=step, data=data if step else {})


def _opted_out(work: _Work, event: ev.OptedOut) -> None:
    work.opted_out = event.opted_out
    if event.opted_out:
        _end_run(work, "opted_out")


def _contact_changed(work: _Work, event: ev.ContactChanged) -> None:
    work.view = replace(work.view, contact={**work.view.contact, **event.fields})


_HANDLERS: dict[type[Any], Callable[[_Work, Any], None]] = {
    ev.Received: _received,
    ev.TimerFired: _timer_fired,
    ev.ActionDone: _action_done,
    ev.Posted: _posted,
    ev.Undelivered: _undelivered,
    ev.TakenOver: _taken_over,
    ev.Returned: _returned,
    ev.Replied: _replied,
    ev.Ended: _ended,
    ev.Restarted: _restarted,
    ev.OptedOut: _opted_out,
    ev.ContactChanged: _contact_changed,
}


# A message on its way to a step.


def _hear(work: _Work, event: ev.Received) -> None:
    if work.call is None:
        _feed(work, event)
        return
    work.backlog.append(event)
    while len(work.backlog) > work.view.limits.backlog:
        work.backlog.pop(0)
        work.emit(Note("The oldest waiting message was left out: too many came while an answer was awaited."))


def _feed_backlog(work: _Work) -> None:
    while work.backlog and work.call is None and work.silence is None and not work.opted_out:
        _feed(work, work.backlog.pop(0))


def _feed(work: _Work, event: ev.Received) -> None:
    heard = event.message.content.kind not in SILENT_KINDS
    if heard:
        work.message = message_value(event)
    if work.run is None:
        if not heard:
            previous, work.message = work.message, message_value(event)
            if not _start(work, event, answer_anyway=False):
                work.message = previous
            return
        _start(work, event, answer_anyway=True)
    elif heard:
        work.active = True
        if not _resume(work, event) and not _interrupt(work, event):
            work.note("nothing takes this message")


def _close_burst(work: _Work) -> None:
    """The texts of an open burst are one message."""
    if not work.burst:
        return
    texts = [one.message.content for one in work.burst]
    parts = [content.text for content in texts if isinstance(content, Text)]
    last, work.burst = work.burst[-1], []
    work.timers["burst"] = CancelTimer("burst")
    merged = replace(last, message=replace(last.message, content=Text("\n".join(parts))))
    _hear(work, merged)
    if work.message is not None:
        work.message = {**work.message, "parts": parts}


def _resume(work: _Work, event: ev.Event) -> bool:
    """Offer an event to the waiting step. False when it does not take it."""
    try:
        step = work.step()
        context = work.context(event, step)
        move = step.action.resume(context, event)
    except (EvaluationFailed, StepGone) as fault:
        _fail(work, fault)
        return True
    if move is None:
        return False
    if move.weak and _interrupt(work, event):
        return True
    if step.resets and move.waits:
        _set_timer(work, "timeout", step.timeout)
    _drive(work, move, context)
    return True


def _interrupt(work: _Work, event: ev.Event) -> bool:
    """Start the first trigger that interrupts and fires, on top of what waits."""
    for trigger in work.bot.triggers:
        if trigger.interrupt and trigger.flow != work.top.flow and _fires(work, trigger, event):
            _push(work, trigger.flow, event, interrupts=True)
            return True
    return False


def _start(work: _Work, event: ev.Event, answer_anyway: bool) -> bool:
    """No run is under way: admission, triggers, fallback. False when nothing began."""
    admit = work.bot.admit
    if admit is not None and not _holds(work, admit.when, event):
        return _begin(work, admit.flow, "not admitted", event)
    for trigger in work.bot.triggers:
        if _fires(work, trigger, event):
            return _begin(work, trigger.flow, trigger.trigger.name, event)
    if not answer_anyway:
        return False
    if work.bot.document.fallback:
        return _begin(work, work.bot.document.fallback, "fallback", event)
    readable = isinstance(event, ev.Received) and event.message.content.kind in ("text", "choice")
    work.say("no_match" if readable else "unreadable")
    return False


def _fires(work: _Work, trigger: CompiledTrigger, event: ev.Event) -> bool:
    def value(source: str) -> Any:
        compiled = trigger.expressions[source]
        return evaluate(compiled, work.values(compiled.scope, None, event))

    try:
        return trigger.trigger.fires(event, value)
    except EvaluationFailed as fault:
        work.note(f"a trigger of {trigger.flow} could not be evaluated: {fault}")
        return False


def _holds(work: _Work, condition: Any, event: ev.Event) -> bool:
    try:
        return evaluate(condition, work.values(condition.scope, None, event)) is True
    except EvaluationFailed as fault:
        work.note(f"admission could not be evaluated: {fault}")
        return False


# Runs begin and end.


def _begin(
    work: _Work, flow: str, trigger: str, event: ev.Event, step: str = "", data: dict[str, Any] | None = None
) -> bool:
    work.runs += 1
    run_id = derived_id(work.event.id, f"run{work.runs}")
    at = work.event.at
    work.run = Run(run_id, work.bot.version, started_at=at, active_at=at, stack=())
    work.visits, work.call, work.said = 0, None, []
    if isinstance(event, ev.Received):
        work.message = message_value(event)
    work.emit(StartRun(run_id, flow, work.bot.version, trigger))
    if work.bot.expire_after is not None:
        work.timers["expire"] = SetTimer("expire", at + work.bot.expire_after, 0)
    _push(work, flow, event, step=step, data=data)
    return True


def _push(
    work: _Work,
    flow: str,
    event: ev.Event,
    *,
    step: str = "",
    data: dict[str, Any] | None = None,
    interrupts: bool = False,
) -> None:
    posted = event.data if isinstance(event, ev.Posted) else None
    first = step or work.bot.flows[flow].first
    frame = Frame(flow, first, 0, work.event.at, data={**(data or {})}, event=posted, interrupts=interrupts)
    work.stack.append(frame)
    entered = _enter(work, event)
    if entered is not None:
        _drive(work, *entered)


def _end_run(work: _Work, how: str, result: str = "", error: str = "") -> None:
    run = work.run
    if run is None:
        return
    while len(work.stack) > 1:
        _leave_timers(work)
        work.stack.pop()
    bottom = work.stack[0] if work.stack else None
    if bottom is not None:
        _leave_timers(work)
    if work.bot.expire_after is not None:
        work.timers["expire"] = CancelTimer("expire")
    work.emit(
        EndRun(run.id, bottom.flow if bottom else "", how, result, error, dict(bottom.data) if bottom else {})
    )
    work.run, work.call, work.message = None, None, None
    work.stack, work.said, work.posted = [], [], []


def _expire(work: _Work, event: ev.TimerFired) -> None:
    run, span = work.run, work.bot.expire_after
    if run is None or span is None:
        return
    if work.silence is not None:
        _hold(work, event)
        return
    due = run.active_at + span
    if due > work.event.at or work.call is not None:
        work.timers["expire"] = SetTimer("expire", max(due, work.event.at + dt.timedelta(minutes=1)), 0)
        return
    _end_run(work, "expired")
    if work.bot.document.on_expire:
        _begin(work, work.bot.document.on_expire, "expired", event)


# The walk along the steps.


def _enter(work: _Work, event: ev.Event) -> tuple[Move, Context] | None:
    """Reach the step that the top frame stands at; None when that failed and was seen to."""
    try:
        step = work.step()
        work.steps += 1
        if work.steps > work.view.limits.steps:
            raise TooManySteps(limit=work.view.limits.steps, flow=step.flow, step=step.id)
        work.visits += 1
        work.stack[-1] = replace(work.top, visit=work.visits, entered_at=work.event.at, memory={}, timers=())
        context = work.context(event, step)
        if step.disabled:
            return Move(leaves="", note="disabled"), context
        return step.action.enter(context), context
    except (EvaluationFailed, TooManySteps, StepGone) as fault:
        _fail(work, fault)
        return None


def _drive(work: _Work, move: Move, context: Context | None = None) -> None:
    """Carry a move on until something waits or the run is over."""
    event = work.event if context is None else context.event
    while True:
        step = work.step()
        _write(work, move, step)
        if move.waits:
            _wait(work, move, step, context)
            return
        unset = tuple(context.unset) if context is not None else ()
        if move.calls is not None:
            work.trace.append(Trace(step.flow, step.id, "", move.note or f"calls {move.calls}", unset))
            _push(work, move.calls, event, data=move.inputs)
            return
        outcome = move.stops if move.stops is not None else move.leaves or ""
        work.trace.append(Trace(step.flow, step.id, outcome, move.note, unset))
        _leave_timers(work)
        target = "" if move.stops is not None else step.target(outcome)
        if target is None:
            _give_up(work, step, outcome, move.note)
            return
        if target:
            work.stack[-1] = replace(work.top, step=target)
            entered = _enter(work, event)
        else:
            entered = _end_frame(work, move.stops or "done", event)
        if entered is None:
            return
        move, context = entered


def _write(work: _Work, move: Move, step: CompiledStep) -> None:
    """What a move changes and asks for, whatever comes next."""
    name = f"{step.flow}.{step.id}"
    if move.data:
        merged = {**work.top.data, **move.data}
        kept = {key: value for key, value in merged.items() if value is not None}
        work.stack[-1] = replace(work.top, data=kept)
    if move.contact:
        work.view = replace(work.view, contact={**work.view.contact, **move.contact})
        work.emit(ChangeContact(move.contact))
    if move.result is not None:
        work.stack[-1] = replace(work.top, result=move.result)
    for effect in move.effects:
        effect_id = work.emit(effect, name)
        if move.awaits_call and isinstance(effect, CallWebhook):
            work.call = effect_id


def _wait(work: _Work, move: Move, step: CompiledStep, context: Context | None) -> None:
    if move.memory is not None:
        work.stack[-1] = replace(work.top, memory=move.memory)
    for name, span in move.timers:
        _set_timer(work, name, span)
    entered = not any(name == "timeout" for name, _ in work.top.timers)
    if entered and step.timeout is not None:
        _set_timer(work, "timeout", step.timeout)
    if move.silences is not None:
        work.silence = Silence("handed_off", work.event.at, team=move.silences)
    unset = tuple(context.unset) if context is not None else ()
    work.trace.append(Trace(step.flow, step.id, "", move.note, unset))


def _end_frame(work: _Work, outcome: str, event: ev.Event) -> tuple[Move, Context] | None:
    """The top frame is done: its caller goes on, what it interrupted asks again, or the run is over."""
    if len(work.stack) == 1:
        _end_run(work, "done", result=outcome)
        return None
    done = work.stack.pop()
    if done.interrupts:
        _ask_again(work, event)
        return None
    work.stack[-1] = replace(work.top, result=done.data)
    try:
        step = work.step()
        context = work.context(event, step)
        if not isinstance(step.action, Call):
            raise StepGone(flow=step.flow, step=step.id)
        return step.action.returned(context, outcome if outcome in step.edges else "done"), context
    except (EvaluationFailed, StepGone) as fault:
        _fail(work, fault)
        return None


def _ask_again(work: _Work, event: ev.Event) -> None:
    """The waiting step asks anew; a timer of its that fell due meanwhile fires at once."""
    depth = len(work.stack) - 1
    due = next(
        (one for one in work.held if isinstance(one, ev.TimerFired) and one.timer.endswith(f".{depth}")), None
    )
    if due is not None and work.silence is None:
        work.held.remove(due)
        if due.visit == work.top.visit:
            _fire(work, replace(due, timer=due.timer.partition(".")[0]))
            return
    try:
        step = work.step()
        context = work.context(event, step)
        move = step.action.again(context)
    except (EvaluationFailed, StepGone) as fault:
        _fail(work, fault)
        return
    _drive(work, move, context)


def _fail(work: _Work, fault: Refused) -> None:
    """The flow raised. The contact is told; the flow's default for `failed` goes on, else the run ends."""
    work.note(str(fault), outcome="failed")
    if not work.stack:
        return
    _leave_timers(work)
    work.call = None
    target = work.flow().defaults.get("failed")
    again = work.failing
    if not again:
        work.say("broken")
        work.failing = True
    if target and not again and not isinstance(fault, TooManySteps) and target in work.flow().steps:
        work.stack[-1] = replace(work.top, step=target, memory={})
        entered = _enter(work, work.event)
        if entered is not None:
            _drive(work, *entered)
        return
    _end_run(work, "failed", error=str(fault))


def _give_up(work: _Work, step: CompiledStep, outcome: str, why: str) -> None:
    """An outcome that nobody mapped ends the run, visibly."""
    place = f"{step.flow}.{step.id}: {outcome}"
    if outcome == "failed":
        work.say("broken")
    how = "failed" if outcome in ("failed", "undelivered") else "stopped"
    _end_run(work, how, result=outcome, error=f"{place} ({why})" if why else place)


# Timers, silence, global words.


def _set_timer(work: _Work, name: str, span: dt.timedelta | None) -> None:
    """Set a timer of the top frame; setting it again makes the earlier one late."""
    if span is None:
        return
    if any(known == name for known, _ in work.top.timers):
        work.visits += 1
        others = work.top.timers
        work.stack[-1] = replace(work.top, visit=work.visits)
        for other, seconds in others:
            if other != name:
                _put_timer(work, other, dt.timedelta(seconds=seconds), work.top.entered_at)
    else:
        work.stack[-1] = replace(work.top, timers=(*work.top.timers, (name, span.total_seconds())))
    _put_timer(work, name, span, work.event.at)


def _put_timer(work: _Work, name: str, span: dt.timedelta, since: dt.datetime) -> None:
    key = f"{name}.{len(work.stack) - 1}"
    work.timers[key] = SetTimer(key, since + span, work.top.visit)


def _leave_timers(work: _Work) -> None:
    for name, _ in work.top.timers:
        key = f"{name}.{len(work.stack) - 1}"
        work.timers[key] = CancelTimer(key)
    if work.top.timers:
        work.stack[-1] = replace(work.top, timers=())


def _count_anew(work: _Work, event: ev.TimerFired) -> None:
    """A timer that fell due while people had the floor counts from now."""
    name, _, depth = event.timer.partition(".")
    if name == "expire" and work.run is not None and work.bot.expire_after is not None:
        work.timers["expire"] = SetTimer("expire", work.event.at + work.bot.expire_after, 0)
    elif depth.isdigit() and int(depth) < len(work.stack) and work.stack[int(depth)].visit == event.visit:
        span = next((seconds for known, seconds in work.stack[int(depth)].timers if known == name), None)
        if span is not None:
            due = work.event.at + dt.timedelta(seconds=span)
            work.timers[event.timer] = SetTimer(event.timer, due, event.visit)


def _hold(work: _Work, event: ev.TimerFired | ev.ActionDone | ev.Posted | ev.Undelivered) -> None:
    work.held.append(event)
    del work.held[:-HELD_KEPT]
    work.note("held until the conversation is given back")


def _waits_for_people(work: _Work) -> bool:
    return bool(work.stack) and work.step().action.name == "handoff"


def _opt_out(work: _Work) -> None:
    work.silence, work.held, work.backlog, work.burst = None, [], [], []
    _end_run(work, "opted_out")
    work.opted_out = True
    work.say("opted_out", start=work.bot.words.start[0])


def _restart(work: _Work, event: ev.Received) -> None:
    flow = work.stack[0].flow if work.stack else work.bot.order[0]
    work.backlog, work.burst = [], []
    _end_run(work, "restarted")
    _begin(work, flow, "restart word", event)


def _ask_for_a_person(work: _Work) -> None:
    work.silence = Silence("handed_off", work.event.at, team=work.bot.document.team)
    work.say("handed_off")
    work.emit(HandOff(work.bot.document.team, ""))
