"""Simple expressions, read straight off the values: what most templates and conditions are.

`data.name`, `data.size == "l"`, `data.?n.orValue(0) + 1`, `has(contact.email) && !data.done` need no message,
no activation and no call into C++: a closure over the checked tree does in a microsecond what takes CEL fifty.
It covers only what is plain: scalar fields of declared objects, literals, and a few operators on values of one
type. Whatever else an expression holds makes `reader` give None; whatever else a value turns out to be (unset
where an operator wants one, of another kind, beyond 64 bits) raises `Elsewhere`, and CEL decides. So every
failure is CEL's own, and the tests hold both against each other.

Nothing is left out by a short circuit: all operands are read, so a value that does not fit is never passed over.
"""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from flows.cel_ast import Expr
from flows.types import Scalar, Shape, Structure

Given = Mapping[str, Any]
Reader = Callable[[Given], Any]

_WHOLE: Final = 1 << 63
_EXACT: Final = 1 << 53


class Elsewhere(Exception):
    """This value is not for here: CEL shall say what comes of it."""


def reader(node: Expr, shapes: Mapping[str, Shape]) -> Reader | None:
    """What gives the value of a checked expression for the values of its variables; None when CEL must."""
    match node.WhichOneof("kind"):
        case "const":
            return _constant(node.const)
        case "select":
            inner = _path(node, shapes)
            return _present(inner) if inner is not None and node.select.test_only else inner
        case "call":
            return _call(node.call, shapes)
        case _:
            return None


def _constant(const: Any) -> Reader | None:
    kind = const.WhichOneof("kind")
    if kind not in ("null", "bool", "int", "double", "string"):
        return None
    value = None if kind == "null" else getattr(const, kind)
    if isinstance(value, str) and "\0" in value:
        return None
    return lambda given: value


def _present(inner: Reader) -> Reader:
    return lambda given: inner(given) is not None


# Fields.


def _path(node: Expr, shapes: Mapping[str, Shape]) -> Reader | None:
    """The reader of a chain of selects that ends at a scalar field of declared objects."""
    names: list[str] = []
    while node.WhichOneof("kind") == "select":
        names.insert(0, node.select.field)
        node = node.select.operand
    if node.WhichOneof("kind") != "ident":
        return None
    return _field(node.ident.name.removeprefix("."), names, shapes)


def _field(variable: str, names: list[str], shapes: Mapping[str, Shape]) -> Reader | None:
    shape = shapes.get(variable)
    for name in names:
        if not isinstance(shape, Structure):
            return None
        shape = shape.fields.get(name)
    if not isinstance(shape, Scalar):
        return None
    fitting = _FITTING[shape.kind]
    *between, last = names or [""]
    if not last:
        return None

    def read(given: Given) -> Any:
        owner: Any = given.get(variable)
        for name in between:
            if type(owner) is not dict:
                break
            owner = cast("dict[str, Any]", owner).get(name)
        if type(owner) is dict:
            item = cast("dict[str, Any]", owner).get(last)
            return None if item is None else fitting(item)
        if owner is None:
            return None
        raise Elsewhere

    return read


def _text(item: Any) -> str:
    if type(item) is str and "\0" not in item:
        if item.isascii():
            return item
        try:
            item.encode()
        except UnicodeEncodeError:
            raise Elsewhere from None
        return item
    raise Elsewhere


def _whole(item: Any) -> int:
    if type(item) is int and -_WHOLE <= item < _WHOLE:
        return item
    raise Elsewhere


def _number(item: Any) -> float:
    if type(item) is float and math.isfinite(item):
        return item
    if type(item) is int and abs(item) < _EXACT:
        return float(item)
    raise Elsewhere


def _truth(item: Any) -> bool:
    if type(item) is bool:
        return item
    raise Elsewhere


_FITTING: Final[dict[str, Callable[[Any], Any]]] = {
    "string": _text,
    "integer": _whole,
    "number": _number,
    "boolean": _truth,
}


# Operators.


def _call(call: Any, shapes: Mapping[str, Shape]) -> Reader | None:
    if call.function == "orValue":
        return _or_value(call, shapes)
    if call.function == "@in":
        return _in(call, shapes)
    made = _OPERATORS.get(call.function)
    given = [call.target, *call.args] if call.HasField("target") else [*call.args]
    parts = [reader(one, shapes) for one in given] if made is not None else [None]
    readers = [one for one in parts if one is not None]
    return made(*readers) if made is not None and len(readers) == len(parts) else None


def _or_value(call: Any, shapes: Mapping[str, Shape]) -> Reader | None:
    """`data.?n.orValue(0)`."""
    optional = call.target.call
    if optional.function != "_?._" or call.args[0].WhichOneof("kind") != "const":
        return None
    owner, key = optional.args
    if owner.WhichOneof("kind") != "ident" or key.const.WhichOneof("kind") != "string":
        return None
    inner = _field(owner.ident.name.removeprefix("."), [key.const.string], shapes)
    otherwise = _constant(call.args[0].const)
    if inner is None or otherwise is None:
        return None

    def read(given: Given) -> Any:
        value = inner(given)
        return otherwise(given) if value is None else value

    return read


def _in(call: Any, shapes: Mapping[str, Shape]) -> Reader | None:
    """`data.size in ["s", "m"]`, with texts only."""
    inner = reader(call.args[0], shapes)
    elements = call.args[1].list.elements
    if inner is None or not elements or any(one.const.WhichOneof("kind") != "string" for one in elements):
        return None
    texts = frozenset([one.const.string for one in elements])
    if any("\0" in text for text in texts):
        return None

    def read(given: Given) -> bool:
        value = inner(given)
        if type(value) is not str:
            raise Elsewhere
        return value in texts

    return read


def _equal(wanted: bool) -> Callable[[Reader, Reader], Reader]:
    def make(left: Reader, right: Reader) -> Reader:
        def read(given: Given) -> bool:
            one, other = left(given), right(given)
            if type(one) is type(other) or one is None or other is None:
                return (one == other) is wanted
            raise Elsewhere

        return read

    return make


def _same_kind(
    operation: Callable[[Any, Any], Any], kinds: tuple[type, ...]
) -> Callable[[Reader, Reader], Reader]:
    """An operator on two values of one of these kinds, whose outcome is within bounds."""

    def make(left: Reader, right: Reader) -> Reader:
        def read(given: Given) -> Any:
            one, other = left(given), right(given)
            if type(one) is not type(other) or type(one) not in kinds:
                raise Elsewhere
            made = operation(one, other)
            return _whole(made) if type(made) is int else _number(made) if type(made) is float else made

        return read

    return make


def _not(inner: Reader) -> Reader:
    return lambda given: not _truth(inner(given))


def _choose(condition: Reader, yes: Reader, no: Reader) -> Reader:
    def read(given: Given) -> Any:
        first, second = yes(given), no(given)
        return first if _truth(condition(given)) else second

    return read


_ORDERED: Final = (str, int, float)
_OPERATORS: Final[dict[str, Callable[..., Reader]]] = {
    "_==_": _equal(True),
    "_!=_": _equal(False),
    "_<_": _same_kind(operator.lt, _ORDERED),
    "_<=_": _same_kind(operator.le, _ORDERED),
    "_>_": _same_kind(operator.gt, _ORDERED),
    "_>=_": _same_kind(operator.ge, _ORDERED),
    "_+_": _same_kind(operator.add, _ORDERED),
    "_-_": _same_kind(operator.sub, (int, float)),
    "_&&_": _same_kind(bool.__and__, (bool,)),
    "_||_": _same_kind(bool.__or__, (bool,)),
    "!_": _not,
    "_?_:_": _choose,
    "contains": _same_kind(operator.contains, (str,)),
    "startsWith": _same_kind(str.startswith, (str,)),
    "endsWith": _same_kind(str.endswith, (str,)),
}
