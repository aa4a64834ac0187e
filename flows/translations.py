"""Translations that stand apart: `texts/<lang>.yaml`, put into the documents while they are read.

A file names each text by its place: the file without its ending, then the path in it, where a step goes by its id and
not by its number, so that it is found again when steps are added: `flows/intake/steps/hi/with/text`. Its value is the
translation, or `{from, to}`: what it was made from, so that one whose source text changed since is found.

A translation that stands apart counts before one in the document itself.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from flows.diagnostic import Diagnostic, did_you_mean, warning
from flows.document import Source
from flows.place import Place, escape, segments
from flows.wording import NO_WORDS, Wording, worded
from schemas.flow import LANGUAGE_TAG, TextsDocument

FOLDER: Final = "texts"
_TAG: Final = re.compile(LANGUAGE_TAG)
_TRANSLATABLE: Final = {
    "bot": ("title", "sentences", "texts", "frames"),
    "flows": ("title", "steps", "data"),
}


@dataclass(frozen=True, slots=True)
class Translation:
    """One text in another language. `key` is its place; `made_from` the source texts it was made from, if known."""

    key: str
    language: str
    texts: tuple[str, ...]
    made_from: tuple[str, ...] | None
    place: Place


Translations = tuple[Translation, ...]


def translations_of(language: str, document: TextsDocument, source: Source) -> Iterator[Translation]:
    """The translations of a file, each with its place in it."""
    for key, given in document.texts.items():
        at, made_from = f"/texts/{escape(key)}", None
        if not isinstance(given, str | list):
            made_from, given, at = as_variants(given.from_), given.to, f"{at}/to"
        yield Translation(key, language, as_variants(given), made_from, source.place(at))


def as_variants(text: str | list[str]) -> tuple[str, ...]:
    """A text as the list of its variants."""
    return (text,) if isinstance(text, str) else tuple(text)


def as_written(variants: tuple[str, ...]) -> str | list[str]:
    """Variants as an author writes them: one is plain text."""
    return variants[0] if len(variants) == 1 else list(variants)


def folder_of(key: str) -> str:
    """The path without ending of the file that a key is about: `flows/intake`, or `bot`."""
    first, _, rest = key.partition("/")
    return f"{first}/{rest.partition('/')[0]}" if first == "flows" else first


def merged(source: Source, first: str, given: Translations) -> tuple[Source, tuple[Diagnostic, ...]]:
    """A document with its translations put in, and what is wrong with them. `first` is the bot's first language."""
    value, found = copy.deepcopy(source.value), list[Diagnostic]()
    elsewhere: dict[str, Place] = {}
    for one in given:
        at = pointer_of(one.key, value)
        owner, name = _owner(value, at) if at else (None, "")
        if at is None or owner is None:
            found.append(
                warning(
                    "F127",
                    worded("there is no text {key!r} to translate", key=one.key),
                    one.place,
                    _near(one.key, value),
                )
            )
            continue
        text = owner[name]
        by_language = dict(cast("dict[str, Any]", text)) if isinstance(text, dict) else {first: text}
        current = as_variants(by_language[first]) if first in by_language else ()
        if one.made_from is not None and one.made_from != current:
            hint = worded("translate it again, and write the new text under from")
            found.append(
                warning(
                    "F126",
                    worded("what {key!r} was translated from has changed", key=one.key),
                    one.place,
                    hint,
                )
            )
        by_language[one.language] = as_written(one.texts)
        owner[name] = by_language
        elsewhere[f"{at}/{one.language}"] = one.place
    overlay = repr([(one.key, one.language, one.texts) for one in given])
    return replace(source, value=value, elsewhere=elsewhere, overlay=overlay), tuple(found)


def pointer_of(key: str, value: Any) -> str | None:
    """The JSON pointer of a key in its document; None where there is no text that may be translated."""
    folder = folder_of(key)
    parts = list(segments(key[len(folder) :]))
    if not parts or parts[0] not in _TRANSLATABLE.get(folder.partition("/")[0], ()):
        return None
    if parts[0] == "steps":
        ids = _step_ids(value)
        if len(parts) < 4 or parts[2] != "with" or parts[1] not in ids:
            return None
        parts[1] = str(ids.index(parts[1]))
    pointer = "".join(f"/{escape(part)}" for part in parts)
    owner, name = _owner(value, pointer)
    return pointer if owner is not None and _is_text(owner[name]) else None


def key_of(path: str, pointer: str, value: Mapping[str, Any]) -> str:
    """The key of a pointer in the document of a file."""
    parts = list(segments(pointer))
    if parts[0] == "steps":
        parts[1] = value["steps"][int(parts[1])]["id"]
    return path.rpartition(".")[0] + "".join(f"/{escape(part)}" for part in parts)


def _owner(value: Any, pointer: str) -> tuple[Any, Any]:
    """What holds the value at a pointer, and under which key or place; None when there is none."""
    *way, last = segments(pointer)
    for part in way:
        value = _child(value, part)
    if isinstance(value, list):
        inside = last.isdigit() and int(last) < len(cast("list[Any]", value))
        return (cast("Any", value), int(last)) if inside else (None, "")
    return (cast("Any", value), last) if isinstance(value, dict) and last in value else (None, "")


def _child(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).get(part)
    if isinstance(value, list) and part.isdigit() and int(part) < len(cast("list[Any]", value)):
        return cast("list[Any]", value)[int(part)]
    return None


def _is_text(value: Any) -> bool:
    if isinstance(value, dict):
        by_language = cast("dict[str, Any]", value)
        return all(_TAG.fullmatch(tag) and isinstance(text, str | list) for tag, text in by_language.items())
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(one, str) for one in cast("list[Any]", value))
    )


def _step_ids(value: Any) -> list[str]:
    """The ids of a flow's steps, in order; an empty text for a step that has none."""
    steps: Any = value.get("steps")
    given = cast("list[Any]", steps) if isinstance(steps, list) else []
    return [str(cast("dict[str, Any]", one).get("id")) if isinstance(one, dict) else "" for one in given]


def _near(key: str, value: Any) -> Wording:
    parts, ids = key.split("/"), _step_ids(value)
    missing = len(parts) > 3 and parts[2] == "steps" and parts[3] not in ids
    return did_you_mean(parts[3], ids) if missing else NO_WORDS
