"""The values of one turn, given to expressions: each variable is converted at most once, and only when read.

Plain JSON goes in. A variable with a schema becomes the message that the schema declares, holding just the
fields that an expression reads; one without stays a Python value. What does not fit its schema therefore fails
those expressions that read it, and no others. Expressions that read the same share one activation, so a message
crosses into C++ once; those with macros get one of their own, because what a loop allocates is only freed with
the activation that it ran in.
"""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from flows.types import Loose, Many, Scalar, Shape, Structure
from schemas.problems import Refused

if TYPE_CHECKING:
    from flows.cel import Compiled

MAX_DEPTH: Final = 64
_RENEW_AFTER: Final = 256

Paths = Mapping[str, Any]
"""The fields that are read of an object, and in the same way what is read of them; nothing: all of it."""

EVERYTHING: Final[Paths] = {}


class EvaluationFailed(Refused):
    """An expression has no value: something in it is unset, of another kind, or out of range.

    `why` never quotes what a contact wrote.
    """

    code: ClassVar[str] = "evaluation_failed"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "An expression has no value"
    sentence: ClassVar[str] = "{expression!r} has no value: {why}."

    def __init__(self, expression: str, why: str, missing: bool = False) -> None:
        super().__init__(expression=expression, why=why)
        self.missing = missing


class Unfit(Exception):
    """A value does not fit its schema; the message names the path, never the value."""


class Values:
    """What variables hold during one turn. Do not change `given` afterwards."""

    __slots__ = ("_activations", "given")

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self._activations: dict[Any, tuple[Any, dict[str, Any], int]] = {}

    def activation(self, compiled: "Compiled") -> Any:
        """An activation that holds what `compiled` reads."""
        made, ready, used = self._activations.get(compiled.seen) or (None, {}, 0)
        if not used:
            for name, only in compiled.reads:
                ready[name] = compiled.scope.convert(name, self.given.get(name), only)
        if compiled.loops or not used or used >= _RENEW_AFTER:
            made, used = compiled.scope.env.Activation(ready), 0
        self._activations[compiled.seen] = made, ready, used + 1
        return made


def fill(message: Any, shape: Structure, value: Any, path: str, only: Paths = EVERYTHING) -> None:
    """Set the declared fields of `message` from a JSON object; unknown keys and nulls are passed over."""
    if not isinstance(value, Mapping):
        raise Unfit(f"{path} is not an object")
    given = cast("Mapping[str, Any]", value)
    for name in only or shape.fields:
        inner, item = shape.fields.get(name), given.get(name)
        if item is None or inner is None:
            continue
        match inner:
            case Scalar(kind):
                getattr(message, name).value = scalar(kind, item, path, name)
            case Structure():
                part = getattr(message, name)
                part.SetInParent()
                fill(part, inner, item, f"{path}.{name}", only.get(name, EVERYTHING))
            case Many(each):
                _fill_many(getattr(message, name), each, item, f"{path}.{name}")
            case _:
                part = getattr(message, name)
                if inner.keyed:
                    part.SetInParent()
                    _fill_struct(part, item, f"{path}.{name}", 0)
                else:
                    _fill_loose(part, item, f"{path}.{name}", 0)


def scalar(kind: str, item: Any, path: str, name: str = "") -> Any:
    """The item as the kind wants it: a whole double passes for an integer, and the other way round."""
    at = f"{path}.{name}" if name else path
    match item:
        case bool():
            if kind == "boolean":
                return item
        case str():
            if kind == "string":
                return item if item.isascii() else _unicode(item, at)
        case int():
            if kind == "integer":
                if -(1 << 63) <= item < 1 << 63:
                    return item
                raise Unfit(f"{at} is beyond 64 bits")
            if kind == "number":
                return _double(item, at)
        case float():
            if kind == "number":
                return item
            if kind == "integer" and item.is_integer() and abs(item) < 1 << 63:
                return int(item)
        case _:
            pass
    raise Unfit(f"{at} is not of type {kind}")


def loose(item: Any, path: str, depth: int = 0) -> Any:
    """A copy of a JSON value that is safe to hand to CEL as it is."""
    match item:
        case None | bool() | float():
            return item
        case dt.datetime():
            return item.isoformat().replace("+00:00", "Z")
        case int():
            return scalar("integer", item, path)
        case str():
            # the binding ends a Python string at NUL
            text = item if item.isascii() else _unicode(item, path)
            return text.replace("\0", "\ufffd")
        case list() | tuple() if depth < MAX_DEPTH:
            return [loose(one, path, depth + 1) for one in cast("list[Any]", item)]
        case Mapping() if depth < MAX_DEPTH:
            given = cast("Mapping[str, Any]", item)
            return {loose(str(key), path): loose(one, path, depth + 1) for key, one in given.items()}
        case _:
            raise Unfit(f"{path} holds something that is not JSON, or is nested too deeply")


def _fill_many(many: Any, each: Shape, items: Any, path: str) -> None:
    if not isinstance(items, list | tuple):
        raise Unfit(f"{path} is not a list")
    for item in cast("list[Any]", items):
        match each:
            case Scalar(kind):
                many.append(scalar(kind, item, path))
            case Structure():
                fill(many.add(), each, item, path)
            case Loose(keyed=True):
                _fill_struct(many.add(), item, path, 0)
            case _:
                _fill_loose(many.add(), item, path, 0)


def _fill_loose(value: Any, item: Any, path: str, depth: int) -> None:
    match item:
        case None:
            value.null_value = 0
        case bool():
            value.bool_value = item
        case int() | float():
            value.number_value = _double(item, path)
        case str():
            value.string_value = item if item.isascii() else _unicode(item, path)
        case list() | tuple() if depth < MAX_DEPTH:
            value.list_value.SetInParent()
            for one in cast("list[Any]", item):
                _fill_loose(value.list_value.values.add(), one, path, depth + 1)
        case Mapping() if depth < MAX_DEPTH:
            value.struct_value.SetInParent()
            _fill_struct(value.struct_value, cast("Mapping[str, Any]", item), path, depth)
        case _:
            raise Unfit(f"{path} holds something that is not JSON, or is nested too deeply")


def _fill_struct(struct: Any, item: Any, path: str, depth: int) -> None:
    if not isinstance(item, Mapping):
        raise Unfit(f"{path} is not an object")
    for key, one in cast("Mapping[str, Any]", item).items():
        _fill_loose(struct.fields[_unicode(str(key), path)], one, path, depth + 1)


def _double(item: float, path: str) -> float:
    try:
        return float(item)
    except OverflowError:
        raise Unfit(f"{path} is too large a number") from None


def _unicode(text: str, path: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unfit(f"{path} holds half a surrogate pair") from None
    return text
