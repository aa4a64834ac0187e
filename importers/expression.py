"""Expressions, written: texts and numbers of an export as CEL, never pasted into one."""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from importers.imported import clean

NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
LARGEST = 1 << 63
NUMERIC = "^-?[0-9]+([.][0-9]+)?$"


def quoted(text: str) -> str:
    """A text as a literal."""
    return json.dumps(clean(text), ensure_ascii=False)


def literal(text: str) -> str:
    """Text as a template that says just that."""
    return clean(text).replace("{{", "{ {").replace("{{", "{ {")


def tree(value: Any, template: Callable[[str], str]) -> Any:
    """A JSON value whose texts are templates. Numbers that no flow can hold become texts."""
    match value:
        case str():
            return template(value)
        case list():
            return [tree(one, template) for one in cast("list[Any]", value)]
        case dict():
            given = cast("dict[str, Any]", value)
            return {clean(key): tree(one, template) for key, one in given.items()}
        case int() if abs(value) >= LARGEST:
            return str(value)
        case float() if not math.isfinite(value):
            return str(value)
        case _:
            return value


def number(text: str) -> str | None:
    """A decimal literal, None for what is no number."""
    stripped = text.strip()
    return repr(float(stripped)) if NUMBER.fullmatch(stripped) and "e" not in repr(float(stripped)) else None


def value_of(field: str, schema: Mapping[str, Any], root: str = "data") -> str:
    """A field's value, or what is least of its type where it is not set."""
    match schema.get("type"):
        case "number" | "integer":
            return (
                f"{root}.?{field}.orValue(0.0)"
                if schema["type"] == "number"
                else f"{root}.?{field}.orValue(0)"
            )
        case "array":
            return f"{root}.?{field}.orValue([])"
        case _:
            return f'{root}.?{field}.orValue("")'


def text_of(field: str, schema: Mapping[str, Any], root: str = "data") -> str:
    """A field's value as text."""
    value = value_of(field, schema, root)
    match schema.get("type"):
        case "number" | "integer":
            return f'(has({root}.{field}) ? string({root}.{field}) : "")'
        case "array":
            return f'{value}.join(", ")'
        case _:
            return value


def answered(path: Sequence[str | int]) -> str:
    """What stands at a place of a webhook's answer, as text; empty for nothing, `{}` for what holds more than a value.

    CEL fails at what is within null or a text, and at null as text, which vendors take for nothing.
    """
    places = ["result.?json"]
    for step in path:
        places.append(f"{places[-1]}[?{quoted(step) if isinstance(step, str) else step}]")
    value = f'{places.pop()}.orValue("")'
    kinds = ["list" if isinstance(step, int) else "map" for step in path]
    within = [
        f'type({place}.orValue("")) == {kind}' for place, kind in zip(places[1:], kinds[1:], strict=True)
    ]
    text = f'type({value}) == null_type ? "" : type({value}) in [map, list] ? "{{}}" : string({value})'
    return f'{" && ".join(within)} ? ({text}) : ""' if within else text


def inserted(expression: str) -> str:
    """An expression in a template."""
    return "{{ " + expression + " }}"


def numeric(text: str) -> str:
    """A text's number, where it is one: to be used behind `is_numeric`."""
    return f"double({text})"


def is_numeric(text: str) -> str:
    """Whether a text is a number."""
    return f"{text}.matches({quoted(NUMERIC)})"


def any_word(text: str, words: list[str]) -> str:
    """Whether one of the words, whole and in any case, is in a text."""
    found = "|".join(re.escape(word.lower()) for word in words)
    return f"{text}.lower().matches({quoted(f'(^|[^a-z0-9])({found})($|[^a-z0-9])')})"
