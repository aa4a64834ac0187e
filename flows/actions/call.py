"""Run another flow of the same bot, and come back; or once for each item of a list."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from pydantic import Field, model_validator

from flows.action import Action, DataField, Expression, FlowName, Known, Move, OfResult, action, ui
from flows.cel import VARIABLES
from flows.context import Context
from flows.types import RESERVED
from flows.values import EvaluationFailed
from flows.wording import worded
from schemas.flow import NAME

DONE = "done"
MOST = 50  # items: each costs a step at least, and a turn has 100


@action
class Call(Action):
    """Run another flow. `inputs` fill its data; `outputs` are read from its data, as `result`, when it ends.

    With `over` it runs once for each item of a list, which `inputs` and `outputs` see under the name `as`. It
    leaves by `done` after the last, or early by another result that the flow stops with.

    Example:
        action: call
        with: {flow: address, inputs: {name: data.name}, outputs: {street: result.street}}
    """

    flow: FlowName = ui("Flow", widget="flow")
    inputs: dict[str, Expression] = ui("Inputs", default=dict)
    outputs: dict[DataField, OfResult] = ui("Outputs", default=dict)
    over: Expression | None = ui("For each item of", default=None)
    as_: str = Field(default="item", alias="as", title="Name of the item", pattern=NAME)

    @model_validator(mode="after")
    def _names_something_new(self) -> "Call":
        if self.as_ in VARIABLES or self.as_ in RESERVED:
            raise ValueError(worded("as: {name!r} has a meaning already: choose another name", name=self.as_))
        return self

    def outcomes(self) -> list[str]:
        return [DONE]

    def names(self, data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        if self.over is None:
            return {}
        properties = cast("Mapping[str, Any]", data.get("properties") or {})
        listed: Any = properties.get(self.over.strip().removeprefix("data."), {})
        items: Any = cast("dict[str, Any]", listed).get("items") if isinstance(listed, dict) else None
        if not isinstance(items, dict):
            return {self.as_: {}}
        shared = {"$defs": data["$defs"]} if "$defs" in data else {}
        return {self.as_: {**cast("dict[str, Any]", items), **shared}}

    def result_schema(self, known: Known) -> Mapping[str, Any] | None:
        return known.data.get(self.flow)

    def writes(self) -> list[tuple[str, str]]:
        return [(f"/outputs/{field}", field) for field in self.outputs]

    def reaches(self) -> list[tuple[str, str]]:
        return [("/flow", self.flow)]

    def enter(self, ctx: Context) -> Move:
        return self._call(ctx) if self.over is None else self._next(ctx, self._list(ctx, self.over))

    def returned(self, ctx: Context, outcome: str) -> Move:
        """What it does when the other flow has ended with `outcome`; its data is `result`."""
        left: list[Any] = ctx.memory.get("left") or []
        seen = ctx.naming(**{self.as_: left[0]}) if left else ctx
        outputs = {field: seen.fitting(source, field, own=True) for field, source in self.outputs.items()}
        if outcome != DONE or not left[1:]:
            return Move(data=outputs, leaves=outcome)
        return replace(self._next(ctx.seeing({**ctx.data, **outputs}), left[1:]), data=outputs)

    def _list(self, ctx: Context, over: str) -> list[Any]:
        """The items. Raises `EvaluationFailed` for what is no list, or too long a one."""
        items = ctx.value(over)
        if not isinstance(items, list):
            raise EvaluationFailed(over, "this is no list")
        given = cast("list[Any]", items)
        if len(given) > MOST:
            raise EvaluationFailed(over, f"{len(given)} items are too many: {MOST} at most")
        return given

    def _next(self, ctx: Context, left: list[Any]) -> Move:
        """Run the flow for the first of what is left."""
        if not left:
            return Move(leaves=DONE)
        return replace(self._call(ctx.naming(**{self.as_: left[0]})), memory={"left": left})

    def _call(self, ctx: Context) -> Move:
        flow = ctx.bot.flows[self.flow]
        scope = flow.steps[flow.first].scope
        inputs = {name: ctx.fitting(source, name, scope=scope) for name, source in self.inputs.items()}
        return Move(calls=self.flow, inputs=inputs)
