"""Open a task about the conversation, for a team or a person."""

import datetime as dt

from pydantic import model_validator

from flows.action import Action, Duration, Expression, Move, Template, action, ui
from flows.context import Context
from flows.wording import worded
from schemas.effects import OpenTask

MOST = 1000  # characters of a title, as the API takes them
LONGEST_ADDRESS = 320
_END_OF_DAY = dt.time(23, 59)


@action
class Task(Action):
    """Open a task about the conversation: for a team, for a person, or for whoever comes to it.

    `person` is the address that a colleague signs in with. `due` is a moment, or a text like 2026-12-24T18:00, read as
    `wait` does; a day alone is meant to its end. `within` counts from now. A task whose title comes out empty is not opened.

    Example:
        action: task
        with: {title: "Call {{ data.name }} about {{ data.seats }} seats", team: sales, within: 2d}
    """

    title: Template = ui("What is to be done", min_length=1)
    team: str = ui("For the team", widget="team", default="")
    person: Template = ui(
        "For the person", widget="person", default="", help="The address that they sign in with"
    )
    within: Duration | None = ui("Due within", default=None)
    due: Expression | None = ui("Due on", default=None)

    @model_validator(mode="after")
    def _due_once(self) -> "Task":
        if self.within is not None and self.due is not None:
            raise ValueError(worded("give one of within and due"))
        return self

    def enter(self, ctx: Context) -> Move:
        title = ctx.render(self.title).strip()[:MOST]
        if not title:
            return Move(leaves="", note="the task has no title: it is not opened")
        person = ctx.render(self.person).strip().lower()[:LONGEST_ADDRESS]
        return Move(effects=[OpenTask(title, self.team, person, self._due(ctx))], leaves="")

    def _due(self, ctx: Context) -> dt.datetime | None:
        if self.due is not None:
            return ctx.moment(self.due, of_day=_END_OF_DAY)
        return ctx.now + self.within if self.within is not None else None
