"""Simple expressions without the interpreter: what most templates and branches say, as Python closures.

`data.name`, `has(data.size)`, `data.size == "l" && contact.language != "it"`, `data.?seats.orValue(0) > 9`:
fields of declared types, literals, comparisons, `&&`, `||`, `!`, `? :`, `in` a list of literals. All else is
left to CEL, and so is what these mean: a field that is read is first checked against its declared type,
needed or not; one that is unset is null; null has no order and no truth; `false && error` is false.

Source: cel-spec, doc/langdef.md, "Logical operators", "Field selection", "Equality", "Ordering".
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from flows import cel_ast
from flows.types import Kind, Scalar, Shape, Structure
from flows.values import Unfit, scalar

Reader = Callable[[Mapping[str, Any]], Any]
Node = Callable[[list[Any]], Any]

FAILED: Final = object()
"""What stands for CEL's error, "no such overload": of all errors the only one that these expressions have."""

_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
}
_EQUALITY: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"_==_": operator.eq, "_!=_": operator.ne}
_CONSTANTS: Final[Mapping[str, Kind]] = {
    "string": "string",
    "int": "integer",
    "double": "number",
    "bool": "boolean",
}


def direct(tree: cel_ast.Tree, shapes: Mapping[str, Shape]) -> Reader | None:
    """A function from the variables' JSON values to the expression's value or `FAILED`; None if CEL is needed.

    It raises `Unfit` where a field that is read does not have its declared type.
    """
    fields: dict[str, tuple[tuple[str, tuple[int, ...]], Reader, Kind]] = {}
    for path in cel_ast.paths(tree):
        name, *inner = path.split(".")
        shape, place = shapes.get(name), list[int]()
        for part in inner:
            if not isinstance(shape, Structure) or part not in shape.fields:
                return None
            place.append(list(shape.fields).index(part))
            shape = shape.fields[part]
        if not inner or not isinstance(shape, Scalar):
            return None
        fields[path] = ((name, tuple(place)), _reader(name, tuple(inner), shape.kind), shape.kind)
    order = sorted(fields, key=lambda path: fields[path][0])  # the one in which `Values` converts them
    found = _Making({path: (place, fields[path][2]) for place, path in enumerate(order)}).node(tree.root)
    if found is None:
        return None
    node, reads = found[0], [fields[path][1] for path in order]
    if cel_ast.path_of(tree.root, cel_ast.NOTHING_BOUND, optional=False) and not tree.root.select.test_only:
        return reads[0]
    return lambda given: node([read(given) for read in reads])


class _Making:
    """One tree being made into closures. `fields` are those that it reads, with their places and kinds."""

    def __init__(self, fields: Mapping[str, tuple[int, Kind]]) -> None:
        self.fields = fields

    def node(self, expr: cel_ast.Expr) -> tuple[Node, str] | None:
        """The closure of a node and the kind of its value ("null" for the literal); None if CEL is needed."""
        match expr.WhichOneof("kind"):
            case "const":
                return _constant(expr.const)
            case "select":
                field = self.fields.get(cel_ast.path_of(expr, cel_ast.NOTHING_BOUND, optional=False) or "")
                if field is None:
                    return None
                place, kind = field
                if not expr.select.test_only:
                    return operator.itemgetter(place), kind
                return (lambda held: held[place] is not None), "boolean"
            case "call":
                return self._call(expr.call)
            case _:
                return None

    def _call(self, call: Any) -> tuple[Node, str] | None:
        name: str = call.function
        if name == "@in":
            return self._in(*call.args)
        if name in ("orValue", "hasValue"):
            return self._optional(call)
        found = [self.node(one) for one in call.args]
        if None in found or call.HasField("target"):
            return None
        nodes = [one[0] for one in found if one]
        kinds = [one[1] for one in found if one]
        if name in _ORDER and len(set(kinds)) == 1:
            return _ordered(_ORDER[name], *nodes), "boolean"
        if name in _EQUALITY and len({*kinds} - {"null"}) <= 1:
            return _compared(_EQUALITY[name], *nodes), "boolean"
        if name in ("_&&_", "_||_"):
            return _joined(name == "_||_", *nodes), "boolean"
        if name == "!_":
            return _negated(*nodes), "boolean"
        if name == "_?_:_" and kinds[1] == kinds[2]:
            return _chosen(*nodes), kinds[1]
        return None

    def _in(self, wanted: cel_ast.Expr, listed: cel_ast.Expr) -> tuple[Node, str] | None:
        field = self.node(wanted)
        if field is None or listed.WhichOneof("kind") != "list":
            return None
        items = [one.const for one in listed.list.elements if one.WhichOneof("kind") == "const"]
        if len(items) < len(listed.list.elements) or any(
            _CONSTANTS.get(item.WhichOneof("kind")) != field[1] for item in items
        ):
            return None
        node, values = field[0], frozenset(getattr(item, item.WhichOneof("kind")) for item in items)

        def found(held: list[Any]) -> Any:
            value = node(held)
            return value if value is FAILED else value in values

        return found, "boolean"

    def _optional(self, call: Any) -> tuple[Node, str] | None:
        if call.target.WhichOneof("kind") != "call" or call.target.call.function != "_?._":
            return None
        field = self.fields.get(cel_ast.path_of(call.target, cel_ast.NOTHING_BOUND) or "")
        if field is None:
            return None
        place, kind = field
        if call.function == "hasValue":
            return (lambda held: held[place] is not None), "boolean"
        constant = _constant(call.args[0].const) if call.args[0].WhichOneof("kind") == "const" else None
        if constant is None or constant[1] != kind:
            return None
        default = constant[0]([])
        return (lambda held: default if held[place] is None else held[place]), kind


def _reader(name: str, inner: tuple[str, ...], kind: Kind) -> Reader:
    """The field as `flows.values.fill` would set it, None if it is unset."""
    *outer, last = inner
    owners = ".".join((name, *outer))
    if not outer:

        def near(given: Mapping[str, Any]) -> Any:
            owner = given.get(name)
            if owner is None:
                return None
            if not isinstance(owner, Mapping):
                raise Unfit(f"{name} is not an object")
            item = cast("Mapping[str, Any]", owner).get(last)
            return None if item is None else scalar(kind, item, owners, last)

        return near

    def far(given: Mapping[str, Any]) -> Any:
        item: Any = given.get(name)
        at = name
        for part in inner:
            if item is None:
                return None
            if not isinstance(item, Mapping):
                raise Unfit(f"{at} is not an object")
            item, at = cast("Mapping[str, Any]", item).get(part), f"{at}.{part}"
        return None if item is None else scalar(kind, item, owners, last)

    return far


def _constant(const: Any) -> tuple[Node, str] | None:
    kind = const.WhichOneof("kind")
    if kind == "null":
        return (lambda held: None), "null"
    if kind not in _CONSTANTS:
        return None
    value = getattr(const, kind)
    return (lambda held: value), _CONSTANTS[kind]


def _ordered(holds: Callable[[Any, Any], bool], left: Node, right: Node) -> Node:
    def ordered(held: list[Any]) -> Any:
        one, other = left(held), right(held)
        if one is None or other is None or one is FAILED or other is FAILED:
            return FAILED
        return holds(one, other)

    return ordered


def _compared(holds: Callable[[Any, Any], bool], left: Node, right: Node) -> Node:
    def compared(held: list[Any]) -> Any:
        one, other = left(held), right(held)
        return FAILED if one is FAILED or other is FAILED else holds(one, other)

    return compared


def _joined(decides: bool, left: Node, right: Node) -> Node:
    """`||` if True decides, `&&` if False does: either side may, whatever the other is."""

    def joined(held: list[Any]) -> Any:
        one = left(held)
        if one is decides:
            return decides
        other = right(held)
        if other is decides:
            return decides
        return (not decides) if isinstance(one, bool) and isinstance(other, bool) else FAILED

    return joined


def _negated(inner: Node) -> Node:
    def negated(held: list[Any]) -> Any:
        value = inner(held)
        return not value if isinstance(value, bool) else FAILED

    return negated


def _chosen(test: Node, then: Node, other: Node) -> Node:
    def chosen(held: list[Any]) -> Any:
        holds = test(held)
        if not isinstance(holds, bool):
            return FAILED
        return then(held) if holds else other(held)

    return chosen
