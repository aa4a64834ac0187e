"""Write fields of the flow's data or of the contact."""

from pydantic import model_validator

from flows.action import Action, ContactField, DataField, Expression, Move, action, ui
from flows.context import Context
from flows.wording import worded


@action
class Set(Action):
    """Write fields from expressions; `null` clears one.

    Example:
        action: set
        with: {data: {total: data.price * 2}, contact: {language: "'it'"}}
    """

    data: dict[DataField, Expression] = ui("Data", default=dict)
    contact: dict[ContactField, Expression] = ui("Contact", default=dict)

    @model_validator(mode="after")
    def _writes_something(self) -> "Set":
        if not self.data and not self.contact:
            raise ValueError(worded("nothing to set: give fields under data or contact"))
        return self

    def writes(self) -> list[tuple[str, str]]:
        return [(f"/data/{field}", field) for field in self.data]

    def enter(self, ctx: Context) -> Move:
        return Move(
            data={field: ctx.fitting(expression, field) for field, expression in self.data.items()},
            contact={
                field: ctx.fitting(expression, field, "contact") for field, expression in self.contact.items()
            },
            leaves="",
        )
