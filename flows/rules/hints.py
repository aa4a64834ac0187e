"""The hints of `ui_schema`: keys that nobody reads, orders that leave fields out.

Source: react-jsonschema-form 6, "uiSchema reference"; `ui:prompt` is our own.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from flows.compiled import CompiledFlow
from flows.data_schema import parts_of
from flows.diagnostic import did_you_mean
from flows.form import hints_of, is_text
from flows.place import escape
from flows.rule import Finding, Surroundings, rule
from flows.wording import worded

HONOURED = frozenset(
    (
        "widget",
        "title",
        "description",
        "help",
        "placeholder",
        "prompt",
        "enumNames",
        "enumOrder",
        "enumDisabled",
        "order",
        "options",
        "inputType",
        "emptyValue",
        "initialValue",
        "required",
        "readonly",
        "disabled",
        "label",
        "optgroups",
        "submitButtonOptions",
        "deprecatedHandling",
        "definitions",
        "globalOptions",
        "addable",
        "removable",
        "orderable",
        "copyable",
        "accept",
    )
)
HARMLESS = frozenset(
    (
        "classNames",
        "style",
        "rows",
        "autofocus",
        "autocomplete",
        "autocapitalize",
        "allowClearTextInputs",
        "hideError",
        "filePreview",
        "optionValueFormat",
        "enableMarkdownInDescription",
        "enableMarkdownInHelp",
        "duplicateKeySuffixSeparator",
        "inline",
        "rootFieldId",
    )
)
CODE = frozenset(("field", "fieldReplacesAnyOrOneOf", "FieldTemplate", "ObjectFieldTemplate"))
TEXTS = frozenset(("title", "description", "help", "placeholder", "prompt"))
_DEEPEST = 8

Hints = Mapping[str, Any]


@rule("F150", "warning")
def unknown_hint(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A `ui:` key that nothing reads."""
    for pointer, hints, _ in _all(flow):
        for key, at in _keys(hints, pointer):
            if key not in HONOURED and key not in HARMLESS and key not in CODE:
                near = did_you_mean(key, HONOURED | HARMLESS)
                yield worded("nothing reads the hint {key!r}", key=key), flow.source.key_place(at), near


@rule("F151", "error")
def code_hint(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A `ui:field` and its like: they name code, which a conversation does not have."""
    for pointer, hints, _ in _all(flow):
        for key, at in _keys(hints, pointer):
            if key in CODE:
                yield (
                    worded("ui:{key} needs code", key=key),
                    flow.source.key_place(at),
                    worded("use ui:widget"),
                )


@rule("F152", "error")
def short_order(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A `ui:order` that leaves a property out and has no `*`, or names one that is not there."""
    for pointer, hints, schema in _all(flow):
        order: Any = hints.get("ui:order")
        if not isinstance(order, list) or schema is None:
            continue
        listed, names = cast("list[Any]", order), _properties(schema)
        missing = [name for name in names if name not in listed]
        if missing and "*" not in listed:
            message = worded("ui:order leaves out {missing}", missing=", ".join(missing))
            yield (
                message,
                flow.source.key_place(f"{pointer}/ui:order"),
                worded("add them, or '*' for the rest"),
            )
        for index, name in enumerate(listed):
            if not isinstance(name, str) or (name != "*" and name not in names):
                place = flow.source.place(f"{pointer}/ui:order/{index}")
                yield (
                    worded("ui:order names {name!r}, which is no property", name=name),
                    place,
                    did_you_mean(str(name), names),
                )


@rule("F153", "warning")
def hint_for_nothing(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """Hints for a property that the schema does not have."""
    for pointer, hints, schema in _all(flow):
        names = _properties(schema) if schema is not None else None
        for key in hints if names is not None else ():
            if (
                not key.startswith("ui:")
                and key not in (names or ())
                and key not in ("items", "anyOf", "oneOf")
            ):
                place = flow.source.key_place(f"{pointer}/{escape(key)}")
                yield (
                    worded("hints for {key!r}, which is no property", key=key),
                    place,
                    did_you_mean(key, names or ()),
                )


@rule("F154", "warning")
def password(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """The widget `password`: a chat keeps what is written in it."""
    for pointer, hints, _ in _all(flow):
        if hints.get("ui:widget") == "password":
            place = flow.source.place(f"{pointer}/ui:widget")
            yield (
                worded("a password asked for in a chat stays in its history"),
                place,
                worded("ask for it on a web page"),
            )


@rule("F155", "warning")
def legacy_names(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """`enumNames` inside the schema, which JSON Schema does not know."""
    for name, field in flow.fields.items():
        if "enumNames" in field.schema:
            place = flow.source.key_place(f"/data/schema/properties/{escape(name)}/enumNames")
            yield (
                worded("enumNames is not JSON Schema"),
                place,
                worded("write oneOf: [{const: …, title: …}], or ui:enumNames"),
            )


@rule("F156", "error")
def hint_is_no_text(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A hint that contacts read and that is no text: neither a string, nor variants, nor either by language."""
    for pointer, hints, _ in _all(flow):
        read = hints_of(hints)
        for key, at in _keys(hints, pointer):
            value = read.get(key)
            if key in TEXTS and not is_text(value) and not isinstance(value, int | float | None):
                yield (
                    worded("ui:{key} is no text", key=key),
                    flow.source.place(at),
                    worded("write it in quotes, or {en: …, it: …}"),
                )


def _all(flow: CompiledFlow) -> Iterator[tuple[str, Hints, Mapping[str, Any] | None]]:
    data = flow.document.data
    if data.ui_schema:
        yield from _below(data.ui_schema, data.schema_, "/data/ui_schema", _DEEPEST)


def _below(
    hints: Hints, schema: Mapping[str, Any] | None, pointer: str, depth: int
) -> Iterator[tuple[str, Hints, Mapping[str, Any] | None]]:
    yield pointer, hints, schema if schema and "properties" in schema else None
    for key, inner in hints.items():
        if not key.startswith("ui:") and isinstance(inner, dict) and depth:
            child: Any = _properties(schema or {}).get(key)
            known = cast("Mapping[str, Any]", child) if isinstance(child, dict) else None
            yield from _below(cast("Hints", inner), known, f"{pointer}/{escape(key)}", depth - 1)


def _keys(hints: Hints, pointer: str) -> Iterator[tuple[str, str]]:
    """The hints by bare name, `ui:options` taken apart, each with its pointer."""
    for key, value in hints.items():
        if key.startswith("ui:"):
            yield key.removeprefix("ui:"), f"{pointer}/{escape(key)}"
        if key == "ui:options" and isinstance(value, dict):
            for name in cast("dict[str, Any]", value):
                yield name, f"{pointer}/ui:options/{escape(name)}"


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of an object, those under a condition too."""
    return {name: one for part in parts_of(schema, schema) for name, one in part.properties.items()}
