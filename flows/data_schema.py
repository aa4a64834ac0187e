"""The JSON Schema of what a flow collects: whether it is one that can run, and how its parts validate.

References stay inside the schema, under `$defs`, and end: a field that refers to itself cannot be collected.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from jsonschema import Draft202012Validator, ValidationError, validators
from jsonschema.exceptions import SchemaError

from flows.pattern import is_pattern, matches
from flows.place import escape, segments
from flows.texts import plain_schema

_DEFS: Final = "#/$defs/"
_HOPS: Final = 16
_PLAIN: Final = ("title", "description")


def _matched(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not matches(pattern, value):
        yield ValidationError("the text does not match its pattern")


_Validator: Any = cast(Any, validators).extend(Draft202012Validator, {"pattern": _matched})


def fault_of(schema: Mapping[str, Any]) -> tuple[str, str] | None:
    """Where and why a schema cannot be used, titles by language apart; None when it can."""
    try:
        Draft202012Validator.check_schema(plain_schema(schema, "en", ["en"]))
    except SchemaError as fault:
        path = "".join(f"/{escape(str(part))}" for part in fault.absolute_path)
        return path, f"this is not JSON Schema: {fault.message}"
    for pointer, key, value in _keywords(schema, ""):
        if key == "pattern" and not is_pattern(value):
            return pointer, "RE2 does not take this pattern (it has no look-around and no back references)"
        if key == "$ref" and not _ends(schema, value):
            return (
                pointer,
                f"{value!r} leads nowhere: a reference names something under $defs, and ends there",
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
