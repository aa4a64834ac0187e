"""Templates: text with `{{ expressions }}`, and JSON bodies that hold such text.

What an expression gives is put in as text and never read again, so a contact who writes `{{ … }}` is quoted,
not run. A value that is not set prints as nothing and is reported. In a JSON body a string that is one
expression from end to end keeps the type of its value.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote

from flows.cel import Compiled, Scope, compile, evaluate
from flows.diagnostic import Diagnostic, error
from flows.direction import isolated
from flows.place import Place, escape
from flows.values import EvaluationFailed, Values
from flows.wording import worded
from schemas.effects import SecretRef

MAX_RENDERED: Final = 10_000

_TOKEN: Final = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[{}]", re.DOTALL)

Given = Values | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """Text and expressions in turn."""

    text: str
    chunks: tuple[str | Compiled, ...]

    @property
    def expressions(self) -> tuple[Compiled, ...]:
        """The expressions, in order."""
        return tuple(chunk for chunk in self.chunks if isinstance(chunk, Compiled))


Tree = Any
"""A JSON value in which the strings are `Template`s."""


def compile_template(
    text: str, scope: Scope, place: Place, *, secrets: bool = False
) -> Template | list[Diagnostic]:
    """Compile every `{{ … }}` of a text, or say all that is wrong with them."""
    chunks: list[str | Compiled] = []
    faults: list[Diagnostic] = []
    at = 0
    while (start := text.find("{{", at)) >= 0:
        end = _end(text, start + 2)
        if end < 0:
            return [
                *faults,
                error(
                    "E007",
                    worded("'{{' is never closed"),
                    place.after(text, start),
                    worded("end it with '}}'"),
                ),
            ]
        if start > at:
            chunks.append(text[at:start])
        inner = text[start + 2 : end]
        begin = start + 2 + len(inner) - len(inner.lstrip())
        if not inner.strip():
            faults.append(error("E007", worded("'{{ }}' holds no expression"), place.after(text, start)))
        else:
            made = compile(inner.strip(), scope, place.after(text, begin), secrets=secrets)
            if isinstance(made, Diagnostic):
                faults.append(made)
            else:
                chunks.append(made)
        at = end + 2
    if at < len(text):
        chunks.append(text[at:])
    return faults or Template(text, tuple(chunks))


def expressions_in(text: str) -> list[str]:
    """What stands between the braces of a text, in order, whether it can be compiled or not."""
    return [text[start:end].strip() for start, end in spans_in(text)]


def spans_in(text: str) -> list[tuple[int, int]]:
    """Where they begin and end."""
    found: list[tuple[int, int]] = []
    at = 0
    while (start := text.find("{{", at)) >= 0 and (end := _end(text, start + 2)) >= 0:
        found.append((start + 2, end))
        at = end + 2
    return found


def render(
    template: Template, values: Given, limit: int = MAX_RENDERED, language: str = ""
) -> tuple[str, list[str]]:
    """The text, and the expressions in it that had no value. For people: in `language`, which says which way it runs."""
    chunks, unset = render_chunks(template, values, limit, language=language)
    try:
        return "".join(cast("list[str]", chunks)), unset
    except TypeError:
        raise EvaluationFailed(template.text, "a secret cannot become text") from None


def render_chunks(
    template: Template, values: Given, limit: int = MAX_RENDERED, in_url: bool = False, language: str = ""
) -> tuple[list[str | SecretRef], list[str]]:
    """Like `render`, with secrets left as references between the texts.

    `in_url`: what is inserted after the beginning is percent-encoded, so that it stays one part of the address.
    """
    made: list[str | SecretRef] = []
    unset: list[str] = []
    length = 0
    for place, chunk in enumerate(template.chunks):
        if isinstance(chunk, str):
            text = chunk
        else:
            value = _value(chunk, values, unset)
            if isinstance(value, SecretRef):
                made.append(value)
                continue
            text = text_of(value)
            if in_url and place:
                text = quote(text, safe="")
            if language and len(template.chunks) > 1:
                before = made[-1] if made else ""
                text = isolated(text, language, before if isinstance(before, str) else "")
        length += len(text)
        if length > limit:
            raise EvaluationFailed(template.text, f"the text is longer than {limit} characters")
        if made and isinstance(made[-1], str):
            made[-1] += text
        else:
            made.append(text)
    return made, unset


def render_value(template: Template, values: Given, limit: int = MAX_RENDERED) -> tuple[Any, list[str]]:
    """The value of a template that is one expression, with its type; else its text, or its chunks if it holds a secret."""
    if len(template.chunks) == 1 and isinstance(template.chunks[0], Compiled):
        unset: list[str] = []
        return _value(template.chunks[0], values, unset), unset
    chunks, unset = render_chunks(template, values, limit)
    if any(isinstance(chunk, SecretRef) for chunk in chunks):
        return tuple(chunks), unset
    return "".join(cast("list[str]", chunks)), unset


def compile_tree(
    value: Any, scope: Scope, place_of: Callable[[str], Place], *, secrets: bool = False
) -> tuple[Tree, list[Diagnostic]]:
    """A JSON value with each string compiled; `place_of` tells where the part at a pointer stands."""
    faults: list[Diagnostic] = []

    def walk(part: Any, pointer: str) -> Tree:
        if isinstance(part, str):
            made = compile_template(part, scope, place_of(pointer), secrets=secrets)
            if isinstance(made, Template):
                return made
            faults.extend(made)
        elif isinstance(part, dict):
            given = cast("dict[str, Any]", part)
            return {key: walk(one, f"{pointer}/{escape(key)}") for key, one in given.items()}
        elif isinstance(part, list):
            return [walk(one, f"{pointer}/{index}") for index, one in enumerate(cast("list[Any]", part))]
        return part

    return walk(value, ""), faults


def render_tree(tree: Tree, values: Given, limit: int = MAX_RENDERED) -> tuple[Any, list[str]]:
    """The JSON value of a compiled tree, and the expressions that had no value."""
    unset: list[str] = []

    def walk(part: Tree) -> Any:
        if isinstance(part, Template):
            value, missing = render_value(part, values, limit)
            unset.extend(missing)
            return value
        if isinstance(part, dict):
            return {key: walk(one) for key, one in cast("dict[str, Any]", part).items()}
        if isinstance(part, list):
            return [walk(one) for one in cast("list[Any]", part)]
        return part

    return walk(tree), unset


def text_of(value: Any) -> str:
    """A plain value as people read it: no `.0`, a list with commas, nothing for nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case dt.datetime():
            return value.isoformat().replace("+00:00", "Z")
        case dt.timedelta():
            return f"{text_of(value.total_seconds())}s"
        case list():
            return ", ".join(text_of(one) for one in cast("list[Any]", value))
        case dict():
            return json.dumps(value, ensure_ascii=False, default=text_of)
        case _:
            return str(value)


def _value(compiled: Compiled, values: Given, unset: list[str]) -> Any:
    try:
        value = evaluate(compiled, values)
    except EvaluationFailed as failed:
        if not failed.missing:
            raise
        value = None
    if value is None:
        unset.append(compiled.text)
    return value


def _end(text: str, start: int) -> int:
    """Where the `}}` of an expression stands that begins at `start`; quotes and maps are stepped over."""
    depth = 0
    at = start
    while found := _TOKEN.search(text, at):
        at = found.end()
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            if depth:
                depth -= 1
            elif text.startswith("}}", found.start()):
                return found.start()
    return -1
