"""The JSON Schema of what a flow collects: whether it is one that can run, and how its parts validate.

References stay inside the schema, under `$defs`, and end: a field that refers to itself cannot be collected.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from jsonschema import Draft202012Validator, ValidationError, validators
from jsonschema.exceptions import SchemaError

from flows.pattern import is_pattern, matches
from flows.place import escape, segments
from flows.schema_faults import said
from flows.texts import plain_schema
from flows.wording import Wording, worded

_DEFS: Final = "#/$defs/"
_HOPS: Final = 16
_PLAIN: Final = ("title", "description")
_TEXT: Final = {"type": "string"}
_FILE: Final = {"message": _TEXT, "kind": _TEXT, "mime": _TEXT, "filename": _TEXT, "caption": _TEXT}
_POINT: Final = {"type": "number"}

HELD: Final[Mapping[str, Mapping[str, Any]]] = {
    **dict.fromkeys(("photo", "video", "voice", "document", "file"), _FILE),
    "location": {"latitude": _POINT, "longitude": _POINT, "name": _TEXT, "address": _TEXT},
}
"""What an object of these formats holds: a file by the message that brought it, or a place."""


def _matched(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not matches(pattern, value):
        yield ValidationError("the text does not match its pattern")


_Validator: Any = cast(Any, validators).extend(Draft202012Validator, {"pattern": _matched})


def fault_of(schema: Mapping[str, Any]) -> tuple[str, Wording] | None:
    """Where and why a schema cannot be used, titles by language apart; None when it can."""
    try:
        Draft202012Validator.check_schema(plain_schema(schema, "en", ["en"]))
    except SchemaError as fault:
        path = "".join(f"/{escape(str(part))}" for part in fault.absolute_path)
        return path, worded("this is not JSON Schema: {schema_problem}", schema_problem=said(fault))
    for pointer, key, value in _keywords(schema, ""):
        if key == "pattern" and not is_pattern(value):
            return pointer, worded(
                "RE2 does not take this pattern (it has no look-around and no back references)"
            )
        if key == "$ref" and not _ends(schema, value):
            return (
                pointer,
                worded(
                    "{value!r} leads nowhere: a reference names something under $defs, and ends there",
                    value=value,
                ),
            )
    return None


def resolved(part: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """A part of a schema with its own reference filled in; keys beside the reference win."""
    found = dict(part)
    for _ in range(_HOPS):
        target = _target(root, found.pop("$ref", None))
        if target is None:
            break
        found = {**target, **found}
    return found


def validator_of(part: Mapping[str, Any], root: Mapping[str, Any]) -> Draft202012Validator:
    """The validator of a part of a schema."""
    checkable = {key: value for key, value in part.items() if key not in _PLAIN}
    if "$defs" in root:
        checkable["$defs"] = root["$defs"]
    return _Validator(checkable)


@dataclass(frozen=True, slots=True)
class Part:
    """Properties and requirements of an object that hold when all of `when` do: (validator, whether it takes)."""

    when: tuple[tuple[Draft202012Validator, bool], ...]
    properties: Mapping[str, Any]
    required: tuple[str, ...]


def parts_of(schema: Mapping[str, Any], root: Mapping[str, Any]) -> list[Part]:
    """An object schema as its parts: itself, what `allOf` adds, and what holds under a condition."""
    return list(_parts(schema, root, (), 0))


def _parts(
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    when: tuple[tuple[Draft202012Validator, bool], ...],
    depth: int,
) -> Iterator[Part]:
    schema = resolved(schema, root)
    yield Part(when, _mapping(schema.get("properties")), tuple(schema.get("required") or ()))
    if depth > _HOPS:
        return
    for part in schema.get("allOf") or ():
        if isinstance(part, Mapping):
            yield from _parts(cast("Mapping[str, Any]", part), root, when, depth + 1)
    if "if" in schema:
        condition = validator_of({"allOf": [schema["if"]]}, root)
        for word, holds in (("then", True), ("else", False)):
            if isinstance(schema.get(word), Mapping):
                yield from _parts(schema[word], root, (*when, (condition, holds)), depth + 1)
    dependent: list[tuple[str, Any]] = []
    for word in (
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
    ):  # the last: the older word for both
        dependent.extend(_mapping(schema.get(word)).items())
    for name, more in dependent:
        given = (*when, (validator_of({"required": [name]}, root), True))
        if isinstance(more, list):
            yield Part(given, {}, tuple(cast("list[str]", more)))
        elif isinstance(more, Mapping):
            yield from _parts(cast("Mapping[str, Any]", more), root, given, depth + 1)


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _keywords(value: Any, pointer: str, named: bool = False) -> Iterator[tuple[str, str, str]]:
    """Every `pattern` and `$ref`, with its pointer. Under `properties` and `$defs` keys are names, not keywords."""
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            at = f"{pointer}/{escape(key)}"
            if not named and key in ("pattern", "$ref") and isinstance(inner, str):
                yield at, key, inner
            elif named or key not in ("enum", "const", "default", "examples"):
                yield from _keywords(inner, at, not named and key in ("properties", "$defs"))
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[Any]", value)):
            yield from _keywords(inner, f"{pointer}/{index}")


def _ends(root: Mapping[str, Any], reference: str) -> bool:
    """Whether a reference, and every one below what it names, comes to an end."""
    on_the_way: set[str] = set()
    done: set[str] = set()

    def walk(name: str) -> bool:
        if name in done:
            return True
        target = _target(root, name)
        if target is None or name in on_the_way or len(on_the_way) >= _HOPS:
            return False
        on_the_way.add(name)
        fine = all(walk(value) for _, key, value in _keywords(target, "") if key == "$ref")
        on_the_way.discard(name)
        done.add(name)
        return fine

    return walk(reference)


def _target(root: Mapping[str, Any], reference: Any) -> Mapping[str, Any] | None:
    if not isinstance(reference, str) or not reference.startswith(_DEFS):
        return None
    found: Any = root
    for key in segments(reference.removeprefix("#")):
        found = cast("dict[str, Any]", found).get(key) if isinstance(found, dict) else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None
