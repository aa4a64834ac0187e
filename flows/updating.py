"""A test brought up to date: what it expects is replaced by what the bot now says and does, and nothing else changes.

Lines that cannot be played stay as they are: those are for the author. Comments and layout stay, since only the
values that did not hold are written anew, each in its place.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from flows.bot import Read
from flows.compiled import Compiled
from flows.expected import Differs
from flows.testing import begun
from flows.yaml_text import inline
from schemas.capabilities import Capabilities
from schemas.flow import ConversationTest, Stubs

_Span = tuple[int, int]


def updated(
    compiled: Compiled, read: Read[ConversationTest], channels: Mapping[str, Capabilities], stubs: Stubs
) -> str:
    """The text of a test's file, with what it expects as it is now."""
    renewed: dict[str, Any] = {}
    test = read.document
    before = None
    while True:
        failed = _first_failure(compiled, test, channels, stubs)
        if failed is None or not failed[1] or failed == before:
            break
        before = failed
        (line, (value,)) = failed
        if line is None:
            test = test.model_copy(update={"expect": value})
            renewed["/expect"] = value
        else:
            [kind] = test.talk[line]
            talk = [*test.talk[:line], {kind: value}, *test.talk[line + 1 :]]
            test = test.model_copy(update={"talk": talk})
            renewed[f"/talk/{line}/{kind}"] = value
    return _rewritten(read.source.text, renewed, as_json=read.source.path.endswith(".json"))


def _first_failure(
    compiled: Compiled, test: ConversationTest, channels: Mapping[str, Capabilities], stubs: Stubs
) -> tuple[int | None, tuple[Any, ...]] | None:
    line: int | None = None
    try:
        play = begun(compiled, test, channels, stubs)
        for line, entry in enumerate(test.talk):  # noqa: B007
            play.line(entry)
        line = None
        play.expect(test.expect)
    except Differs as differs:
        return line, differs.instead
    return None


def _rewritten(text: str, renewed: Mapping[str, Any], as_json: bool) -> str:
    root = yaml.compose(text, yaml.CBaseLoader)
    edits = [
        (_span(text, _node(root, pointer)), inline(value, as_json)) for pointer, value in renewed.items()
    ]
    for (start, end), new in sorted(edits, reverse=True):
        lead = "" if start == 0 or text[start - 1].isspace() else " "
        text = text[:start] + lead + new + text[end:]
    return text


def _node(node: Any, pointer: str) -> Any:
    for key in pointer.split("/")[1:]:
        if node.id == "mapping":
            node = next(value for name, value in node.value if name.value == key)
        else:
            node = node.value[int(key)]
    return node


def _span(text: str, node: Any) -> _Span:
    """Where a value stands. A block ends with its last value: what follows, as a comment, is not its."""
    last = node
    while last.id != "scalar" and not last.flow_style and last.value:
        last = last.value[-1][1] if last.id == "mapping" else last.value[-1]
    start, end = int(node.start_mark.index), int(last.end_mark.index)
    return start, start + len(text[start:end].rstrip())
