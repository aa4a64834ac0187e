"""Go where the first case that holds leads."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from flows.action import Action, Expression, Move, action
from flows.context import Context
from schemas.flow import NAME


@action
class Branch(Action):
    """Leave by the first case whose expression is true, else by `else`.

    Example:
        action: branch
        with: {cases: {large: data.seats > 6, late: data.hour >= 22}}
        then: {large: person, late: closed}
    """

    leaves_by: ClassVar[tuple[str, ...]] = ("else",)
    leaves_by_each: ClassVar[str] = "cases"

    cases: dict[Annotated[str, StringConstraints(pattern=NAME)], Expression] = Field(
        title="Cases", min_length=1
    )

    def enter(self, ctx: Context) -> Move:
        for case, expression in self.cases.items():
            if ctx.value(expression) is True:
                return Move(leaves=case)
        return Move(leaves="else")
