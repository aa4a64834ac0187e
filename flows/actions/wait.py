"""Wait for a message, for a posted event, or for a time."""

from typing import Any, ClassVar

from pydantic import Field, model_validator

from flows.action import Action, Duration, Move, action, ui
from flows.context import Context
from schemas.events import Event, Posted, Received, TimerFired

TIMER = "wait"


@action
class Wait(Action):
    """Wait, silently, for any of what is named, and leave by what came first.

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

    @model_validator(mode="after")
    def _waits_for_something(self) -> "Wait":
        if not (self.message or self.event or self.for_):
            raise ValueError("nothing to wait for: give message, event or for")
        return self

    def outcomes(self) -> list[str]:
        wanted = (self.message, bool(self.event), self.for_ is not None)
        return [outcome for outcome, given in zip(self.leaves_by, wanted, strict=True) if given]

    def enter(self, ctx: Context) -> Move:
        return self._take(ctx) or Move(waits=True, timers=((TIMER, self.for_),) if self.for_ else ())

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
        """An interruption does not begin the wait anew: its timer still runs. An event may have come meanwhile."""
        return self._take(ctx) or Move(waits=True)

    def _take(self, ctx: Context) -> Move | None:
        """Leave by an event that was posted before the wait."""
        for posted in ctx.posted if self.event else ():
            if posted.name == self.event:
                note = f"took the event {posted.name}"
                return Move(leaves="event", result=posted.data, takes=posted.id, note=note)
        return None

    def result_schema(self) -> dict[str, Any] | None:
        return {"type": "object"} if self.event else None
