"""An event that an integration posted starts the flow."""

from typing import Annotated

from pydantic import StringConstraints

from flows.action import Expression, ui
from flows.trigger import Evaluate, Trigger, trigger
from schemas.events import Event as AnyEvent
from schemas.events import Posted


@trigger
class Event(Trigger):
    """Fires when an event of this name is posted, and `when`, if given, is true of it.

    Example:
        event: {name: lead.invited, when: event.score > 3}
    """

    name_: Annotated[str, StringConstraints(min_length=1)] = ui("Event", alias="name")
    when: Expression | None = ui("When", default=None)

    def fires(self, event: AnyEvent, evaluate: Evaluate) -> bool:
        if not isinstance(event, Posted) or event.name != self.name_:
            return False
        return self.when is None or evaluate(self.when) is True
