"""Part the contacts into shares, always the same way."""

from bisect import bisect_right
from itertools import accumulate
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints, model_validator

from flows.action import Action, Move, action
from flows.context import Context
from flows.texts import stable_share
from flows.wording import worded
from schemas.flow import NAME

ALL = 100


@action
class Split(Action):
    """Leave by one of the shares, by chance: a contact who comes back to the step gets the same one.

    Example:
        action: split
        with: {shares: {short: 80, long: 20}}
        then: {long: details}
    """

    leaves_by_each: ClassVar[str] = "shares"

    shares: dict[Annotated[str, StringConstraints(pattern=NAME)], Annotated[int, Field(ge=1, le=ALL)]] = (
        Field(title="Shares", description="Percent of the contacts; together 100", min_length=2)
    )

    @model_validator(mode="after")
    def _shares_out_all(self) -> "Split":
        if sum(self.shares.values()) != ALL:
            raise ValueError(
                worded(
                    "the shares make {percent} percent: they must make {all}",
                    percent=sum(self.shares.values()),
                    all=ALL,
                )
            )
        return self

    def enter(self, ctx: Context) -> Move:
        place = stable_share(str(ctx.view.contact.get("id", "")), ctx.step.name, ALL)
        return Move(leaves=list(self.shares)[bisect_right(list(accumulate(self.shares.values())), place)])
