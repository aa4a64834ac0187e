"""Texts in languages: what is not translated."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from flows.compiled import Compiled, CompiledFlow
from flows.diagnostic import did_you_mean
from flows.document import Source
from flows.place import escape
from flows.rule import Finding, Surroundings, bot_rule, rule
from flows.sentences import SENTENCES
from flows.world import World
from schemas.flow import TextDocument

_SCHEMA_TEXTS = ("title", "description")
_HINT_TEXTS = ("title", "description", "help", "placeholder", "prompt")
_DEEPEST = 8

Text = tuple[str, TextDocument]


@rule("F120", "warning")
def untranslated(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A text that is missing in a language of the bot: its first language is shown instead."""
    for pointer, text in texts_of(flow):
        yield from _missing(flow.source, pointer, text, around.languages)


@rule("F121", "warning")
def foreign(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A text in a language that the bot does not list, so nobody sees it."""
    for pointer, text in texts_of(flow):
        yield from _unlisted(flow.source, pointer, text, around.languages)


@bot_rule("F122", "warning")
def untranslated_sentence(bot: Compiled, world: World) -> Iterator[Finding]:
    """A text of `bot.yaml` that is missing in a language of the bot."""
    own = bot.document.sentences
    texts = [
        ("/title", bot.document.title),
        *((f"/sentences/{escape(key)}", own[key]) for key in own),
        *((f"/texts/{escape(key)}", text) for key, text in bot.document.texts.items()),
        *(
            (f"/frames/{escape(key)}/{part}", text)
            for key, frame in bot.document.frames.items()
            for part, text in (("header", frame.header), ("footer", frame.footer))
        ),
    ]
    for pointer, text in texts:
        yield from _missing(bot.source, pointer, text, bot.languages)
        yield from _unlisted(bot.source, pointer, text, bot.languages)


@bot_rule("F123", "warning")
def no_catalogue(bot: Compiled, world: World) -> Iterator[Finding]:
    """A language of the bot in which the engine has no sentences of its own, and the bot does not give them."""
    for index, language in enumerate(bot.languages):
        missing = [key for key in SENTENCES if key not in bot.document.sentences]
        if missing and not _has(SENTENCES[missing[0]], language):
            hint = f"give them under sentences: {', '.join(missing[:3])}, …"
            message = (
                f"{len(missing)} of the engine's own sentences are not in {language!r}, and come in English"
            )
            yield message, bot.source.place(f"/languages/{index}"), hint


def texts_of(flow: CompiledFlow) -> Iterator[Text]:
    """Every text of a flow that may be written by language, with its pointer."""
    if flow.document.title:
        yield "/title", flow.document.title
    for step in flow.steps.values():
        for below, mark, value in step.marked:
            if mark.reading == "text":
                yield f"/steps/{step.index}/with{below}", value
    yield from _in_schema(flow.document.data.schema_, "/data/schema", _DEEPEST)
    yield from _in_hints(flow.document.data.ui_schema, "/data/ui_schema", _DEEPEST)


def _in_schema(schema: Mapping[str, Any], pointer: str, depth: int) -> Iterator[Text]:
    for key in _SCHEMA_TEXTS:
        if isinstance(schema.get(key), dict):
            yield f"{pointer}/{key}", schema[key]
    if depth == 0:
        return
    for name, inner in _mappings(schema.get("properties")):
        yield from _in_schema(inner, f"{pointer}/properties/{escape(name)}", depth - 1)
    for key in ("oneOf", "anyOf", "allOf", "items", "then", "else"):
        options: Any = schema.get(key)
        if isinstance(options, dict):
            yield from _in_schema(cast("dict[str, Any]", options), f"{pointer}/{key}", depth - 1)
        for place, one in enumerate(cast("list[Any]", options) if isinstance(options, list) else []):
            if isinstance(one, dict):
                yield from _in_schema(cast("dict[str, Any]", one), f"{pointer}/{key}/{place}", depth - 1)


def _in_hints(hints: Mapping[str, Any], pointer: str, depth: int) -> Iterator[Text]:
    for key, value in hints.items():
        at, name = f"{pointer}/{escape(key)}", key.removeprefix("ui:")
        if key.startswith("ui:") and name in _HINT_TEXTS and isinstance(value, dict):
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
                if isinstance(label, dict):
                    yield f"{at}/{escape(str(place))}", cast("TextDocument", label)
        elif not key.startswith("ui:") and isinstance(value, dict) and depth:
            yield from _in_hints(cast("dict[str, Any]", value), at, depth - 1)


def _missing(source: Source, pointer: str, text: TextDocument, languages: Sequence[str]) -> Iterator[Finding]:
    if isinstance(text, dict):
        lacking = [language for language in languages if not _has(text, language)]
        if lacking:
            yield f"no translation into {', '.join(lacking)}", source.place(pointer), ""


def _unlisted(
    source: Source, pointer: str, text: TextDocument, languages: Sequence[str]
) -> Iterator[Finding]:
    for language in text if isinstance(text, dict) else ():
        if not _has(dict.fromkeys(languages, ""), language):
            hint = did_you_mean(language, languages) or f"the bot speaks {', '.join(languages)}"
            yield (
                f"{language!r} is not a language of this bot",
                source.key_place(f"{pointer}/{language}"),
                hint,
            )


def _has(text: Mapping[str, Any], language: str) -> bool:
    base = language.partition("-")[0]
    return any(tag == language or tag.partition("-")[0] == base for tag in text)


def _mappings(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, inner in (cast("dict[str, Any]", value) if isinstance(value, dict) else {}).items():
        if isinstance(inner, dict):
            yield name, cast("dict[str, Any]", inner)
