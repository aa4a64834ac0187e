"""What can be written next in an expression: variables, their fields with types, functions."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from flows.cel import Scope
from flows.formats import FUNCTIONS
from flows.types import Many, Scalar, Shape, Structure

Kind = Literal["action", "field", "flow", "function", "key", "outcome", "step", "value", "variable"]

_PATH: Final = re.compile(r"([A-Za-z_]\w*(?:\.\??\w+)*\.\??)?(\w*)$")
_SECRET: Final = re.compile(r"secret\(\s*[\"']([\w-]*)$")
_CALLED: Final = re.compile(r"[)\]\"']\.(\w*)$")
_OF_TEXT: Final = (
    *("contains", "endsWith", "indexOf", "lowerAscii", "matches", "replace", "size", "split", "startsWith"),
    *("substring", "trim", "upperAscii"),
)  # fmt: skip
_OF_LIST: Final = ("all", "exists", "exists_one", "filter", "join", "map", "size")
_OF_TIME: Final = ("getDate", "getDayOfWeek", "getFullYear", "getHours", "getMinutes", "getMonth")
_GLOBAL: Final = ("bool", "double", "duration", "has", "int", "size", "string", "timestamp")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be written: `insert` is what is put in, `detail` its type or how it is called."""

    label: str
    kind: Kind
    detail: str = ""
    says: str = ""
    insert: str = ""


def names(before: str, scope: Scope, secrets: Iterable[str] | None) -> tuple[str, list[Item]]:
    """The part that is being written of an expression which reads `before` so far, and what it can become."""
    if found := _SECRET.search(before):
        return found[1], [Item(name, "value", "secret") for name in sorted(secrets or ())]
    if found := _CALLED.search(before):
        return found[1], [*_methods(_OF_TEXT), *_methods(_OF_LIST), *_own(member=True)]
    found = _PATH.search(before)
    owner, part = (found[1] or "", found[2]) if found else ("", "")
    if not owner:
        return part, [*_variables(scope), *_own(member=False), *_methods(_GLOBAL)]
    head, *path = owner.replace("?", "").rstrip(".").split(".")
    if head == "now" and not path:
        return part, _methods(_OF_TIME)
    shape: Shape | None = scope.shapes.get(head)
    for name in path:
        shape = shape.fields.get(name) if isinstance(shape, Structure) else None
    return part, list(_below(shape))


def type_of(shape: Shape) -> str:
    """The type of a shape in an author's words."""
    match shape:
        case Scalar(kind):
            return kind
        case Structure():
            return "object"
        case Many(item):
            return f"list of {type_of(item)}"
        case _:
            return "any"


def _below(shape: Shape | None) -> Iterator[Item]:
    match shape:
        case Structure():
            for name, inner in shape.fields.items():
                yield Item(name, "field", type_of(inner))
        case Scalar("string"):
            yield from _own(member=True)
            yield from _methods(_OF_TEXT)
        case Many():
            yield from _methods(_OF_LIST)
        case _:
            return


def _variables(scope: Scope) -> list[Item]:
    known = [Item(name, "variable", type_of(shape)) for name, shape in scope.shapes.items()]
    return [*known, Item("now", "variable", "timestamp")]


def _own(member: bool) -> list[Item]:
    return [
        Item(one.name, "function", one.signature, one.says, f"{one.name}(")
        for one in FUNCTIONS.values()
        if one.member is member
    ]


def _methods(given: Iterable[str]) -> list[Item]:
    return [Item(name, "function", f"{name}(…)", insert=f"{name}(") for name in given]
