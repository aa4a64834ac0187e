"""JSON Schemas as types of expressions.

Each object schema becomes a protobuf message whose scalar fields are wrappers (`StringValue`,
`Int64Value`, …), because only then does CEL refuse `data.sise` when it compiles, and still tell an unset
field from an empty one. What has no single type (`oneOf` of several kinds, tuples, maps) becomes a dynamic
value, with a warning.

Sources: JSON Schema 2020-12; CEL language definition, "Wrapper types" and "Identifiers".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import Message

from flows.data_schema import HELD
from flows.diagnostic import Severity, did_you_mean
from flows.place import escape
from flows.wording import NO_WORDS, Wording

PACKAGE: Final = "chatloom.types"
MAX_FIELDS: Final = 2_000
MAX_DEPTH: Final = 16

Kind = Literal["string", "integer", "number", "boolean"]

WRAPPERS: Final[dict[Kind, str]] = {
    "string": "google.protobuf.StringValue",
    "integer": "google.protobuf.Int64Value",
    "number": "google.protobuf.DoubleValue",
    "boolean": "google.protobuf.BoolValue",
}
_PRIMITIVES: Final[dict[Kind, Any]] = {
    "string": FieldDescriptorProto.TYPE_STRING,
    "integer": FieldDescriptorProto.TYPE_INT64,
    "number": FieldDescriptorProto.TYPE_DOUBLE,
    "boolean": FieldDescriptorProto.TYPE_BOOL,
}
_CONDITIONAL: Final = ("if", "then", "else", "dependentSchemas", "dependencies")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED: Final = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "null",
        "package",
        "namespace",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
) | {name for name in dir(Message) if not name.startswith("__")}


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, a whole number, a number or a truth value."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Structure:
    """An object with named fields; `message` is its type's name in the package."""

    message: str
    fields: Mapping[str, "Shape"]


@dataclass(frozen=True, slots=True)
class Many:
    """A list whose items have one shape."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class Loose:
    """A value whose type is only known when it is there; `keyed` if it is surely an object."""

    keyed: bool = False


Shape = Scalar | Structure | Many | Loose


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said about a schema; `pointer` counts from the schema's own root."""

    severity: Severity
    code: str
    message: str
    pointer: str
    hint: str = ""


class Types:
    """Shapes of several schemas, with the one descriptor file that holds their messages."""

    def __init__(self) -> None:
        self.file = FileDescriptorProto(
            name="chatloom/types.proto",
            package=PACKAGE,
            syntax="proto3",
            dependency=["google/protobuf/wrappers.proto", "google/protobuf/struct.proto"],
        )
        self.structures: dict[str, Structure] = {}
        self.paths: dict[str, str] = {}

    def shape(self, name: str, schema: Mapping[str, Any]) -> tuple[Shape, list[Note]]:
        """The shape of a variable `name` with this schema, and what is to be said about the schema."""
        reading = _Reading(self, schema)
        return reading.shape(schema, "", name, 0), reading.notes


class _Reading:
    """One schema being read."""

    def __init__(self, types: Types, root: Mapping[str, Any]) -> None:
        self.types, self.root = types, root
        self.notes: list[Note] = []
        self.fields = 0

    def shape(self, schema: Any, pointer: str, path: str, depth: int) -> Shape:
        if not isinstance(schema, Mapping):
            return self.loose(pointer, "any value may stand here")
        schema = self.resolved(cast("Mapping[str, Any]", schema), 0)
        kinds = kinds_of(schema)
        if depth > MAX_DEPTH:
            return self.loose(pointer, "this is nested too deeply to be typed")
        if kinds == {"object"}:
            properties = _properties(schema)
            if properties or ("properties" in schema and schema.get("additionalProperties") is not True):
                return self.structure(properties, pointer, path, depth)
            return self.loose(pointer, "its properties are not declared", keyed=True)
        if kinds == {"array"}:
            items = schema.get("items")
            if not isinstance(items, Mapping) or "prefixItems" in schema:
                return Many(self.loose(pointer, "its items have no single type"))
            item = self.shape(items, f"{pointer}/items", f"{path}[]", depth + 1)
            return Many(Loose() if isinstance(item, Many) else item)
        if kinds == {"integer", "number"}:
            return Scalar("number")
        if len(kinds) == 1 and (kind := next(iter(kinds))) in WRAPPERS:
            return Scalar(kind)
        return self.loose(pointer, "it may be of several types" if kinds else "it has no type")

    def structure(self, properties: Mapping[str, Any], pointer: str, path: str, depth: int) -> Structure:
        name = f"T{len(self.types.file.message_type)}"
        message = self.types.file.message_type.add(name=name)
        message.options.deprecated_legacy_json_field_conflicts = True
        fields: dict[str, Shape] = {}
        for key, schema in properties.items():
            at = f"{pointer}/properties/{escape(key)}"
            if why := refusal(key):
                self.notes.append(Note("error", "T001", f"{key!r} cannot be the name of a property", at, why))
                continue
            self.fields += 1
            if self.fields > MAX_FIELDS:
                self.notes.append(Note("error", "T002", f"more than {MAX_FIELDS} properties", at))
                break
            fields[key] = self.shape(schema, at, f"{path}.{key}", depth + 1)
            _add_field(message, key, fields[key])
        made = Structure(name, fields)
        self.types.structures[name] = made
        self.types.paths[name] = path
        return made

    def loose(self, pointer: str, why: str, keyed: bool = False) -> Loose:
        message = f"expressions cannot check this: {why}"
        self.notes.append(Note("warning", "T003", message, pointer, "declare one type"))
        return Loose(keyed)

    def resolved(self, schema: Mapping[str, Any], hops: int) -> Mapping[str, Any]:
        """The schema with local references followed and `allOf`, and one-of-or-null, folded in."""
        reference = schema.get("$ref")
        if isinstance(reference, str) and hops < MAX_DEPTH:
            target = _at(self.root, reference)
            if isinstance(target, Mapping):
                rest = {key: value for key, value in schema.items() if key != "$ref"}
                return self.resolved({**cast("Mapping[str, Any]", target), **rest}, hops + 1)
        for word in ("anyOf", "oneOf"):
            branches = [branch for branch in _mappings(schema.get(word)) if branch.get("type") != "null"]
            if len(branches) == 1 and hops < MAX_DEPTH:
                return self.resolved(
                    {**{k: v for k, v in schema.items() if k != word}, **branches[0]}, hops + 1
                )
        if (parts := [*_mappings(schema.get("allOf")), *_conditional(schema)]) and hops < MAX_DEPTH:
            folded = ("allOf", *_CONDITIONAL)
            merged: dict[str, Any] = {key: value for key, value in schema.items() if key not in folded}
            for part in parts:
                part = self.resolved(part, hops + 1)
                merged = {**part, **merged, "properties": {**_properties(part), **_properties(merged)}}
            return merged
        held = HELD.get(str(schema.get("format"))) if schema.get("type") == "object" else None
        return {"properties": held, **schema} if held else schema


def refusal(name: str) -> str:
    """Why a property may not be called so, as a hint; nothing when it may."""
    if name in RESERVED:
        return f"{name!r} is a reserved word; write {name.lower() + '_'!r}"
    if _IDENTIFIER.fullmatch(name) and len(name) <= 200:
        return ""
    clean = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:200]
    clean = f"_{clean}" if clean[:1].isdecimal() else clean
    return f"use letters, digits and '_': {clean!r}" if clean else "use letters, digits and '_'"


def kinds_of(schema: Mapping[str, Any]) -> set[str]:
    """The JSON types that a schema allows, as far as it says; null is left out."""
    said = schema.get("type")
    if isinstance(said, str):
        return {said} - {"null"}
    if isinstance(said, list):
        return {kind for kind in cast("list[Any]", said) if isinstance(kind, str)} - {"null"}
    if "const" in schema:
        return _kinds_of_values([schema["const"]])
    if isinstance(values := schema.get("enum"), list):
        return _kinds_of_values(cast("list[Any]", values))
    if "properties" in schema:
        return {"object"}
    if "items" in schema or "prefixItems" in schema:
        return {"array"}
    found: set[str] = set()
    for word in ("anyOf", "oneOf"):
        for branch in _mappings(schema.get(word)):
            kinds = kinds_of(branch)
            found |= kinds & set(WRAPPERS) if kinds else {"any"}
            found |= {"any"} if kinds - set(WRAPPERS) else set()
    return found


def missing_field(message: str, structures: Mapping[str, Structure], name: str) -> Wording:
    """The hint for a field that the message type lacks."""
    structure = structures.get(message)
    return did_you_mean(name, structure.fields) if structure else NO_WORDS


def _kinds_of_values(values: list[Any]) -> set[str]:
    names = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    return {names[type(value)] for value in values if type(value) in names}


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return cast("Mapping[str, Any]", properties) if isinstance(properties, Mapping) else {}


def _conditional(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What an object may have besides, under some condition: its properties are typed with the others."""
    found = [schema.get(word) for word in ("then", "else")]
    for word in ("dependentSchemas", "dependencies"):
        more = schema.get(word)
        found.extend(cast("Mapping[str, Any]", more).values() if isinstance(more, Mapping) else ())
    return _mappings(found)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        return []
    return [cast("Mapping[str, Any]", one) for one in cast("list[Any]", value) if isinstance(one, Mapping)]


def _at(root: Mapping[str, Any], reference: str) -> Any:
    found: Any = root if reference.startswith("#") else None
    for key in reference.removeprefix("#").split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        found = cast("Mapping[str, Any]", found).get(key) if isinstance(found, Mapping) else None
    return found


def _add_field(message: DescriptorProto, name: str, shape: Shape) -> None:
    repeated = isinstance(shape, Many)
    made = message.field.add(
        name=name,
        json_name=name,
        number=len(message.field) + 1,
        label=FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL,
    )
    inner = shape.item if isinstance(shape, Many) else shape
    if isinstance(inner, Scalar) and repeated:
        made.type = _PRIMITIVES[inner.kind]
        return
    made.type = FieldDescriptorProto.TYPE_MESSAGE
    made.type_name = "." + type_name(inner)


def type_name(shape: Shape) -> str:
    """The full protobuf name of a shape's message type."""
    match shape:
        case Scalar(kind):
            return WRAPPERS[kind]
        case Structure(message):
            return f"{PACKAGE}.{message}"
        case Loose(keyed):
            return "google.protobuf.Struct" if keyed else "google.protobuf.Value"
        case _:
            return "google.protobuf.ListValue"
