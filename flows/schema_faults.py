"""What a JSON Schema finds wrong in a value, in an author's words, by the keyword that is broken."""

from collections.abc import Iterable
from typing import Any, Final, cast

from jsonschema import ValidationError
from jsonschema.exceptions import SchemaError

from flows.pattern import matches
from flows.wording import Wording, worded
from flows.yaml_text import inline

Fault = ValidationError | SchemaError

_LONGEST: Final = 60
_KINDS: Final = {
    "string": worded("text"),
    "integer": worded("a whole number"),
    "number": worded("a number"),
    "boolean": worded("true or false"),
    "array": worded("a list"),
    "object": worded("an object"),
    "null": worded("null"),
}


def said(fault: Fault) -> Wording:
    """What is wrong with the value, which is at `fault.absolute_path`."""
    fault = _telling(fault)
    broken, given = cast("str | None", fault.validator), cast("Any", fault.instance)
    value, limit = _shown(given), cast("Any", fault.validator_value)
    match broken:
        case "type":
            kinds = [limit] if isinstance(limit, str) else cast("list[str]", limit)
            return worded("{value} is not {kind}", value=value, kind=_either(_KINDS[kind] for kind in kinds))
        case "enum":
            return worded(
                "{value} is not one of {choices}", value=value, choices=", ".join(map(_shown, limit))
            )
        case "const":
            return worded("{value} should be {wanted}", value=value, wanted=_shown(limit))
        case "required":
            missing = [name for name in limit if name not in given]
            return worded("{key} is missing", key=", ".join(missing))
        case "dependentRequired":
            missing = {each for name, others in limit.items() if name in given for each in others}
            return worded("{key} is missing", key=", ".join(sorted(missing - set(given))))
        case "additionalProperties" | "unevaluatedProperties":
            return worded("unknown key {key!r}", key=", ".join(_unknown(fault)))
        case "minLength":
            return worded("{value} has fewer than {limit} characters", value=value, limit=limit)
        case "maxLength":
            return worded("{value} has more than {limit} characters", value=value, limit=limit)
        case "pattern":
            return worded("{value} does not match the pattern {pattern}", value=value, pattern=limit)
        case "format":
            return worded("{value} is not of the format {format!r}", value=value, format=limit)
        case "minimum":
            return worded("{value} is less than {limit}", value=value, limit=limit)
        case "maximum":
            return worded("{value} is more than {limit}", value=value, limit=limit)
        case "exclusiveMinimum":
            return worded("{value} is not more than {limit}", value=value, limit=limit)
        case "exclusiveMaximum":
            return worded("{value} is not less than {limit}", value=value, limit=limit)
        case "multipleOf":
            return worded("{value} is not a multiple of {limit}", value=value, limit=limit)
        case "minItems":
            return worded("the list has fewer than {limit} items", limit=limit)
        case "maxItems":
            return worded("the list has more than {limit} items", limit=limit)
        case "items" | "unevaluatedItems":
            return worded("the list has items that nothing describes")
        case "uniqueItems":
            return worded("the list has an item twice")
        case "contains":
            return worded("the list does not hold, as often as it should, what `contains` describes")
        case "minProperties":
            return worded("the object has fewer than {limit} keys", limit=limit)
        case "maxProperties":
            return worded("the object has more than {limit} keys", limit=limit)
        case "anyOf":
            return worded("{value} fits none of what is allowed here", value=value)
        case "oneOf" if fault.context:
            return worded("{value} fits none of what is allowed here", value=value)
        case "oneOf":
            return worded("{value} fits several of what is allowed here, not one", value=value)
        case "not":
            return worded("{value} is what is excluded here", value=value)
        case None:
            return worded("nothing may stand here")
        case _:
            return worded("it does not fit: “{theirs}”", theirs=fault.message)


def _telling(fault: Fault) -> Fault:
    """Of alternatives that list values, as `type` of a schema has them, the fault that names the values."""
    listed = [one for one in fault.context or () if one.validator == "enum"]
    return max(listed, key=lambda one: len(one.path)) if listed else fault


def _either(kinds: Iterable[Wording]) -> Wording:
    first, *others = kinds
    for other in others:
        first = worded("{first} or {last}", first=first, last=other)
    return first


def _unknown(fault: Fault) -> list[str]:
    schema = cast("dict[str, Any]", fault.schema)
    patterns = schema.get("patternProperties", {})
    return [
        name
        for name in cast("dict[str, Any]", fault.instance)
        if name not in schema.get("properties", {}) and not any(matches(one, name) for one in patterns)
    ]


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else inline(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
