"""Custom actions: kinds of steps that an integration registered, used like those that are built in.

What was declared comes as data, with the world that a bot is compiled in; a class of steps is made from each. What
an author writes in `with` is the input by the declared JSON Schema, whose texts may hold expressions, and `save`,
which keeps parts of `result` (`{outcome, data}`) as a webhook's does. What an expression gives is checked when the
step is reached.
"""

import datetime as dt
import json
from collections import OrderedDict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from jsonschema import ValidationError
from pydantic import ConfigDict, Field, create_model

from flows import schema_faults
from flows.action import Action, DataField, Known, Move, OfResult, Tree, marked, ui
from flows.context import Context
from flows.data_schema import fault_of, validator_of
from flows.diagnostic import Diagnostic, error
from flows.document import Source
from flows.place import escape
from flows.values import EvaluationFailed
from flows.wording import NO_WORDS, Wording, worded
from schemas.effects import CallWebhook
from schemas.events import ActionDone, Event
from schemas.flow import ActionDocument

SAVE = "save"
FAILED = "failed"
RESERVED = ("timeout", "undelivered")
MOST_PROPERTIES = 100
_KEPT = 256


@dataclass(frozen=True, slots=True)
class CustomAction:
    """What an integration declared. `answer_within` bounds an answer that comes later; a step's own `timeout` wins.

    `input_schema` is of type object; `result_schema` is that of `data` in an answer, None for any.
    """

    name: str
    input_schema: Mapping[str, Any]
    outcomes: tuple[str, ...]
    result_schema: Mapping[str, Any] | None = None
    answer_within: dt.timedelta = dt.timedelta(hours=1)

    @classmethod
    def of(
        cls,
        name: str,
        input_schema: Mapping[str, Any],
        outcomes: Sequence[str],
        result_schema: Mapping[str, Any] | None,
        answer_within_s: float,
    ) -> "CustomAction":
        """As it is stored."""
        within = dt.timedelta(seconds=answer_within_s)
        return cls(name, input_schema, tuple(outcomes), result_schema, within)

    def key(self) -> str:
        """Equal for declarations that are equal."""
        return json.dumps(
            [
                self.name,
                self.input_schema,
                self.outcomes,
                self.result_schema,
                self.answer_within.total_seconds(),
            ],
            sort_keys=True,
        )


def declared_by(document: ActionDocument) -> CustomAction:
    """What a file of a bot's folder declares."""
    return CustomAction.of(
        document.name,
        document.input_schema,
        document.outcomes,
        document.result_schema,
        document.answer_within_s,
    )


class Custom(Action):
    """A step of a declared kind. The fields of its input are those of the class that `step_class` makes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)

    waits: ClassVar[bool] = True
    declared: ClassVar[CustomAction]

    save_: dict[DataField, OfResult] = ui("Save", default=dict, alias=SAVE)

    def writes(self) -> list[tuple[str, str]]:
        return [(f"/{SAVE}/{name}", name) for name in self.save_]

    def result_schema(self, known: Known) -> Mapping[str, Any]:
        data = dict(self.declared.result_schema or {})
        text = {"type": "string"}
        properties = {"outcome": text, "error": text, "data": data}
        return {"type": "object", "properties": properties, "required": ["outcome", "data"]}

    def enter(self, ctx: Context) -> Move:
        sent = {
            below[1:].replace("~1", "/").replace("~0", "~"): ctx.tree(below)
            for below, mark, _ in marked(self)
            if mark.reading == "tree"
        }
        for fault in _faults(self.declared.input_schema, sent):
            return Move(leaves=FAILED, note=f"the input does not fit: {_where(fault)} ({fault.validator})")
        call = CallWebhook(
            method="POST",
            url=(),
            json=sent,
            has_body=True,
            action=self.declared.name,
            answer_by=ctx.now + (ctx.step.timeout or self.declared.answer_within),
        )
        return Move(effects=[call], waits=True, awaits_call=True)

    def resume(self, ctx: Context, event: Event) -> Move | None:
        match event:
            case ActionDone(ok=True):
                if fault := fault_of_answer(self.declared, event.result):
                    return Move(leaves=FAILED, note=fault)
                try:
                    saved = {name: ctx.fitting(source, name, own=True) for name, source in self.save_.items()}
                except EvaluationFailed as failed:
                    return Move(leaves=FAILED, note=str(failed))
                return Move(data=saved, leaves=str(event.result["outcome"]))
            case ActionDone():
                return Move(leaves=FAILED, note=event.error)
            case _:
                return None

    def again(self, ctx: Context) -> Move:
        """The request is under way: its result still counts."""
        return Move(waits=True)

    @classmethod
    def faults(cls, given: Mapping[str, Any], source: Source, pointer: str) -> Iterator[Diagnostic]:
        """What of the input cannot fit, whatever its expressions give. Unknown keys are the model's to say."""
        sent = {name: value for name, value in given.items() if name != SAVE}
        for fault in _faults(cls.declared.input_schema, sent):
            if fault.validator == "additionalProperties" or _open(fault):
                continue
            at = pointer + "".join(f"/{escape(str(part))}" for part in fault.absolute_path)
            yield error(
                "F030",
                worded("{name}: {schema_problem}", name=cls.name, schema_problem=schema_faults.said(fault)),
                source.place(at),
            )


def fault_of_declaration(declared: CustomAction, built_in: Container[str]) -> tuple[str, Wording] | None:
    """Where and why a declaration can be no kind of step; None when it can. `built_in`: names that are taken."""
    if declared.name in built_in:
        return "name", worded("{name!r} is built in. Choose another name", name=declared.name)
    if taken := set(declared.outcomes) & set(RESERVED):
        return "outcomes", worded(
            "{names} is every such step's already. Leave it out", names=", ".join(sorted(taken))
        )
    if len(set(declared.outcomes)) < len(declared.outcomes):
        return "outcomes", worded("one is there twice")
    for name, schema in (("input_schema", declared.input_schema), ("result_schema", declared.result_schema)):
        if schema is not None and (fault := fault_of(schema)):
            return f"{name}{fault[0]}", fault[1]
    if declared.input_schema.get("type") != "object":
        return "input_schema/type", worded("what a step gives is an object: write type: object")
    properties = declared.input_schema.get("properties", {})
    if SAVE in properties:
        where = f"input_schema/properties/{SAVE}"
        return where, worded("{name!r} is where a step keeps results. Choose another name", name=SAVE)
    if len(properties) > MOST_PROPERTIES:
        return "input_schema/properties", worded("there are more than {limit}", limit=MOST_PROPERTIES)
    return None


def fault_of_input(declared: CustomAction, given: Mapping[str, Any]) -> tuple[str, Wording] | None:
    """Where and why a whole input does not fit; None when it does."""
    fault = next(_faults(declared.input_schema, given), None)
    return None if fault is None else (_where(fault), schema_faults.said(fault))


def fault_of_answer(declared: CustomAction, answer: Any) -> Wording:
    """Why an integration's answer is none, without its values; empty when it fits."""
    if not isinstance(answer, dict):
        return worded("the answer is no JSON object with outcome and data")
    said = cast("dict[str, Any]", answer)
    outcome = said.get("outcome")
    if outcome not in declared.outcomes:
        return worded("the answer's outcome is none of {outcomes}", outcomes=", ".join(declared.outcomes))
    if declared.result_schema is None:
        return NO_WORDS
    for fault in _faults(declared.result_schema, said.get("data")):
        return worded(
            "the answer's data does not fit: {where} ({keyword})",
            where=_where(fault),
            keyword=fault.validator,
        )
    return NO_WORDS


def step_class(declared: CustomAction) -> type[Custom]:
    """The class of a declared kind's steps; the same one again for the same declaration."""
    key = declared.key()
    made = _classes.pop(key, None) or _made(declared)
    _classes[key] = made
    if len(_classes) > _KEPT:
        _classes.popitem(last=False)
    return made


_classes: "OrderedDict[str, type[Custom]]" = OrderedDict()


def _made(declared: CustomAction) -> type[Custom]:
    names = cast("Mapping[str, Any]", declared.input_schema.get("properties", {}))
    fields: dict[str, Any] = {
        f"input_{place}": (Tree, Field(default=None, alias=name)) for place, name in enumerate(names)
    }
    made = create_model("Custom", __base__=Custom, **fields)
    made.name = declared.name
    made.declared = declared
    made.patience = declared.answer_within
    made.leaves_by = tuple(dict.fromkeys((*declared.outcomes, FAILED)))
    return made


def _faults(schema: Mapping[str, Any], value: Any) -> Iterator[ValidationError]:
    validator: Any = validator_of(schema, schema)
    return validator.iter_errors(value)


def _open(fault: ValidationError) -> bool:
    """Whether an expression decides: the value, or one in what it is made of, is yet to be inserted."""
    return fault.validator != "required" and _templated(fault.instance)


def _templated(value: Any) -> bool:
    match value:
        case str():
            return "{{" in value
        case dict():
            return any(map(_templated, cast("dict[str, Any]", value).values()))
        case list():
            return any(map(_templated, cast("list[Any]", value)))
        case _:
            return False


def _where(fault: ValidationError) -> str:
    return "/" + "/".join(map(str, fault.absolute_path))
