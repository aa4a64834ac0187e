"""End the flow with a named result."""

from typing import ClassVar

from flows.action import Action, Move, action, ui
from flows.context import Context


@action
class Stop(Action):
    """End this flow. A flow that called it leaves its step by this result.

    Example:
        action: stop
        with: {result: booked}
    """

    ends: ClassVar[bool] = True

    result: str = ui("Result", default="done", pattern=r"^[a-z][a-z0-9_]{0,63}$")

    def enter(self, ctx: Context) -> Move:
        return Move(stops=self.result)
