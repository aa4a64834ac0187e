"""Put tags on the contact, and take others off."""

from typing import Annotated

from pydantic import Field, model_validator

from flows.action import Action, Move, action, ui
from flows.context import Context
from flows.wording import worded
from schemas.effects import TagContact

Name = Annotated[str, Field(pattern=r"^[^\s\x00,][^\x00,]{0,99}$")]  # as the API takes them


@action
class Tag(Action):
    """Put tags on the contact, by which the workspace finds him, and take others off.

    Example:
        action: tag
        with: {add: [lead, spring-offer], remove: [cold]}
    """

    add: list[Name] = ui("Put on", default=list[str])
    remove: list[Name] = ui("Take off", default=list[str])

    @model_validator(mode="after")
    def _changes_something(self) -> "Tag":
        if not self.add and not self.remove:
            raise ValueError(worded("nothing to change: give tags under add or remove"))
        if both := set(self.add) & set(self.remove):
            raise ValueError(worded("{tag!r} is under add and under remove", tag=min(both)))
        return self

    def enter(self, ctx: Context) -> Move:
        return Move(effects=[TagContact(tuple(self.add), tuple(self.remove))], leaves="")
