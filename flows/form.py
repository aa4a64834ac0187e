"""A form's fields: what JSON Schema and `ui_schema` say about how each is asked, shown and read.

A field of kind `group` holds others, one of kind `repeat` an item that is asked for as often as the contact
wants. Where a property is declared under a condition (`if`, `dependentRequired`, …), `Field.within` says which
declaration holds for what was answered so far.

Sources: JSON Schema 2020-12; react-jsonschema-form 6, "uiSchema reference".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from flows.data_schema import HELD, Part, parts_of, resolved, validator_of
from schemas.flow import TextDocument

_FORMATS: Final = {
    "email": "email",
    "idn-email": "email",
    "uri": "uri",
    "iri": "uri",
    "phone": "phone",
    "date": "date",
    "time": "time",
    "date-time": "moment",
    "data-url": "file",
    **{name: name for name in HELD},
}
_WIDGETS: Final = {
    "date": "date",
    "alt-date": "date",
    "time": "time",
    "date-time": "moment",
    "alt-datetime": "moment",
    "file": "file",
    "files": "file",
    "email": "email",
    "uri": "uri",
}
_INPUTS: Final = {"tel": "phone", "email": "email", "url": "uri", "date": "date", "time": "time"}
_ACCEPTED: Final = {"image": "photo", "video": "video", "audio": "voice", "application": "document"}
SENT: Final = frozenset(HELD)
"""Kinds of fields that are answered with a file or a place."""
PLAIN: Final = ("text", "email", "uri", "phone", "date", "time", "moment", "number", "integer")
"""Kinds of fields that are answered with words, of which a list can be given at once."""

_TEXT: Final[TypeAdapter[TextDocument]] = TypeAdapter(TextDocument)

When = tuple[tuple[Draft202012Validator, bool], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a flow's data as a form asks for it.

    `kind` is text, email, uri, phone, date, time, moment, number, integer, boolean, choice, choices (several of
    them), list (several plain values), group, repeat, one of `SENT`, or nothing where it cannot be asked.
    `choices` are (value, label) pairs and `sections` the heading of some values. `fallback` is what the field
    gets when it is skipped. `shown` is a field that is not asked but shown. `needed_if` and `variants` depend
    on what the object holds that the field is in.
    """

    name: str
    kind: str
    title: TextDocument
    description: TextDocument
    prompt: TextDocument
    help: TextDocument
    placeholder: TextDocument
    required: bool
    asked: bool
    schema: Mapping[str, Any]
    validator: Draft202012Validator = field(compare=False)
    choices: tuple[tuple[Any, TextDocument], ...] = ()
    sections: Mapping[str, TextDocument] = field(default_factory=dict[str, TextDocument])
    children: Mapping[str, "Field"] = field(default_factory=dict[str, "Field"])
    fallback: Any = None
    shown: bool = False
    untitled: bool = False
    widget: str = ""
    addable: bool = True
    removable: bool = True
    copyable: bool = False
    conditional: bool = False
    needed_if: tuple[When, ...] = field(default=(), compare=False)
    variants: tuple[tuple[When, "Field"], ...] = field(default=(), compare=False)

    def takes(self, value: Any) -> bool:
        """Whether the field's schema takes a value."""
        return self.validator.is_valid(value)  # pyright: ignore[reportUnknownMemberType]

    def within(self, owner: Mapping[str, Any]) -> "Field | None":
        """The field as it is declared in an object that holds `owner`; None when it is not, with these answers."""
        if not self.variants and not self.needed_if:
            return self
        chosen = None if self.conditional else self
        for when, variant in self.variants:
            if _holds(when, owner):
                chosen = variant
        if chosen is None or chosen.required or not any(_holds(when, owner) for when in self.needed_if):
            return chosen
        return replace(chosen, required=True)

    @property
    def item(self) -> "Field":
        """What a field of kind `repeat` or `list` asks for again and again."""
        return self.children["items"]

    @property
    def least(self) -> int:
        """How many items it needs."""
        return max(int(self.schema.get("minItems", 0)), 0)

    @property
    def most(self) -> int | None:
        """How many items it takes, if that is bounded."""
        return self.schema.get("maxItems")


def _holds(when: When, owner: Mapping[str, Any]) -> bool:
    return all(condition.is_valid(owner) is holds for condition, holds in when)  # pyright: ignore[reportUnknownMemberType]


def fields_of(schema: Mapping[str, Any], ui_schema: Mapping[str, Any]) -> dict[str, Field]:
    """The fields of a data schema in the order of `ui:order`, else as declared."""
    return _Reading(schema, ui_schema).fields(schema, ui_schema)


def ordered(names: Sequence[str], order: Any) -> list[str]:
    """`names` in the order of a `ui:order`, where `*` stands for the rest."""
    if not isinstance(order, list):
        return list(names)
    wanted = cast("list[str]", order)
    rest = [name for name in names if name not in wanted]
    placed: list[str] = []
    for name in wanted:
        placed.extend(rest if name == "*" else [name] if name in names else [])
    return placed + [name for name in rest if name not in placed]


def hints_of(ui_schema: Mapping[str, Any]) -> dict[str, Any]:
    """The hints of one field by bare name: `ui:X`, or the same under `ui:options`."""
    options = ui_schema.get("ui:options")
    found = dict(cast("dict[str, Any]", options)) if isinstance(options, dict) else {}
    for key, value in ui_schema.items():
        if key.startswith("ui:") and key != "ui:options":
            found[key.removeprefix("ui:")] = value
    return found


def is_text(value: Any) -> bool:
    """Whether a hint is a text as authors write one."""
    try:
        _TEXT.validate_python(value)
    except ValidationError:
        return False
    return True


def as_text(value: Any) -> TextDocument:
    """A hint as a text; what is none is shown as it is written, and nothing where there is nothing."""
    if value is None or value is False:
        return ""
    return value if is_text(value) else str(value)


class _Reading:
    """One form being read. `everywhere` are hints that hold where a field says nothing else."""

    def __init__(self, root: Mapping[str, Any], ui_schema: Mapping[str, Any]) -> None:
        self.root = root
        self.everywhere = _object(ui_schema.get("ui:globalOptions"))
        self.definitions = _object(ui_schema.get("ui:definitions"))

    def fields(self, schema: Mapping[str, Any], ui_schema: Mapping[str, Any]) -> dict[str, Field]:
        parts = parts_of(schema, self.root)
        declared = list(dict.fromkeys(name for part in parts for name in part.properties))
        found: dict[str, Field] = {}
        for name in ordered(declared, hints_of(ui_schema).get("order")):
            made = self.property(name, parts, _object(ui_schema.get(name)))
            if made is not None:
                found[name] = made
        return found

    def property(self, name: str, parts: list[Part], ui: Mapping[str, Any]) -> Field | None:
        """A property with all its declarations; those that hold always are one."""
        given = [(part.when, part.properties[name]) for part in parts if name in part.properties]
        given = [(when, cast("dict[str, Any]", one)) for when, one in given if isinstance(one, dict)]
        if not given:
            return None
        needed = [part.when for part in parts if name in part.required]
        always: dict[str, Any] = {}
        for when, one in given:
            if not when:
                always.update({key: value for key, value in one.items() if key not in always})
        required = () in needed
        base = self.field(name, always or given[0][1], ui, required)
        variants = tuple(
            (when, self.field(name, {**always, **one}, ui, required)) for when, one in given if when
        )
        if not variants and (required or not needed):
            return base
        needed_if = () if required else tuple(needed)
        return replace(base, conditional=not always, needed_if=needed_if, variants=variants)

    def field(self, name: str, declared: Mapping[str, Any], ui: Mapping[str, Any], required: bool) -> Field:
        named = _object(self.definitions.get(str(declared.get("$ref"))))
        ui = {**named, **ui}
        hints = {**self.everywhere, **hints_of(ui)}
        schema = resolved(declared, self.root)
        choices = _choices(schema, ui, hints)
        kind = "choice" if choices else _kind(schema, hints)
        children: dict[str, Field] = {}
        if kind == "group":
            children = self.fields(schema, ui)
        elif kind == "array":
            items = schema.get("items")
            kind, children = "", {}
            if isinstance(items, dict):
                inner = {**_object(ui.get("items"))}
                for key in ("enumNames", "enumOrder", "enumDisabled", "accept", "optgroups"):
                    if key in hints:
                        inner.setdefault(f"ui:{key}", hints[key])
                if hints.get("widget") == "files":
                    inner["ui:widget"] = "file"
                item = self.field("items", cast("dict[str, Any]", items), inner, True)
                kind, children, choices = _array(item), {"items": item}, item.choices
        how = hints.get("deprecatedHandling") if schema.get("deprecated") else None
        fixed = bool(hints.get("readonly") or hints.get("disabled") or schema.get("readOnly"))
        hidden = hints.get("widget") == "hidden" or how == "hide"
        wanted = hints.get("required")
        return Field(
            name=name,
            kind=kind,
            title=as_text(hints.get("title")) or schema.get("title") or name.replace("_", " ").capitalize(),
            description=as_text(hints.get("description")) or schema.get("description") or "",
            prompt=as_text(hints.get("prompt")),
            help=as_text(hints.get("help")),
            placeholder=as_text(hints.get("placeholder")),
            required=wanted if isinstance(wanted, bool) else required,
            asked=not (fixed or hidden or how == "disable" or "const" in schema),
            schema=schema,
            choices=choices,
            sections=_sections(hints.get("optgroups")),
            children=children,
            fallback=_fallback(schema, hints),
            shown=(fixed or how == "disable") and not hidden,
            untitled=hints.get("label") is False,
            widget=str(hints.get("widget") or ""),
            addable=hints.get("addable") is not False,
            removable=hints.get("removable") is not False,
            copyable=hints.get("copyable") is True,
            validator=validator_of(schema, self.root),
        )


def _array(item: Field) -> str:
    """How a list of such items is asked for; nothing where it cannot be."""
    if item.kind == "choice":
        return "choices"
    if item.kind == "group" or item.kind in SENT:
        return "repeat"
    return "list" if item.kind in PLAIN else ""


def _kind(schema: Mapping[str, Any], hints: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in cast("list[str]", kind) if one != "null"), "string")
    if kind is None:
        kind = "object" if "properties" in schema else "array" if "items" in schema else "string"
    by_format = _FORMATS.get(str(schema.get("format")), "")
    if kind == "object":
        return by_format if by_format in SENT else "group" if schema.get("properties") else ""
    if kind != "string":
        return str(kind) if kind in ("number", "integer", "boolean", "array") else "text"
    widget, typed = str(hints.get("widget")), str(hints.get("inputType"))
    found = by_format or _WIDGETS.get(widget) or _INPUTS.get(typed) or "text"
    media = str(schema.get("contentMediaType") or hints.get("accept") or "").partition("/")[0]
    return _ACCEPTED.get(media, "file") if found == "file" or "contentMediaType" in schema else found


def _choices(
    schema: Mapping[str, Any], ui: Mapping[str, Any], hints: Mapping[str, Any]
) -> tuple[tuple[Any, TextDocument], ...]:
    word = "oneOf" if schema.get("oneOf") else "anyOf"
    titled: Any = schema.get(word)
    labels: Any = hints.get("enumNames") or schema.get("enumNames")
    if isinstance(titled, list) and all(
        isinstance(one, dict) and "const" in one for one in cast("list[Any]", titled)
    ):
        hinted: Any = ui.get(word)  # hints for each of the options, in the same order
        parallel = map(_object, cast("list[Any]", hinted) if isinstance(hinted, list) else [])
        beside = [hints_of(one).get("title") for one in parallel]
        pairs: list[tuple[Any, TextDocument]] = []
        for place, one in enumerate(cast("list[dict[str, Any]]", titled)):
            title = as_text(beside[place]) if place < len(beside) and beside[place] else one.get("title")
            pairs.append((one["const"], title or _label(labels, place, one["const"])))
    elif isinstance(schema.get("enum"), list):
        values = cast("list[Any]", schema["enum"])
        pairs = [(value, _label(labels, place, value)) for place, value in enumerate(values)]
    else:
        return ()
    order = hints.get("enumOrder")
    if isinstance(order, list):
        by_value = {str(value): (value, label) for value, label in pairs}
        pairs = [
            by_value[key] for key in ordered(list(by_value), [str(one) for one in cast("list[Any]", order)])
        ]
    disabled = hints.get("enumDisabled")
    if isinstance(disabled, list):
        pairs = [pair for pair in pairs if pair[0] not in cast("list[Any]", disabled)]
    return tuple(pairs)


def _sections(groups: Any) -> dict[str, TextDocument]:
    """The heading of each value, by the value as text: `{heading: [values]}`, or `[{label, options}]`."""
    if isinstance(groups, dict):
        listed = list(cast("dict[str, Any]", groups).items())
    else:
        given = list(map(_object, cast("list[Any]", groups))) if isinstance(groups, list) else []
        listed = [(as_text(one.get("label") or one.get("title")), one.get("options")) for one in given]
    found: dict[str, TextDocument] = {}
    for heading, values in listed:
        for value in cast("list[Any]", values) if isinstance(values, list) else ():
            found[str(_object(value).get("value") or value)] = heading
    return found


def _fallback(schema: Mapping[str, Any], hints: Mapping[str, Any]) -> Any:
    for value in (
        hints.get("emptyValue"),
        hints.get("initialValue"),
        schema.get("default"),
        schema.get("const"),
    ):
        if value is not None:
            return value
    return None


def _label(labels: Any, place: int, value: Any) -> TextDocument:
    if isinstance(labels, dict):
        return as_text(cast("dict[str, Any]", labels).get(str(value), value))
    if isinstance(labels, list) and place < len(cast("list[Any]", labels)):
        return as_text(cast("list[Any]", labels)[place])
    return str(value)


def _object(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
