"""What an action, a trigger or a channel takes, as data: read off its class, so it cannot be out of date."""

import datetime as dt
import inspect
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from cli import example
from flows import kinds
from flows.action import Action, Mark
from flows.document import Source, parse
from schemas.flow import TextDocument
from schemas.problems import NotFound
from sessions import registry

READINGS = {
    "template": "template",
    "text": "text, or texts by language",
    "expression": "expression",
    "tree": "JSON with templates",
    "flow": "flow",
    "data_field": "data field",
    "contact_field": "contact field",
}


@dataclass(frozen=True)
class Parameter:
    """One thing that it takes. `default` is None for what must be given."""

    name: str
    type: str
    default: str | None
    what: str


@dataclass(frozen=True)
class Kind:
    """One action, trigger or channel. `outcomes` are those of the example, where it is an action."""

    kind: str
    name: str
    what: str
    parameters: tuple[Parameter, ...]
    outcomes: tuple[str, ...]
    example: str

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def of(name: str) -> list[Kind]:
    """Everything of this name. Raises `NotFound`."""
    found = [_action(name)] if name in kinds.actions() else []
    if name in kinds.triggers():
        found.append(_kind("trigger", name, kinds.triggers()[name], kinds.triggers()[name]))
    if name in registry.names():
        driver = registry.driver(name)
        found.append(_kind("channel", name, driver, driver.settings_model))
    if not found:
        raise NotFound(what="action, trigger or channel", name=name)
    return found


def summary(cls: type) -> str:
    """The first paragraph of a class's docstring."""
    return " ".join(inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].split())


def parameters(model: type[BaseModel]) -> tuple[Parameter, ...]:
    """What a model takes, in its order."""
    return tuple(
        Parameter(info.alias or each, _type(info.annotation, info.metadata), _default(info), _said(info))
        for each, info in model.model_fields.items()
    )


def inner_models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The parameters that are models themselves, or lists or maps of them, at any depth, by dotted name."""
    found: dict[str, type[BaseModel]] = {}
    for each, info in model.model_fields.items():
        name = info.alias or each
        for inner in _models(info.annotation):
            found[name] = inner
            found.update({f"{name}.{below}": one for below, one in inner_models(inner).items()})
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def _action(name: str) -> Kind:
    cls = kinds.actions()[name]
    source = parse(f"{name}.yaml", example.text(cls))
    assert isinstance(source, Source)
    made: Action = cls.model_validate(source.value.get("with") or {})
    outcomes = [
        *made.outcomes(),
        *(["timeout"] if cls.waits else []),
        *(["undelivered"] if cls.sends else []),
    ]
    return _kind("action", name, cls, cls, tuple(dict.fromkeys(outcomes)))


def _kind(kind: str, name: str, cls: type, model: type[BaseModel], outcomes: tuple[str, ...] = ()) -> Kind:
    return Kind(kind, name, summary(cls), parameters(model), outcomes, example.text(cls))


def _said(info: Any) -> str:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return ". ".join(part for part in (info.title, info.description, extra.get("ui:help")) if part)


def _default(info: Any) -> str | None:
    if info.is_required():
        return None
    value = info.default_factory() if info.default_factory else info.default
    if value is PydanticUndefined:
        return None
    if isinstance(value, dt.timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, BaseModel):
        return json.dumps(value.model_dump(mode="json", by_alias=True, exclude_none=True))
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "none"
    return str(value or "empty") if isinstance(value, str | list | dict) else str(value)


def _type(annotation: Any, metadata: Any = ()) -> str:
    for mark in metadata:
        if isinstance(mark, Mark):
            return READINGS[mark.reading]
    if annotation == TextDocument:
        return READINGS["text"]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0], arguments[1:])
    if origin is Literal:
        return " | ".join(map(str, arguments))
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(_type(each) for each in arguments if each is not NoneType))
    if origin in (list, tuple):
        return f"list of {_type(arguments[0])}" if arguments else "list"
    if origin is dict:
        return f"map of {_type(arguments[1])}"
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return "{" + ", ".join(info.alias or name for name, info in annotation.model_fields.items()) + "}"
    plain = {
        str: "text",
        int: "whole number",
        float: "number",
        bool: "true | false",
        dt.timedelta: "duration",
    }
    return plain.get(annotation, "anything")
