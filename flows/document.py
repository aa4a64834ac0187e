"""One file of a bot, read: its plain JSON value, and the line and column of every node.

YAML and JSON go through the same door, PyYAML's binding of libyaml, as a stream of events: so depth, size
and what aliases expand to are bounded while reading, before anything is built from them.

Scalars follow YAML 1.2's core schema, narrowed to what an author means: only `true` and `false` are
booleans, only `null`, `~` and nothing are null, and a number is written as JSON writes it (or `0x1f`,
`0o17`, `.5`). All else is text: `yes`, `9:00`, `2026-01-02`, `012`, `+39…`. Keys are always text, as in JSON.

JSON writes a character beyond the first plane as a pair of escapes, which YAML refuses: a file that cannot be read
with them is read with the pairs joined.

Sources: YAML 1.2.2, section 10.3; RFC 6901 (pointers); RFC 8259, section 7.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

import yaml
from yaml.cyaml import CParser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from yaml.reader import ReaderError

from flows import yaml_faults
from flows.diagnostic import Diagnostic, error
from flows.place import Place, escape, segments
from flows.wording import NO_WORDS, Wording, worded

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 64
MAX_NODES: Final = 100_000

_NUMBER_STARTS: Final = frozenset("-.0123456789")
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WORDS: Final[dict[str, bool | None]] = {"": None, "~": None, "null": None, "true": True, "false": False}
_PAIR: Final = re.compile(r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")
_QUOTE_IT: Final = worded('quote it: "{{ … }}"')


@dataclass(slots=True)
class Node:
    """One value with its place. `children` hold the nodes of a list or of a mapping, `keys` where its keys stand."""

    value: Any
    line: int
    column: int
    style: str | None = None
    children: "dict[str, Node] | list[Node] | None" = None
    keys: dict[str, tuple[int, int]] | None = None
    size: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class Places:
    """Line and column by JSON pointer. What is not there is where its nearest ancestor is."""

    root: Node

    def node(self, pointer: str) -> Node:
        """The node at `pointer`, else its nearest ancestor."""
        return self._find(pointer)[0]

    def at(self, pointer: str) -> tuple[int, int]:
        """Line and column of the value at `pointer`."""
        node = self.node(pointer)
        return node.line, node.column

    def key_at(self, pointer: str) -> tuple[int, int]:
        """Line and column of the key that names `pointer`; of the value where it has none."""
        return self._find(pointer)[1]

    def _find(self, pointer: str) -> tuple[Node, tuple[int, int]]:
        node, key_at = self.root, (self.root.line, self.root.column)
        for key in segments(pointer):
            child = _child(node, key)
            if child is None:
                break
            key_at = node.keys[key] if node.keys else (child.line, child.column)
            node = child
        return node, key_at


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: `value` is plain JSON, `places` says where each part stands.

    What was put in from other files stands where `elsewhere` says, by pointer; `overlay` tells it from the same file
    with other such parts.
    """

    path: str
    value: Any
    places: Places
    text: str = field(repr=False)
    elsewhere: Mapping[str, Place] = field(default_factory=dict[str, Place], repr=False)
    overlay: str = field(default="", repr=False)

    def place(self, pointer: str) -> Place:
        """Where the value at `pointer` begins; for text, its first character after quotes or `|`."""
        if self.elsewhere and (place := self._elsewhere(pointer)) is not None:
            return place
        node = self.places.node(pointer)
        if node.style in ("'", '"'):
            return Place(self.path, node.line, node.column + 1, pointer)
        if node.style in ("|", ">"):
            lines = self.text.splitlines()[node.line :]
            first = next((line for line in lines if line.strip()), "")
            return Place(self.path, node.line + 1, len(first) - len(first.lstrip()) + 1, pointer)
        return Place(self.path, node.line, node.column, pointer)

    def key_place(self, pointer: str) -> Place:
        """Where the key that names `pointer` stands."""
        if self.elsewhere and (place := self._elsewhere(pointer)) is not None:
            return place
        return Place(self.path, *self.places.key_at(pointer), pointer)

    def _elsewhere(self, pointer: str) -> Place | None:
        """Where a part that was put in stands in its own file."""
        owner = pointer
        while owner:
            if (place := self.elsewhere.get(owner)) is not None:
                return replace(place, pointer=pointer)
            owner = owner.rpartition("/")[0]
        return None


def parse(
    path: str,
    data: bytes | str,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    max_nodes: int = MAX_NODES,
) -> Source | list[Diagnostic]:
    """Read one YAML or JSON file. Gives its source, or what is wrong with it; raises nothing."""
    try:
        text = _text(path, data, max_bytes)
        try:
            root = _Reader(path, text, max_depth, max_nodes).read()
        except _Faulty:
            joined = _PAIR.sub(_joined, text)
            if joined == text:
                raise
            text, root = joined, _Reader(path, joined, max_depth, max_nodes).read()
    except _Faulty as faulty:
        return faulty.found
    return Source(path, root.value, Places(root), text)


class _Faulty(Exception):
    def __init__(self, found: list[Diagnostic]) -> None:
        self.found = found


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end is not read yet."""

    node: Node
    anchor: str | None
    key: str | None = None
    flow: bool = False


class _Reader:
    def __init__(self, path: str, text: str, max_depth: int, max_nodes: int) -> None:
        self.path, self.text, self.max_depth, self.max_nodes = path, text, max_depth, max_nodes
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node] = {}
        self.root: Node | None = None
        self.seen = 0
        self.twice: list[Diagnostic] = []

    def read(self) -> Node:
        try:
            self._events(CParser(self.text))
        except yaml.MarkedYAMLError as fault:
            raise self._unreadable(fault) from None
        except ReaderError as fault:
            raise self._illegal(fault) from None
        if self.twice:
            raise _Faulty(self.twice)
        return self.root or Node(None, 1, 1)

    def _events(self, parser: Any) -> None:
        take: dict[Any, Any] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        while (event := parser.get_event()) is not None:
            if reader := take.get(type(event)):
                reader(event)

    def _document(self, event: Any) -> None:
        if self.root is not None:
            raise self._fault(
                event, worded("a second document begins"), worded("keep one document in a file")
            )

    def _scalar(self, event: Any) -> None:
        self._count(event)
        mark = event.start_mark
        if event.tag is not None:
            raise self._fault(
                event, worded("the tag {tag!r} is not read", tag=event.tag), worded("leave it out")
            )
        top = self.stack[-1] if self.stack else None
        plain = event.implicit[0]
        if top is not None and top.node.keys is not None and top.key is None:
            self._key(top, event.value, plain, mark)
            return
        value = self._plain(event) if plain else event.value
        node = Node(value, mark.line + 1, mark.column + 1, event.style)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        self._add(node)

    def _key(self, top: _Open, key: str, plain: bool, mark: Any) -> None:
        keys = cast("dict[str, tuple[int, int]]", top.node.keys)
        if plain and key == "<<":
            raise _Faulty(
                [self._say("D005", worded("merge keys are not read"), mark, worded("write the keys out"))]
            )
        if key in keys:
            first = keys[key][0]
            said = self._say(
                "D002",
                worded("the key {key!r} stands twice", key=key),
                mark,
                worded("the first is in line {first}", first=first),
            )
            self.twice.append(said)
        keys[key] = (mark.line + 1, mark.column + 1)
        top.key = key

    def _open(self, event: Any) -> None:
        self._count(event)
        mark = event.start_mark
        top = self.stack[-1] if self.stack else None
        if top is not None and top.node.keys is not None and top.key is None:
            if isinstance(event, yaml.MappingStartEvent) and event.flow_style and top.flow:
                raise _Faulty([self._say("D003", worded("an expression stands unquoted"), mark, _QUOTE_IT)])
            raise self._fault(event, worded("a key is not text"), worded("use a plain word as key"))
        if event.tag is not None:
            raise self._fault(
                event, worded("the tag {tag!r} is not read", tag=event.tag), worded("leave it out")
            )
        if len(self.stack) >= self.max_depth:
            raise self._limit(event, worded("more than {limit} levels", limit=self.max_depth))
        if isinstance(event, yaml.MappingStartEvent):
            node = Node({}, mark.line + 1, mark.column + 1, None, {}, {})
        else:
            node = Node([], mark.line + 1, mark.column + 1, None, [])
        self.stack.append(_Open(node, event.anchor, None, bool(event.flow_style)))

    def _close(self, event: Any) -> None:
        closed = self.stack.pop()
        if closed.node.size > self.max_nodes:
            raise self._limit(event, worded("more than {limit} values", limit=self.max_nodes))
        if closed.anchor is not None:
            self.anchors[closed.anchor] = closed.node
        self._add(closed.node)

    def _alias(self, event: Any) -> None:
        self._count(event)
        node = self.anchors.get(event.anchor)
        if node is None:
            raise self._fault(
                event,
                worded("the alias *{anchor} names nothing that is complete", anchor=event.anchor),
                NO_WORDS,
            )
        if self.stack and self.stack[-1].node.keys is not None and self.stack[-1].key is None:
            raise self._fault(event, worded("a key is not text"), worded("use a plain word as key"))
        if len(self.stack) + node.height > self.max_depth:
            raise self._limit(event, worded("more than {limit} levels", limit=self.max_depth))
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        parent = top.node
        parent.size += node.size
        if node.height >= parent.height:
            parent.height = node.height + 1
        if top.key is None:
            parent.value.append(node.value)
            cast("list[Node]", parent.children).append(node)
        else:
            parent.value[top.key] = node.value
            cast("dict[str, Node]", parent.children)[top.key] = node
            top.key = None

    def _plain(self, event: Any) -> Any:
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in _NUMBER_STARTS:
            return text
        if _INTEGER.fullmatch(text):
            whole = int(text, 0) if len(text) <= 24 else 1 << 64
            if not -(1 << 63) <= whole < 1 << 63:
                raise self._fault(
                    event, worded("a number is beyond 64 bits"), worded("quote it to make it text")
                )
            return whole
        if _FLOAT.fullmatch(text):
            number = float(text)
            if number in (float("inf"), float("-inf")):
                raise self._fault(event, worded("a number is too large"), worded("quote it to make it text"))
            return number
        return text

    def _count(self, event: Any) -> None:
        self.seen += 1
        if self.seen > self.max_nodes:
            raise self._limit(event, worded("more than {limit} values", limit=self.max_nodes))

    def _say(self, code: str, message: Wording, mark: Any, hint: Wording = NO_WORDS) -> Diagnostic:
        pointer = "".join(f"/{escape(_step(one))}" for one in self.stack if _step(one))
        return error(code, message, Place(self.path, mark.line + 1, mark.column + 1, pointer), hint)

    def _fault(self, event: Any, message: Wording, hint: Wording) -> _Faulty:
        return _Faulty([self._say("D001", message, event.start_mark, hint)])

    def _limit(self, event: Any, message: Wording) -> _Faulty:
        return _Faulty([self._say("D004", message, event.start_mark, worded("split the file"))])

    def _unreadable(self, fault: yaml.MarkedYAMLError) -> _Faulty:
        mark: Any = fault.problem_mark or fault.context_mark
        line = "".join(self.text.splitlines()[mark.line : mark.line + 1])
        if "{{" in line:
            return _Faulty([self._say("D003", worded("an expression stands unquoted"), mark, _QUOTE_IT)])
        return _Faulty([self._say("D001", yaml_faults.said(fault), mark)])

    def _illegal(self, fault: ReaderError) -> _Faulty:
        position = cast(int, fault.position)
        place = Place(self.path).after(self.text, position)
        return _Faulty(
            [
                error(
                    "D001",
                    worded("a character is not allowed here"),
                    place,
                    yaml_faults.of_character(fault),
                )
            ]
        )


def _step(one: _Open) -> str:
    if one.node.keys is None:
        return str(len(cast("list[Node]", one.node.children)))
    return one.key or ""


def _child(node: Node, key: str) -> Node | None:
    children = node.children
    if isinstance(children, dict):
        return children.get(key)
    if children is not None and key.isdecimal() and len(key) < 9 and int(key) < len(children):
        return children[int(key)]
    return None


def _text(path: str, data: bytes | str, max_bytes: int) -> str:
    if len(data) > max_bytes:
        said = error(
            "D004",
            worded("the file is larger than {limit} bytes", limit=max_bytes),
            Place(path),
            worded("split the file"),
        )
        raise _Faulty([said])
    try:
        if isinstance(data, str):
            data.encode()
            text = data
        else:
            text = data.decode()
    except UnicodeDecodeError as fault:
        before = cast(bytes, data)[: fault.start]
        at = Place(path).after(before.decode(), fault.start - (len(before) - len(before.decode())))
        raise _Faulty(
            [error("D001", worded("the file is not UTF-8"), at, worded("save it as UTF-8"))]
        ) from None
    except UnicodeEncodeError as fault:
        at = Place(path).after(cast(str, data), fault.start)
        raise _Faulty([error("D001", worded("half a surrogate pair is no character"), at)]) from None
    return text.removeprefix("\ufeff")


def _joined(pair: re.Match[str]) -> str:
    high, low = int(pair[2][2:6], 16), int(pair[2][8:12], 16)
    return pair[1] + chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
