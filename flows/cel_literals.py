"""`price > 2` where the price is a number: whole-number literals take the form of a double.

CEL has no arithmetic between kinds of numbers, operators cannot be declared anew, and to an author `2` is a
number. So when an operator finds no overload for a double and an integer, the integer literals among its
operands are rewritten (`2` becomes `2.0`) and the text is compiled again; `origin` maps each character
back, so that what is reported later still points at the author's own text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flows import cel_ast

_LITERAL: Final = re.compile(r"-?\s*(?:0x[0-9a-fA-F]+|[0-9]+)")
_ARITHMETIC: Final = frozenset(("_+_", "_-_", "_*_", "_/_", "-_"))


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text with the offset that each of its characters had in the author's text."""

    text: str
    origin: tuple[int, ...] | None = None

    def offset(self, offset: int) -> int:
        """The author's offset of the character at `offset`."""
        return offset if self.origin is None else self.origin[offset]


def widen(written: Rewritten, parsed: cel_ast.Tree, offset: int) -> Rewritten | None:
    """The text with the integer literals of the call at `offset` as doubles; None when it has none."""
    calls = (node for node in cel_ast.nodes(parsed) if node.WhichOneof("kind") == "call")
    literals = (one for call in calls if parsed.offsets.get(call.id) == offset for one in _literals(call))
    spans = {
        found.start(): (found.end(), repr(float(literal.const.int)))
        for literal in literals
        if (found := _LITERAL.match(written.text, parsed.offsets.get(literal.id, 0)))
    }
    if not spans:
        return None
    text, last = "", 0
    origin: list[int] = []
    was = written.origin or range(len(written.text) + 1)
    for start, (end, double) in sorted(spans.items()):
        text += written.text[last:start] + double
        origin += [*was[last:start], *[was[start]] * len(double)]
        last = end
    return Rewritten(text + written.text[last:], (*origin, *was[last:]))


def _literals(node: cel_ast.Expr) -> Iterator[cel_ast.Expr]:
    for operand in node.call.args:
        yield from _literals_of_operand(operand)


def _literals_of_operand(node: cel_ast.Expr) -> Iterator[cel_ast.Expr]:
    match node.WhichOneof("kind"):
        case "const" if node.const.WhichOneof("kind") == "int":
            yield node
        case "list":
            for one in node.list.elements:
                yield from _literals_of_operand(one)
        case "call" if node.call.function in _ARITHMETIC or node.call.function == "_?_:_":
            operands = node.call.args[1:] if node.call.function == "_?_:_" else node.call.args
            for one in operands:
                yield from _literals_of_operand(one)
        case _:
            return
