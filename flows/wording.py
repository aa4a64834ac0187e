"""Sentences that the checker says to an author: text in English which remembers what it was made of.

A `Wording` is the English sentence, and used like any text. It keeps the template and the facts, so that it can be said
in another language: `flows.italian` gives the templates of Italian, by the English ones. A fact may be a
`Wording` itself. What has none in a language stays English.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, LiteralString, cast

_SAID: Final = ("title", "description")
_VALUES: Final = "ui:enumNames"
_NAMED: Final = ("properties", "$defs")
_EXAMPLE: Final = "\n\nExample:"
_FACT: Final = re.compile(r"\{\d\}")


class Wording(str):
    """An English sentence with its template and facts; empty ones have neither."""

    template: str
    facts: Mapping[str, object]


def worded(template: LiteralString, **facts: object) -> Wording:
    """The sentence of a template, filled in as `str.format` does."""
    return _made(template, facts)


def wording_of(fault: Exception) -> Wording:
    """What an error says that was raised with a `Wording`."""
    said = fault.args[0] if fault.args else fault
    return said if isinstance(said, Wording) else worded("“{theirs}”", theirs=str(said))


def foreign(template: str, facts: Mapping[str, object]) -> Wording:
    """A sentence of a library, from that library's own template; it is begun in lower case, as ours are."""
    return _made(template[:1].lower() + template[1:], facts)


def joined(parts: Iterable[Wording]) -> Wording:
    """Sentences one after another."""
    facts = {f"part_{place}": part for place, part in enumerate(parts)}
    return _made("".join(f"{{{name}}}" for name in facts), facts)


def _made(template: str, facts: Mapping[str, object]) -> Wording:
    made = Wording(template.format(**facts) if facts else template)
    made.template, made.facts = template, facts
    return made


NO_WORDS: Final = worded("")


def in_language(text: str, language: str) -> str:
    """A sentence in a language; as it is, where the language has no words for it."""
    if not isinstance(text, Wording):
        return text
    template = _catalogue(language).get(text.template, text.template)
    facts = {
        name: in_language(fact, language) if isinstance(fact, str) else fact
        for name, fact in text.facts.items()
    }
    return template.format(**facts) if facts else template


def kept_in_language(text: str, language: str) -> str:
    """A sentence that was kept as English text, in a language: read back by the template that made it; else as it is."""
    for pattern, template in _kept(language):
        if found := pattern.fullmatch(text):
            return template.format(*(kept_in_language(fact, language) for fact in found.groups()))
    return text


def schema_in_language(part: Any, language: str, named: bool = False) -> Any:
    """A JSON Schema of ours with titles and descriptions in a language. `named`: the keys of `part` are properties' names."""
    if isinstance(part, dict):
        given, texts = cast("dict[str, Any]", part), _texts(language)
        return {
            key: _said(value, texts)
            if key in _SAID and not named and isinstance(value, str)
            else _names(value, texts)
            if key == _VALUES and isinstance(value, dict)
            else schema_in_language(value, language, not named and key in _NAMED)
            for key, value in given.items()
        }
    if isinstance(part, list):
        return [schema_in_language(one, language) for one in cast("list[Any]", part)]
    return part


def help_in_language(text: str, language: str) -> str:
    """What a schema, the first line of an action or a function says of itself, in a language, where that has words for it."""
    texts = _texts(language)
    if text in texts or not text:
        return texts.get(text, text)
    longer = (said for known, said in texts.items() if known.startswith(f"{text}\n"))
    return next(longer, text).split("\n", 1)[0]


def _names(values: Any, texts: Mapping[str, str]) -> dict[str, str]:
    return {value: texts.get(said, said) for value, said in cast("dict[str, str]", values).items()}


def _said(text: str, texts: Mapping[str, str]) -> str:
    words, example, code = text.partition(_EXAMPLE)
    return texts.get(words, words) + example + code


# The catalogues are read when somebody speaks the language, which a number's process never does.
def _catalogue(language: str) -> Mapping[str, str]:
    if language != "it":
        return {}
    from flows.italian.checks import TEMPLATES

    return TEMPLATES


@cache
def _kept(language: str) -> Sequence[tuple[re.Pattern[str], str]]:
    if language != "it":
        return ()
    from flows.italian.kept import SENTENCES

    by_words = sorted(
        SENTENCES.items(), key=lambda one: -len(_FACT.sub("", one[0]))
    )  # the most telling first
    return [
        (re.compile("(.+?)".join(map(re.escape, _FACT.split(english))), re.DOTALL), template)
        for english, template in by_words
    ]


def _texts(language: str) -> Mapping[str, str]:
    if language != "it":
        return {}
    from flows.italian.schemas import TEXTS

    return TEXTS
