"""Run another flow of the same bot, and come back."""

from typing import ClassVar

from flows.action import Action, DataField, Expression, FlowName, Move, action, ui
from flows.context import Context


@action
class Call(Action):
    """Run another flow. `inputs` fill its data; `outputs` are read from its data, as `result`, when it ends.

    Example:
        action: call
        with: {flow: address, inputs: {name: data.name}, outputs: {street: result.street}}
    """

    leaves_by: ClassVar[tuple[str, ...]] = ("done",)

    flow: FlowName = ui("Flow", widget="flow")
    inputs: dict[str, Expression] = ui("Inputs", default=dict)
    outputs: dict[DataField, Expression] = ui("Outputs", default=dict)

    def writes(self) -> list[tuple[str, str]]:
        return [(f"/outputs/{field}", field) for field in self.outputs]

    def reaches(self) -> list[tuple[str, str]]:
        return [("/flow", self.flow)]

    def enter(self, ctx: Context) -> Move:
        flow = ctx.bot.flows[self.flow]
        scope = flow.steps[flow.first].scope
        inputs = {name: ctx.fitting(source, name, scope=scope) for name, source in self.inputs.items()}
        return Move(calls=self.flow, inputs=inputs)

    def returned(self, ctx: Context, outcome: str) -> Move:
        """What it does when the other flow has ended with `outcome`; its data is `result`."""
        outputs = {field: ctx.fitting(source, field) for field, source in self.outputs.items()}
        return Move(data=outputs, leaves=outcome)
