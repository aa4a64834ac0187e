"""Where an author's cursor stands in a file of a bot: in which key or value, by its pointer, and what is before it.

A mark is put in at the cursor and the file is read with it; where it cannot be read so, the mark is made a key, or the
rest of the line is left out, since who asks is in the middle of writing.
"""

import re
from dataclasses import dataclass
from typing import Final

from flows.document import Node, Source, parse
from flows.place import escape

MARK: Final = "\ue000"  # private use: no author writes it


@dataclass(frozen=True, slots=True)
class Cursor:
    """What stands at a place. `pointer` is that of the value or, with `is_key`, of the mapping that the key is in.

    `before` is the key or the value up to the cursor; `source` is the file, read with the mark in it.
    """

    source: Source
    pointer: str
    is_key: bool
    before: str


def cursor_at(path: str, text: str, line: int, column: int) -> Cursor | None:
    """The cursor at a line and a column (from 1, in characters); None where nothing can be made of the file."""
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return None
    written = lines[line - 1]
    head, tail = written[: column - 1], written[column - 1 :]
    for attempt in (
        f"{head}{MARK}{tail}",
        f"{head}{MARK}: {MARK}{tail}",
        f"{head}{MARK}",
        f'{head}"{MARK}"{tail}',
        *(f"{head}{MARK}{quote}{_closing(head)}" for quote in "'\""),
        f"{head}{MARK}{_closing(head)}",
    ):
        source = parse(path, "\n".join([*lines[: line - 1], attempt, *lines[line:]]))
        if isinstance(source, Source):
            return _found(source, source.places.root, "")
    return None


def _closing(head: str) -> str:
    """What closes the braces and brackets that are open in a line."""
    closing = ""
    for char in re.sub(r"'[^']*'|\"[^\"]*\"?|\{\{", "", head):
        if char in "{[":
            closing = {"{": "}", "[": "]"}[char] + closing
        elif char in "}]":
            closing = closing[1:]
    return closing


def _found(source: Source, node: Node, pointer: str) -> Cursor | None:
    children = node.children
    if isinstance(children, dict):
        for key, child in children.items():
            if MARK in key:
                return Cursor(source, pointer, True, key.partition(MARK)[0])
            if found := _found(source, child, f"{pointer}/{escape(key)}"):
                return found
    elif children is not None:
        for place, child in enumerate(children):
            if found := _found(source, child, f"{pointer}/{place}"):
                return found
    elif isinstance(node.value, str) and MARK in node.value:
        return Cursor(source, pointer, False, node.value.partition(MARK)[0])
    return None
