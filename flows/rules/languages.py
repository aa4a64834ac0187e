"""Texts in languages: what is not translated."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flows import heard_language
from flows.catalogue import inserted, texts_of, texts_of_bot
from flows.compiled import Compiled, CompiledFlow
from flows.diagnostic import did_you_mean
from flows.document import Source
from flows.form import is_text
from flows.plurals import categories, example, forms_in, known_forms
from flows.rule import Finding, Surroundings, bot_rule, rule
from flows.sentences import SENTENCES
from flows.texts import sources
from flows.wording import NO_WORDS, worded
from flows.world import World
from schemas.flow import TextDocument


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
    for pointer, text in texts_of_bot(bot):
        yield from _missing(bot.source, pointer, text, bot.languages)
        yield from _unlisted(bot.source, pointer, text, bot.languages)


@bot_rule("F123", "warning")
def no_catalogue(bot: Compiled, world: World) -> Iterator[Finding]:
    """A language of the bot in which the engine has no sentences of its own, and the bot does not give them."""
    for index, language in enumerate(bot.languages):
        missing = [key for key in SENTENCES if key not in bot.document.sentences]
        if missing and not _has(SENTENCES[missing[0]], language):
            hint = worded("give them under sentences: {keys}, …", keys=", ".join(missing[:3]))
            message = worded(
                "{count} of the engine's own sentences are not in {language!r}, and come in English",
                count=len(missing),
                language=language,
            )
            yield message, bot.source.place(f"/languages/{index}"), hint


@bot_rule("F124", "warning")
def undetectable(bot: Compiled, world: World) -> Iterator[Finding]:
    """A `detect_language` that detects nothing: the bot has one language, it cannot be told, or nothing here tells any."""
    if not bot.document.detect_language:
        return
    place = bot.source.key_place("/detect_language")
    if len(bot.languages) < 2:
        yield (
            worded("the bot has one language: there is nothing to detect"),
            place,
            worded("list more under languages"),
        )
    elif not heard_language.INSTALLED:
        yield (
            worded("pycld2 is not installed here, so no language is detected"),
            place,
            worded("it has no build for Linux on ARM"),
        )
    else:
        for index, language in enumerate(bot.languages):
            if not heard_language.tells(language):
                message = worded(
                    "{language!r} cannot be told from other languages: set contact.language instead",
                    language=language,
                )
                yield message, bot.source.place(f"/languages/{index}"), NO_WORDS


@rule("F125", "warning")
def unformed(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A `plural` that lacks a form which whole numbers take in the text's language, or has one that no number takes."""
    for pointer, text in texts_of(flow, plain=True):
        if is_text(text):
            yield from _unformed(flow.source, pointer, text, around.languages[0])


@bot_rule("F119", "warning")
def unformed_in_bot(bot: Compiled, world: World) -> Iterator[Finding]:
    """The same in a text of `bot.yaml`."""
    for pointer, text in texts_of_bot(bot):
        yield from _unformed(bot.source, pointer, text, bot.languages[0])


def _unformed(source: Source, pointer: str, text: TextDocument, first: str) -> Iterator[Finding]:
    for below, language, said in sources(text):
        place, tag = source.place(pointer + below), language or first
        for forms in forms_in(said):
            for name in categories(tag):
                if name not in forms and name != "other":
                    message = worded(
                        "the plural has no form {name!r}, which {example} takes in {tag!r}",
                        name=name,
                        example=example(tag, name),
                        tag=tag,
                    )
                    yield message, place, worded("add '{name}': '…'", name=name)
            for name in forms:
                if name not in known_forms(tag) and not name.startswith("="):
                    hint = did_you_mean(name, categories(tag))
                    yield (
                        worded("no number takes the form {name!r} in {tag!r}", name=name, tag=tag),
                        place,
                        hint,
                    )


def _missing(source: Source, pointer: str, text: TextDocument, languages: Sequence[str]) -> Iterator[Finding]:
    if isinstance(text, dict):
        lacking = [language for language in languages if not _has(text, language)]
        if lacking:
            yield (
                worded("no translation into {lacking}", lacking=", ".join(lacking)),
                source.place(pointer),
                NO_WORDS,
            )


def _unlisted(
    source: Source, pointer: str, text: TextDocument, languages: Sequence[str]
) -> Iterator[Finding]:
    for language in text if isinstance(text, dict) else ():
        if not _has(dict.fromkeys(languages, ""), language):
            hint = did_you_mean(language, languages) or worded(
                "the bot speaks {languages}", languages=", ".join(languages)
            )
            yield (
                worded("{language!r} is not a language of this bot", language=language),
                source.key_place(f"{pointer}/{language}"),
                hint,
            )


def _has(text: Mapping[str, Any], language: str) -> bool:
    base = language.partition("-")[0]
    return any(tag == language or tag.partition("-")[0] == base for tag in text)


@rule("F128", "warning")
def without_a_value(flow: CompiledFlow, around: Surroundings) -> Iterator[Finding]:
    """A translation that lacks a value which the text in the bot's first language inserts."""
    for pointer, text in texts_of(flow):
        yield from _lacking(flow.source, pointer, text, around.languages[0])


@bot_rule("F129", "warning")
def text_of_bot_without_a_value(bot: Compiled, world: World) -> Iterator[Finding]:
    """The same in a text of `bot.yaml`."""
    for pointer, text in texts_of_bot(bot):
        yield from _lacking(bot.source, pointer, text, bot.languages[0])


def _lacking(source: Source, pointer: str, text: TextDocument, first: str) -> Iterator[Finding]:
    if not isinstance(text, dict) or first not in text or not is_text(text):
        return
    wanted = inserted(text[first])
    for language in text:
        lacks = sorted(wanted - inserted(text[language]))
        if lacks:
            message = worded(
                "the text in {language} does not insert {lacks}", language=language, lacks=", ".join(lacks)
            )
            yield message, source.place(f"{pointer}/{language}"), NO_WORDS
