"""Keywords of JSON Schema that look at several answers of a form at once: those that no conversation can keep."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from flows.actions.collect import Collect
from flows.compiled import CompiledFlow
from flows.data_schema import resolved
from flows.place import escape
from flows.rule import Finding, Surroundings, rule
from flows.wording import worded

_OVER_FIELDS: Final = ("minProperties", "maxProperties", "patternProperties", "propertyNames", "not")
_OVER_ITEMS: Final = ("contains", "minContains", "maxContains", "uniqueItems")
_EITHER: Final = ("anyOf", "oneOf")
_HARMLESS: Final = (None, False)

Schema = Mapping[str, Any]


@rule("F147", "error")
def not_kept(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A keyword over several fields of a form, as `minProperties` or `not`: fields are asked one by one, so nothing keeps it."""
    asked = {
        name
        for step in flow.steps.values()
        if isinstance(step.action, Collect) and not step.disabled
        for name in step.action.fields
    }
    if not asked:
        return
    root = flow.document.data.schema_
    for pointer, key in _kept_by_none(root, root, "", asked):
        place = flow.source.key_place(f"/data/schema{pointer}/{key}")
        hint = worded("use required, if/then/else or dependentRequired, or test it with a branch")
        yield worded("a form does not keep {key!r}, which looks at several answers", key=key), place, hint


def _kept_by_none(
    schema: Schema, root: Schema, pointer: str, asked: set[str] | None
) -> Iterator[tuple[str, str]]:
    """The keywords of an object, and of what is in it; `asked` are the properties to look into, None for all."""
    for key in _OVER_FIELDS:
        if schema.get(key) not in _HARMLESS:
            yield pointer, key
    for key in _EITHER:
        if len([one for one in _schemas(schema.get(key)) if one.get("type") != "null"]) > 1:
            yield pointer, key
    for word in ("then", "else"):
        if isinstance(schema.get(word), dict):
            yield from _kept_by_none(schema[word], root, f"{pointer}/{word}", asked)
    for place, part in enumerate(_schemas(schema.get("allOf"))):
        yield from _kept_by_none(part, root, f"{pointer}/allOf/{place}", asked)
    properties: Any = schema.get("properties")
    for name, inner in cast("dict[str, Any]", properties).items() if isinstance(properties, dict) else ():
        if isinstance(inner, dict) and (asked is None or name in asked):
            at = f"{pointer}/properties/{escape(name)}"
            yield from _of_field(cast("Schema", inner), root, at)


def _of_field(schema: Schema, root: Schema, pointer: str) -> Iterator[tuple[str, str]]:
    whole = resolved(schema, root)
    items: Any = whole.get("items")
    if "properties" in whole:
        yield from _kept_by_none(whole, root, pointer, None)
        return
    item = resolved(cast("Schema", items), root) if isinstance(items, dict) else {}
    if "properties" in item:
        for key in _OVER_ITEMS:
            if whole.get(key) not in _HARMLESS:
                yield pointer, key
        yield from _kept_by_none(item, root, f"{pointer}/items", None)


def _schemas(value: Any) -> list[Schema]:
    return (
        [one for one in cast("list[Any]", value) if isinstance(one, dict)] if isinstance(value, list) else []
    )
