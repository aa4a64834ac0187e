"""What pydantic found wrong in a document, as diagnostics with their place in the file."""

import re
import types
from collections.abc import Iterable
from typing import Any, Final, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticKnownError

from flows.diagnostic import Diagnostic, did_you_mean, error
from flows.document import Source
from flows.place import escape
from flows.wording import Wording, foreign, worded, wording_of

_PLACES: Final = re.compile(r"{(\w+)}")
_PLAIN: Final = {
    "string_type": worded("must be text"),
    "int_type": worded("must be a whole number"),
    "bool_type": worded("must be true or false"),
    "list_type": worded("must be a list"),
    "dict_type": worded("must be a mapping"),
    "model_type": worded("must be a mapping"),
    "too_short": worded("must not be empty"),
    "int_parsing": worded("must be a whole number"),
    "bool_parsing": worded("must be true or false"),
}


def diagnostics_of(
    fault: ValidationError, source: Source, pointer: str, model: type[BaseModel]
) -> list[Diagnostic]:
    """One diagnostic for each place that is wrong; of a union's many complaints, the most telling one."""
    found: dict[str, Diagnostic] = {}
    for detail in fault.errors(include_url=False, include_context=True):
        path, inner = _path(source.value, pointer, detail["loc"])
        key = str(detail["loc"][-1]) if detail["loc"] else ""
        if detail["type"] == "extra_forbidden":
            candidates = keys_at(model, detail["loc"][:-1])
            one = error(
                "F002",
                worded("unknown key {key!r}", key=key),
                source.key_place(path),
                did_you_mean(key, candidates),
            )
        elif detail["loc"] and detail["loc"][-1] == "[key]":
            message = worded("{key!r} cannot be a key here", key=str(detail["loc"][-2]))
            one = error(
                "F004", message, source.key_place(path), worded("quote a text that holds a comma or a colon")
            )
        elif detail["type"] == "missing":
            one = error("F003", worded("{key} is missing", key=inner or key), source.place(path))
        else:
            message = _PLAIN.get(detail["type"]) or _sentence(detail)
            one = error("F004", message, source.place(path))
        found.setdefault(path if detail["type"] != "missing" else f"{path}/{key}", one)
    return list(found.values())


def _path(root: Any, pointer: str, loc: Iterable[int | str]) -> tuple[str, str]:
    """The pointer of a pydantic location: names of union members, which are not in the file, are left out."""
    value, path, missing = _at(root, pointer), pointer, ""
    for part in loc:
        if isinstance(value, dict) and part in value:
            value, path = value[part], f"{path}/{escape(str(part))}"  # pyright: ignore[reportUnknownVariableType]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):  # pyright: ignore[reportUnknownArgumentType]
            value, path = value[part], f"{path}/{part}"  # pyright: ignore[reportUnknownVariableType]
        else:
            missing = str(part)
    return path, missing


def _at(root: Any, pointer: str) -> Any:
    value = root
    for part in pointer.split("/")[1:]:
        if isinstance(value, list):
            value = value[int(part)]  # pyright: ignore[reportUnknownVariableType]
        elif isinstance(value, dict):
            value = value.get(part.replace("~1", "/").replace("~0", "~"))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return value  # pyright: ignore[reportUnknownVariableType]


def _sentence(detail: ErrorDetails) -> Wording:
    """What pydantic says, by its template; what a validator of ours raised, as that has worded it."""
    given = detail.get("ctx", {})
    if isinstance(raised := given.get("error"), ValueError):
        return wording_of(raised)
    template = PydanticKnownError(cast("Any", detail["type"]), given).message_template
    facts = {name: given.get(name, "") for name in _PLACES.findall(template)}
    if "expected_plural" in facts:
        facts["expected_plural"] = "" if 1 in (given.get("min_length"), given.get("max_length")) else "s"
    if "expected" in facts:
        first, either, last = str(facts["expected"]).rpartition(" or ")
        facts["expected"] = worded("{first} or {last}", first=first, last=last) if either else last
    return foreign(template, facts)


def keys_at(model: Any, loc: Iterable[int | str]) -> list[str]:
    """The keys that the model at `loc` has; `model` may be one of a union."""
    current: Any = _model_in(model)
    for part in loc:
        if isinstance(part, str) and isinstance(current, type) and issubclass(current, BaseModel):
            info = next((i for n, i in current.model_fields.items() if part in (n, i.alias)), None)
            current = _model_in(info.annotation) if info else current
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return []
    return [info.alias or name for name, info in current.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, dict, Union, types.UnionType) or get_args(annotation):
        return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)
    return None
