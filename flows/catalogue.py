"""The catalogue of a bot: every text that contacts read, in its languages, and what is still to be translated."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from flows.bot import Bot
from flows.compiled import Compiled, CompiledFlow
from flows.document import Source
from flows.form import is_text
from flows.place import escape
from flows.template import expressions_in
from flows.translations import as_variants, key_of
from schemas.flow import TextDocument

_SCHEMA_TEXTS = ("title", "description")
_HINT_TEXTS = ("title", "description", "help", "placeholder", "prompt")
_DEEPEST = 8

_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_PATH = re.compile(r"\b(data|contact|result|event|message|texts|item)\.\??([A-Za-z_]\w*)")

Text = tuple[str, TextDocument]
State = Literal["translated", "missing", "stale", "shared"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One text. `key` is its place, by which translations that stand apart know it.

    `source` are its variants in the bot's first language, `texts` those in others. `shared`: it is written once, for
    all languages. `made_from` is the source that a language's translation was made from, where that is known.
    """

    key: str
    file: str
    line: int
    source: tuple[str, ...]
    texts: Mapping[str, tuple[str, ...]]
    shared: bool
    made_from: Mapping[str, tuple[str, ...]]

    def state(self, language: str) -> State:
        """How things are with its translation into a language."""
        if self.shared:
            return "shared"
        if language not in self.texts:
            return "missing"
        return "stale" if self.made_from.get(language, self.source) != self.source else "translated"


def catalogue(bot: Bot, compiled: Compiled, before: "list[Entry] | None" = None) -> list[Entry]:
    """The texts of a bot, by file and place.

    `before` is the catalogue of an earlier version: a translation that is as it was there, while its source is not, is
    stale too.
    """
    earlier = {one.key: one for one in before or ()}
    made_from: dict[tuple[str, str], tuple[str, ...]] = {
        (one.key, one.language): one.made_from for one in bot.translations if one.made_from is not None
    }
    texts = [
        *((compiled.source, pointer, text) for pointer, text in texts_of_bot(compiled)),
        *(
            (flow.source, pointer, text)
            for flow in compiled.flows.values()
            for pointer, text in texts_of(flow, plain=True)
            if is_text(text)
        ),
    ]
    found: list[Entry] = []
    for source, pointer, text in texts:
        entry = _entry(source, pointer, text, compiled.languages[0], made_from)
        if any(entry.source):
            old = earlier.get(entry.key)
            found.append(entry if old is None else _since(entry, old))
    return found


def _entry(
    source: Source,
    pointer: str,
    text: TextDocument,
    first: str,
    made_from: Mapping[tuple[str, str], tuple[str, ...]],
) -> Entry:
    key, place = key_of(source.path, pointer, source.value), source.place(pointer)
    by_language = {tag: as_variants(one) for tag, one in text.items()} if isinstance(text, dict) else {}
    written = by_language.pop(first, ()) if isinstance(text, dict) else as_variants(text)
    known = {tag: made_from[key, tag] for tag in by_language if (key, tag) in made_from}
    return Entry(key, place.file, place.line, written, by_language, not isinstance(text, dict), known)


def _since(entry: Entry, old: Entry) -> Entry:
    """The same with what the earlier version tells of when translations were made."""
    if old.source == entry.source or old.shared:
        return entry
    kept = {
        tag: old.source
        for tag, text in entry.texts.items()
        if old.texts.get(tag) == text and tag not in entry.made_from
    }
    return Entry(
        entry.key,
        entry.file,
        entry.line,
        entry.source,
        entry.texts,
        entry.shared,
        {**kept, **entry.made_from},
    )


def inserted(text: str | list[str]) -> set[str]:
    """The fields that all variants of a text insert, as `data.name`."""
    first, *others = [
        {path for one in expressions_in(variant) for path in _fields(one)} for variant in as_variants(text)
    ] or [set[str]()]
    return first.intersection(*others)


def _fields(expression: str) -> Iterator[str]:
    """The fields that an expression names; what it says in quotes is a text of its language."""
    for name, field in _PATH.findall(_QUOTED.sub("", expression)):
        yield f"{name}.{field}"


def texts_of_bot(bot: Compiled) -> Iterator[Text]:
    """The texts of `bot.yaml`, with their pointers."""
    document = bot.document
    if document.title:
        yield "/title", document.title
    for key, text in document.sentences.items():
        yield f"/sentences/{escape(key)}", text
    for key, text in document.texts.items():
        yield f"/texts/{escape(key)}", text
    for key, frame in document.frames.items():
        yield f"/frames/{escape(key)}/header", frame.header
        yield f"/frames/{escape(key)}/footer", frame.footer


def texts_of(flow: CompiledFlow, plain: bool = False) -> Iterator[Text]:
    """Every text of a flow that may be written by language, with its pointer; `plain`: also those of its data that
    are written once for all languages."""
    if flow.document.title:
        yield "/title", flow.document.title
    for step in flow.steps.values():
        for below, mark, value in step.marked:
            if mark.reading == "text":
                yield f"/steps/{step.index}/with{below}", value
    yield from _in_schema(flow.document.data.schema_, "/data/schema", _kinds(plain))
    yield from _in_hints(flow.document.data.ui_schema, "/data/ui_schema", _kinds(plain))


def _in_schema(
    schema: Mapping[str, Any], pointer: str, kinds: tuple[type, ...], depth: int = _DEEPEST
) -> Iterator[Text]:
    for key in _SCHEMA_TEXTS:
        if isinstance(schema.get(key), kinds):
            yield f"{pointer}/{key}", schema[key]
    if depth == 0:
        return
    for name, inner in _mappings(schema.get("properties")):
        yield from _in_schema(inner, f"{pointer}/properties/{escape(name)}", kinds, depth - 1)
    for key in ("oneOf", "anyOf", "allOf", "items", "then", "else"):
        options: Any = schema.get(key)
        if isinstance(options, dict):
            yield from _in_schema(cast("dict[str, Any]", options), f"{pointer}/{key}", kinds, depth - 1)
        for place, one in enumerate(cast("list[Any]", options) if isinstance(options, list) else []):
            if isinstance(one, dict):
                yield from _in_schema(
                    cast("dict[str, Any]", one), f"{pointer}/{key}/{place}", kinds, depth - 1
                )


def _in_hints(
    hints: Mapping[str, Any], pointer: str, kinds: tuple[type, ...], depth: int = _DEEPEST
) -> Iterator[Text]:
    for key, value in hints.items():
        at, name = f"{pointer}/{escape(key)}", key.removeprefix("ui:")
        if key.startswith("ui:") and name in _HINT_TEXTS and isinstance(value, kinds):
            yield at, cast("TextDocument", value)
        elif key == "ui:enumNames":
            labels: list[tuple[Any, Any]] = (
                list(cast("dict[Any, Any]", value).items())
                if isinstance(value, dict)
                else list(enumerate(cast("list[Any]", value)))
                if isinstance(value, list)
                else []
            )
            for place, label in labels:
                if isinstance(label, kinds):
                    yield f"{at}/{escape(str(place))}", cast("TextDocument", label)
        elif not key.startswith("ui:") and isinstance(value, dict) and depth:
            yield from _in_hints(cast("dict[str, Any]", value), at, kinds, depth - 1)


def _kinds(plain: bool) -> tuple[type, ...]:
    return (dict, list, str) if plain else (dict,)


def _mappings(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, inner in (cast("dict[str, Any]", value) if isinstance(value, dict) else {}).items():
        if isinstance(inner, dict):
            yield name, cast("dict[str, Any]", inner)
