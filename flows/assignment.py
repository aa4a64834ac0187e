"""Definite assignment inside an expression: fields that may be unset where a value is needed.

An unset field reads as null. `==`, `!=`, `in` a list, `has()` and `.?` take null; every other operator and
function gives an error at run time, which is reported here instead. What holds is carried along:

- `has(x) && …`, `x != null && …`, `x == "a" && …`, `data.?x.hasValue() && …` assure x to the other side, on
  either side, because `false && error` is false;
- `!has(x) || …` assures it likewise; `has(x) ? a : b` assures it in `a`, and `!has(x) ? a : b` in `b`.

A test that can itself fail, as `x > 3`, assures nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from flows import cel_ast
from flows.cel import Compiled

_TAKES_NULL: Final = frozenset(
    ("_==_", "_!=_", "dyn", "type", "_?._", "optional.of", "optional.ofNonZeroValue")
)
_PASSES: Final = frozenset(("orValue", "or", "@not_strictly_false"))
_SIGNS: Final = {"_?_:_": "? :", "_[_]": "[ ]", "!_": "!", "-_": "-", "@in": "in"}

Facts = frozenset[str]


@dataclass(frozen=True, slots=True)
class Use:
    """A path that may be unset, where it is used, and with what."""

    path: str
    line: int
    column: int
    why: str


def unguarded_uses(compiled: Compiled, optional: Collection[str]) -> list[Use]:
    """The uses of `optional` paths in `compiled` that fail when the path is unset."""
    walk = _Walk(compiled, frozenset(optional))
    walk.visit(compiled.tree.root, cel_ast.NOTHING_BOUND, frozenset(), "")
    return sorted(walk.uses, key=lambda use: (use.line, use.column))


def assured(compiled: Compiled, holds: bool) -> Facts:
    """The paths that are surely set when `compiled` is true (or, without `holds`, false)."""
    return _Walk(compiled, frozenset()).facts(compiled.tree.root, cel_ast.NOTHING_BOUND, holds)


class _Walk:
    def __init__(self, compiled: Compiled, optional: Facts) -> None:
        self.compiled, self.tree, self.optional = compiled, compiled.tree, optional
        self.uses: list[Use] = []

    def visit(self, node: cel_ast.Expr, bound: Facts, sure: Facts, why: str) -> None:
        """Look at `node`, where the paths of `sure` are set; `why` names what would fail on null, if anything."""
        path = cel_ast.path_of(node, bound, optional=False)
        if path is not None:
            self._path(node, path, sure, why)
            return
        match node.WhichOneof("kind"):
            case "call":
                self._call(node, bound, sure, why)
            case "comprehension":
                loop = node.comprehension
                self.visit(loop.iter_range, bound, sure, "a loop")
                for child, inner in list(cel_ast.children(node, bound))[1:]:
                    self.visit(child, inner, sure, "")
            case "struct":
                for entry in node.struct.entries:
                    self.visit(entry.map_key, bound, sure, "a key")
                    self.visit(entry.value, bound, sure, "")
            case _:
                for child, inner in cel_ast.children(node, bound):
                    self.visit(child, inner, sure, "")

    def _path(self, node: cel_ast.Expr, path: str, sure: Facts, why: str) -> None:
        if node.WhichOneof("kind") != "select":
            return
        select = node.select
        operand = select.operand
        owner = path.rpartition(".")[0]
        if self.tree.type(operand) == "dyn" or (self.tree.type(operand) == "map" and not select.test_only):
            self._path(operand, owner, sure, "has()" if select.test_only else f".{select.field}")
        fails = ("wrapper", "dyn", "map") if why.startswith(".") else ("wrapper", "dyn")
        if why and not select.test_only and self.tree.type(node) in fails:
            unset = next((part for part in _prefixes(path) if part in self.optional), None)
            if unset is not None and path not in sure and unset not in sure:
                place = self.compiled.where(self.tree.offset(node))
                self.uses.append(Use(unset, place.line, place.column, why))

    def _call(self, node: cel_ast.Expr, bound: Facts, sure: Facts, why: str) -> None:
        call = node.call
        name: str = call.function
        match name:
            case "_&&_" | "_||_":
                left, right = call.args
                holds = name == "_&&_"
                self.visit(left, bound, sure | self.facts(right, bound, holds), name.strip("_"))
                self.visit(right, bound, sure | self.facts(left, bound, holds), name.strip("_"))
            case "_?_:_":
                test, then, other = call.args
                self.visit(test, bound, sure, "? :")
                self.visit(then, bound, sure | self.facts(test, bound, True), why)
                self.visit(other, bound, sure | self.facts(test, bound, False), why)
            case "@in":
                self.visit(call.args[0], bound, sure, "")
                self.visit(call.args[1], bound, sure, "in")
            case _:
                sign = _SIGNS.get(name) or (name.strip("_") if name.startswith("_") else f"{name}()")
                inner = "" if name in _TAKES_NULL else why if name in _PASSES else sign
                for child, names in cel_ast.children(node, bound):
                    self.visit(child, names, sure, inner)

    def facts(self, node: cel_ast.Expr, bound: Facts, holds: bool) -> Facts:
        """The paths that are surely set when `node` is true (or false), from tests that cannot fail."""
        kind = node.WhichOneof("kind")
        if kind == "select" and node.select.test_only:
            path = cel_ast.path_of(node, bound)
            return self._assured(node, path) if path and holds else frozenset()
        if kind != "call":
            return frozenset()
        call = node.call
        match call.function:
            case "!_":
                return self.facts(call.args[0], bound, not holds)
            case "_&&_" | "_||_":
                left, right = (self.facts(one, bound, holds) for one in call.args)
                return left | right if (call.function == "_&&_") is holds else left & right
            case "_==_" | "_!=_":
                return self._compared(call.args, bound, (call.function == "_==_") is holds)
            case "hasValue" if holds:
                path = cel_ast.path_of(call.target, bound)
                return _upward(path) if path else frozenset()
            case _:
                return frozenset()

    def _compared(self, sides: list[cel_ast.Expr], bound: Facts, equal: bool) -> Facts:
        for one, other in ((sides[0], sides[1]), (sides[1], sides[0])):
            path = cel_ast.path_of(one, bound, optional=False)
            if path and other.WhichOneof("kind") == "const":
                null = other.const.WhichOneof("kind") == "null"
                return self._assured(one, path) if equal is not null else frozenset()
        return frozenset()

    def _assured(self, node: cel_ast.Expr, path: str) -> Facts:
        """What a test on `path` tells: also that its owners are set, unless it would itself fail without them."""
        owner = self.tree.type(node.select.operand) if node.WhichOneof("kind") == "select" else None
        fails = owner == "dyn" or (owner == "map" and not node.select.test_only)
        return frozenset((path,)) if fails else _upward(path)


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(2, len(parts) + 1)]


def _upward(path: str) -> Facts:
    return frozenset(_prefixes(path))
