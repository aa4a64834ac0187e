"""How long texts get, in UTF-16 units, with the longest values that their expressions can insert.

What a value can be at most follows from its schema: `maxLength`, `enum`, a format, bounds of a number. One that has
no bound counts for as much as such values usually take, and is not `sure`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from flows import cel_ast, formats
from flows.cel import Compiled
from flows.direction import MARKS, right_to_left
from flows.template import Template, text_of
from flows.texts import sources
from schemas.capabilities import utf16_length
from schemas.flow import TextDocument

_TEXT: Final = 80  # a text with no bound
_INTEGER: Final = 20  # the longest 64-bit integer
_NUMBER: Final = 24
_MOMENT: Final = 35
_FORMATS: Final = {
    "date": 10,
    "date-time": _MOMENT,
    "time": 20,
    "email": 254,
    "uuid": 36,
    "ipv4": 15,
    "ipv6": 45,
}
_KEEPS: Final = (
    "mask",
    "firstName",
    "titleCase",
    "lower",
    "upper",
    "trim",
    "lowerAscii",
    "upperAscii",
    "string",
    "dyn",
)
_BY_TYPE: Final = {1: len("false"), 2: _INTEGER, 3: _INTEGER, 4: _NUMBER}  # PrimitiveType of checked.proto


@dataclass(frozen=True, slots=True)
class Longest:
    """How long a value gets; `sure` when it cannot get longer."""

    units: int
    sure: bool = True

    def __add__(self, other: "Longest") -> "Longest":
        return Longest(self.units + other.units, self.sure and other.sure)

    def __or__(self, other: "Longest") -> "Longest":
        return Longest(max(self.units, other.units), self.sure and other.sure)


UNBOUNDED: Final = Longest(_TEXT, sure=False)


@dataclass(frozen=True, slots=True)
class Length:
    """How long a text gets: with nothing inserted, with what is bounded at its longest, and with all at its longest."""

    least: int
    bounded: int
    most: int


@dataclass(frozen=True, slots=True)
class Values:
    """What is known of the values that expressions insert: JSON Schemas by variable, and the snippets."""

    schemas: Mapping[str, Mapping[str, Any]]
    texts: Mapping[str, TextDocument]
    snippets: Mapping[str, Template]
    """Those of `texts` that insert something, by what is written there."""

    def length(self, template: Template, language: str = "") -> Length:
        """How long a template gets; in a language from right to left, with the marks around what it inserts."""
        fixed = sum(utf16_length(chunk) for chunk in template.chunks if isinstance(chunk, str))
        if right_to_left(language) and len(template.chunks) > 1:
            fixed += MARKS * len(template.expressions)
        inserted = [self.longest(one) for one in template.expressions]
        bounded = sum(one.units for one in inserted if one.sure)
        return Length(fixed, fixed + bounded, fixed + sum(one.units for one in inserted))

    def longest(self, expression: Compiled) -> Longest:
        """How long an expression's value gets when it is inserted."""
        return self._of(expression.tree, expression.tree.root)

    def _of(self, tree: cel_ast.Tree, node: Any) -> Longest:
        kind = node.WhichOneof("kind")
        if kind == "const":
            return Longest(utf16_length(text_of(_constant(node.const))))
        path = cel_ast.path_of(node, cel_ast.NOTHING_BOUND)
        if path is not None and (kind != "select" or not node.select.test_only):
            return self._at(path)
        if kind == "call":
            return self._called(tree, node)
        return _by_type(tree, node)

    def _called(self, tree: cel_ast.Tree, node: Any) -> Longest:
        call = node.call
        name, own = call.function, formats.FUNCTIONS.get(call.function)
        given = [call.target, *call.args] if call.HasField("target") else [*call.args]
        if name == "_?_:_":
            return self._of(tree, given[1]) | self._of(tree, given[2])
        if name == "orValue":
            return self._of(tree, given[0]) | self._of(tree, given[1])
        if name == "_+_" and _primitive(tree, node) not in _BY_TYPE:
            return self._of(tree, given[0]) + self._of(tree, given[1])
        if own is not None and own.longest is not None:
            return Longest(own.longest)
        if name == "plural":
            entries = given[1].struct.entries
            forms = [
                Longest(utf16_length(one.value.const.string)) + _counted(one.value.const.string)
                for one in entries
            ]
            return Longest(max((one.units for one in forms), default=_TEXT), bool(forms))
        return self._of(tree, given[0]) if name in _KEEPS else _by_type(tree, node)

    def _snippet(self, text: str, language: str) -> Longest:
        template = self.snippets.get(text)
        if template is None:
            return Longest(utf16_length(text))
        length = self.length(template, language)
        return Longest(length.most, sure=length.most == length.bounded)

    def _at(self, path: str) -> Longest:
        variable, *names = path.split(".")
        if variable == "texts" and len(names) == 1 and names[0] in self.texts:
            return max(
                (self._snippet(text, language) for _, language, text in sources(self.texts[names[0]])),
                key=lambda one: one.units,
            )
        if variable == "now":
            return Longest(_MOMENT)
        schema: Mapping[str, Any] = self.schemas.get(variable, {})
        for name in names:
            inside: Any = schema.get("properties")
            found: Any = cast("dict[str, Any]", inside).get(name) if isinstance(inside, Mapping) else None
            if not isinstance(found, Mapping):
                return UNBOUNDED
            schema = cast("Mapping[str, Any]", found)
        return longest_value(schema)


def longest_value(schema: Mapping[str, Any]) -> Longest:
    """How long the longest value of a schema is when it is inserted in a text."""
    fixed = _listed(schema)
    if fixed:
        return Longest(max(utf16_length(text_of(value)) for value in fixed))
    match schema.get("type"):
        case "boolean":
            return Longest(len("false"))
        case "integer":
            bounds = [len(str(schema[key])) for key in ("minimum", "maximum") if key in schema]
            return Longest(max(bounds)) if len(bounds) == 2 else Longest(_INTEGER, sure=False)
        case "number":
            return Longest(_NUMBER, sure=False)
        case "string":
            bound: Any = schema.get("maxLength", _FORMATS.get(str(schema.get("format"))))
            return Longest(bound) if isinstance(bound, int) else UNBOUNDED
        case _:
            return UNBOUNDED


def _listed(schema: Mapping[str, Any]) -> list[Any]:
    """All that a value can be, where the schema names them."""
    if "const" in schema:
        return [schema["const"]]
    values: Any = schema.get("enum")
    titled: Any = schema.get("oneOf")
    if isinstance(titled, list):
        options = [cast("dict[str, Any]", one) for one in cast("list[Any]", titled) if isinstance(one, dict)]
        return [one["const"] for one in options] if options and all("const" in one for one in options) else []
    return cast("list[Any]", values) if isinstance(values, list) else []


def _counted(form: str) -> Longest:
    return Longest(_INTEGER * form.count("#"))


def _constant(const: Any) -> Any:
    kind = const.WhichOneof("kind")
    return None if kind == "null" else getattr(const, kind)


def _primitive(tree: cel_ast.Tree, node: Any) -> int:
    """The number of the primitive type that a node has, of a wrapper too; 0 for any other."""
    kind = tree.types.get(node.id)
    return int(kind.primitive or kind.wrapper) if kind is not None else 0


def _by_type(tree: cel_ast.Tree, node: Any) -> Longest:
    units = _BY_TYPE.get(_primitive(tree, node))
    return UNBOUNDED if units is None else Longest(units, sure=units == _BY_TYPE[1])
