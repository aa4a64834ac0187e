"""A turn under way: the state taken apart, what was caused so far, and the state put together again."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flows.compiled import Compiled, CompiledFlow, CompiledStep
from flows.context import Context
from flows.scopes import values_for
from flows.sentences import sentence
from flows.state import Frame, Run, Scheduled, Silence, State
from flows.texts import spoken
from flows.turn import Trace, View
from flows.values import Values
from schemas import events as ev
from schemas.effects import AddNote, CallWebhook, CancelTimer, Effect, HandOff, OpenTask, Say, SetTimer
from schemas.ids import derived_id
from schemas.messages import Text
from schemas.problems import Refused

SAID_KEPT = 10  # messages whose step is remembered, for `undelivered`


class StepGone(Refused):
    """The state stands at a step that this version does not have."""

    code = "flow.step_gone"
    sentence = "This version has no step {flow}.{step}."


@dataclass(slots=True)
class Live:
    """A frame that may be written to while the turn lasts. Its dicts are replaced, never changed."""

    flow: str
    step: str
    visit: int
    entered_at: dt.datetime
    data: dict[str, Any]
    memory: dict[str, Any]
    result: dict[str, Any] | None
    event: dict[str, Any] | None
    timers: tuple[tuple[str, float], ...]
    interrupts: bool

    @classmethod
    def of(cls, frame: Frame) -> "Live":
        """The frame, thawed."""
        return cls(
            frame.flow,
            frame.step,
            frame.visit,
            frame.entered_at,
            frame.data,
            frame.memory,
            frame.result,
            frame.event,
            frame.timers,
            frame.interrupts,
        )

    def frozen(self) -> Frame:
        """The frame as the state holds it."""
        return Frame(
            self.flow,
            self.step,
            self.visit,
            self.entered_at,
            self.data,
            self.memory,
            self.result,
            self.event,
            self.timers,
            self.interrupts,
        )


class Work:
    """One turn's notebook. `before` is never changed."""

    __slots__ = (
        "active",
        "backlog",
        "before",
        "bot",
        "burst",
        "burst_visit",
        "call",
        "effects",
        "event",
        "failing",
        "held",
        "lost",
        "message",
        "opted_out",
        "posted",
        "run",
        "runs",
        "said",
        "scheduled",
        "seen",
        "silence",
        "stack",
        "steps",
        "timers",
        "trace",
        "view",
        "visits",
    )

    def __init__(self, bot: Compiled, before: State, event: ev.Event, view: View) -> None:
        self.bot, self.before, self.event, self.view = bot, before, event, view
        run = self.run = before.run
        self.stack: list[Live] = [Live.of(frame) for frame in run.stack] if run else []
        self.visits = run.visits if run else 0
        self.call: UUID | None = run.call if run else None
        self.said: list[tuple[UUID, str]] = list(run.said) if run else []
        self.message: dict[str, Any] | None = run.message if run else None
        self.lost = run.lost if run else 0
        self.silence: Silence | None = before.silence
        self.opted_out = before.opted_out
        self.backlog: list[ev.Received] = list(before.backlog)
        self.posted: list[ev.Posted] = list(before.posted)
        self.burst: list[ev.Received] = list(before.burst)
        self.burst_visit = before.burst_visit
        self.held: list[ev.TimerFired | ev.ActionDone | ev.Posted | ev.Undelivered] = list(before.held)
        self.scheduled: Scheduled | None = before.scheduled
        self.effects: list[Effect] = []
        self.timers: dict[str, SetTimer | CancelTimer] = {}
        self.trace: list[Trace] = []
        self.seen: tuple[tuple[Any, ...], Values] | None = None
        self.steps = self.runs = 0
        self.failing = self.active = False

    @property
    def top(self) -> Live:
        """The frame that speaks."""
        return self.stack[-1]

    def flow(self) -> CompiledFlow:
        """The top frame's flow. Raises `StepGone`."""
        found = self.bot.flows.get(self.stack[-1].flow)
        if found is None:
            raise StepGone(flow=self.top.flow, step=self.top.step)
        return found

    def step(self) -> CompiledStep:
        """The step that the top frame stands at. Raises `StepGone`."""
        top = self.stack[-1]
        flow = self.bot.flows.get(top.flow)
        found = flow.steps.get(top.step) if flow is not None else None
        if found is None:
            raise StepGone(flow=top.flow, step=top.step)
        return found

    @property
    def hearing(self) -> bool:
        """Whether the bot may take in what waits."""
        return self.call is None and self.silence is None and not self.opted_out

    def note(self, text: str, outcome: str = "") -> None:
        """A line of the trace, at the step that speaks."""
        at = self.stack[-1] if self.stack else None
        self.trace.append(Trace(at.flow if at else "", at.step if at else "", outcome, text))

    def emit(self, effect: Effect, step: str = "") -> UUID | None:
        """Add an effect; those with an id get the one that follows from the event and their place."""
        match effect:
            case Say():
                made = derived_id(self.event.id, len(self.effects))
                if step:
                    self.said.append((made, step))
                say = Say(effect.body, effect.priority, effect.reply_to, effect.typing, effect.by, made, step)
                self.effects.append(say)
            case CallWebhook():
                made = derived_id(self.event.id, len(self.effects))
                self.effects.append(replace(effect, id=made, step=step, visit=self.top.visit))
            case HandOff() | AddNote() | OpenTask():
                made = derived_id(self.event.id, len(self.effects))
                self.effects.append(replace(effect, id=made, step=step))
            case _:
                made = None
                self.effects.append(effect)
        return made

    def say(self, key: str, **facts: object) -> None:
        """One of the engine's own sentences; none when the bot's wording of it is empty."""
        language = spoken(str(self.view.contact.get("language") or ""), self.bot.languages)
        text = sentence(key, language, self.bot.languages, self.bot.document.sentences, **facts)
        if text:
            self.emit(Say(Text(text)))

    def change_contact(self, fields: Mapping[str, Any]) -> None:
        """Fields of the contact change, for what comes later in this turn and in the next."""
        self.view = replace(self.view, contact={**self.view.contact, **fields})

    def values(self, frame: Live | None, event: ev.Event) -> Values:
        """What expressions see. Steps that see the same things share one, so each is converted once."""
        posted = event.data if isinstance(event, ev.Posted) else frame.event if frame else None
        data, result = (frame.data, frame.result) if frame else (_NOTHING, None)
        contact, message, seen = self.view.contact, self.message, self.seen
        if seen is not None:
            (data_, contact_, message_, result_, posted_), known = seen
            if (
                data_ is data
                and contact_ is contact
                and message_ is message
                and result_ is result
                and posted_ is posted
            ):
                return known
        values = values_for(
            self.bot,
            data=data,
            contact=contact,
            number=self.view.number,
            message=message,
            result=result,
            event=posted,
            now=self.event.at,
        )
        self.seen = (data, contact, message, result, posted), values
        return values

    def context(self, event: ev.Event, step: CompiledStep) -> Context:
        """What the action of the top frame's step may see and use."""
        frame = self.stack[-1]
        values = self.values(frame, event)

        def revalue(data: Mapping[str, Any]) -> Values:
            return self.values(replace(frame, data=dict(data)), event)

        posted, heard = tuple(self.posted), self.message["id"] if self.message else ""
        return Context(
            self.bot, step, self.view, event, frame.data, frame.memory, values, revalue, posted, heard
        )

    def state(self) -> State:
        """The state after the turn: the one that came in, if nothing changed."""
        run = self.run
        if run is not None:
            run = Run(
                run.id,
                run.version,
                run.started_at,
                self.event.at if self.active else run.active_at,
                tuple([frame.frozen() for frame in self.stack]),
                self.visits,
                self.call,
                tuple(self.said[-SAID_KEPT:]),
                self.message,
                0 if self.active else self.lost,
            )
        after = State(
            run,
            self.silence,
            self.opted_out,
            tuple(self.backlog),
            tuple(self.posted),
            tuple(self.burst),
            self.burst_visit,
            tuple(self.held),
            self.scheduled,
        )
        return self.before if after == self.before else after

    # Timers of the top frame. Their names on the wire carry its depth; setting one again makes the earlier late.

    def set_timer(self, name: str, span: dt.timedelta) -> None:
        """Set a timer of the top frame, counted from now."""
        top = self.stack[-1]
        others = [one for one in top.timers if one[0] != name]
        if len(others) < len(top.timers):
            self.visits += 1
            top.visit = self.visits
            for other, seconds in others:
                due = top.entered_at + dt.timedelta(seconds=seconds)
                if due > self.event.at:
                    self._put_timer(other, due)
        top.timers = (*others, (name, span.total_seconds()))
        self._put_timer(name, self.event.at + span)

    def _put_timer(self, name: str, due: dt.datetime) -> None:
        key = f"{name}.{len(self.stack) - 1}"
        self.timers[key] = SetTimer(key, due, self.stack[-1].visit)

    def leave_timers(self) -> None:
        """The top frame waits no more."""
        top = self.stack[-1]
        for name, _ in top.timers:
            key = f"{name}.{len(self.stack) - 1}"
            self.timers[key] = CancelTimer(key)
        top.timers = ()


_NOTHING: dict[str, Any] = {}
