"""Run another flow of the same bot, and come back."""

from flows.action import Action, DataField, Expression, FlowName, Move, action, ui
from flows.context import Context


@action
class Call(Action):
    """Run another flow. `inputs` fill its data; `outputs` are read from its data, as `result`, when it ends.

    Example:
        action: call
        with: {flow: address, inputs: {name: data.name}, outputs: {street: result.street}}
    """

    flow: FlowName = ui("Flow", widget="flow")
    inputs: dict[str, Expression] = ui("Inputs", default=dict)
    outputs: dict[DataField, Expression] = ui("Outputs", default=dict)

    def outcomes(self) -> list[str]:
        return ["done"]

    def writes(self) -> list[tuple[str, str]]:
        return [(f"/outputs/{field}", field) for field in self.outputs]

    def reaches(self) -> list[tuple[str, str]]:
        return [("/flow", self.flow)]

    def enter(self, ctx: Context) -> Move:
        return Move(calls=self.flow, inputs={name: ctx.value(source) for name, source in self.inputs.items()})

    def returned(self, ctx: Context, outcome: str) -> Move:
        """What it does when the other flow has ended with `outcome`; its data is `result`."""
        return Move(data={field: ctx.value(source) for field, source in self.outputs.items()}, leaves=outcome)
