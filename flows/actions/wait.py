"""Wait for a message, for a posted event, for a time, for a date, or until the bot's people are there."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, model_validator

from flows.action import Action, Duration, Expression, Known, Move, action, ui
from flows.context import Context
from flows.values import EvaluationFailed
from flows.wording import worded
from schemas.events import Event, Posted, Received, TimerFired

TIMER = "wait"
FURTHEST = dt.timedelta(days=3660)


@action
class Wait(Action):
    """Wait, silently, for any of what is named, and leave by what came first; at once for a time that has passed.

    `until` is a moment, or a text like 2026-12-24 or 2026-12-24T18:00, read in the contact's time zone, else in
    the bot's. `open: true` waits for the next opening hours of `bot.yaml`, which are in the bot's.

    Example:
        action: wait
        with: {event: payment.done, for: 2h}
        then: {event: thanks, elapsed: remind}
    """

    waits: ClassVar[bool] = True
    leaves_by: ClassVar[tuple[str, ...]] = ("message", "event", "elapsed")

    message: bool = ui("For a message", default=False)
    event: str = ui("For a posted event", default="")
    for_: Duration | None = Field(default=None, alias="for", title="For a time")
    until: Expression | None = ui("Until a date", default=None)
    open: bool = ui("For the opening hours", default=False)

    @model_validator(mode="after")
    def _waits_for_something(self) -> "Wait":
        times = sum((self.for_ is not None, self.until is not None, self.open))
        if not (self.message or self.event or times):
            raise ValueError(worded("nothing to wait for: give message, event, for, until or open"))
        if times > 1:
            raise ValueError(worded("give one of for, until and open"))
        return self

    def outcomes(self) -> list[str]:
        timed = self.for_ is not None or self.until is not None or self.open
        named = {"message": self.message, "event": bool(self.event), "elapsed": timed}
        return [outcome for outcome, wanted in named.items() if wanted]

    def takes_over(self, before: Action) -> bool:
        return self.outcomes() == before.outcomes()  # its timer is there, or is not

    def enter(self, ctx: Context) -> Move:
        taken = self._take(ctx)
        if taken is not None or not (self.until or self.open):
            return taken or Move(waits=True, timers=((TIMER, self.for_),) if self.for_ else ())
        due = self._due(ctx)
        if due <= ctx.now:
            return Move(leaves="elapsed")
        return Move(waits=True, timers=((TIMER, due - ctx.now),), memory={"due": due.isoformat()})

    def resume(self, ctx: Context, event: Event) -> Move | None:
        match event:
            case Received() if self.message:
                return Move(leaves="message")
            case Posted(name=name, data=data) if self.event and name == self.event:
                return Move(leaves="event", result=data)
            case TimerFired(timer="wait"):
                return Move(leaves="elapsed")
            case _:
                return None

    def again(self, ctx: Context) -> Move:
        """An interruption does not begin the wait anew: its timer still runs. What is waited for may have come."""
        due = ctx.memory.get("due")
        if due is not None and dt.datetime.fromisoformat(due) <= ctx.now:
            return Move(leaves="elapsed")
        return self._take(ctx) or Move(waits=True)

    def _due(self, ctx: Context) -> dt.datetime:
        """The moment that is waited for. Raises `EvaluationFailed` for what is none, or too far away."""
        if self.until is None:
            opening = ctx.bot.opening
            return (opening and opening.opens(ctx.now, ctx.home)) or ctx.now
        due = ctx.moment(self.until)
        if due - ctx.now > FURTHEST:
            raise EvaluationFailed(self.until, "this is more than ten years away")
        return due

    def _take(self, ctx: Context) -> Move | None:
        """Leave by an event that was posted before the wait."""
        for posted in ctx.posted if self.event else ():
            if posted.name == self.event:
                note = f"took the event {posted.name}"
                return Move(leaves="event", result=posted.data, takes=posted.id, note=note)
        return None

    def result_schema(self, known: Known) -> Mapping[str, Any] | None:
        return known.events.get(self.event, {"type": "object"}) if self.event else None

    def brings(self, outcome: str) -> bool:
        return outcome == "event"
