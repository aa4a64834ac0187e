"""Texts in languages and variants: which of the strings that an author wrote a contact gets."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from schemas.flow import TextDocument


def languages_of(text: TextDocument) -> list[str] | None:
    """The languages that a text is written in; None when it stands for all of them."""
    return list(text) if isinstance(text, dict) else None


def sources(text: TextDocument) -> Iterator[tuple[str, str, str]]:
    """Every string in a text, as (pointer below the text, language or "", string)."""
    if isinstance(text, dict):
        for language, variants in text.items():
            for pointer, _, source in sources(variants):
                yield f"/{language}{pointer}", language, source
    elif isinstance(text, list):
        for place, source in enumerate(text):
            yield f"/{place}", "", source
    else:
        yield "", "", text


def is_static(text: TextDocument) -> bool:
    """Whether a text is the same for all contacts of a language: no variants, no expressions."""
    if isinstance(text, dict):
        return all(is_static(one) for one in text.values())
    return isinstance(text, str) and "{{" not in text


def pick(text: TextDocument, language: str, languages: Sequence[str], contact: str) -> str:
    """The string for a contact: his language (or its base), else the bot's first; variants by a stable hash."""
    if isinstance(text, dict):
        text = _in_language(text, language, languages)
    if isinstance(text, list):
        return text[stable_share(contact, "\n".join(text), len(text))] if text else ""
    return text


def spoken(language: str, languages: Sequence[str]) -> str:
    """The bot's language nearest to the contact's: the same, the same base, else the bot's first."""
    if language in languages:
        return language
    base = language.partition("-")[0]
    return next((own for own in languages if own.partition("-")[0] == base), languages[0])


def stable_share(contact: str, salt: str, shares: int) -> int:
    """A number below `shares` that is always the same for a contact and a salt."""
    digest = hashlib.sha256(f"{salt}\0{contact}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % shares


def plain_schema(schema: Mapping[str, Any], language: str, languages: Sequence[str]) -> dict[str, Any]:
    """A JSON Schema with its `title` and `description` texts projected to one language."""
    return {key: _plain(key, value, language, languages) for key, value in schema.items()}


def _plain(key: str, value: Any, language: str, languages: Sequence[str]) -> Any:
    if key in ("title", "description") and isinstance(value, dict | list):
        return pick(value, language, languages, "")  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, dict):
        inner = cast("dict[str, Any]", value)
        return {
            name: _plain("" if key == "properties" else name, sub, language, languages)
            for name, sub in inner.items()
        }
    if isinstance(value, list):
        return [_plain("", item, language, languages) for item in cast("list[Any]", value)]
    return value


def _in_language(text: dict[str, Any], language: str, languages: Sequence[str]) -> str | list[str]:
    if language in text:
        return text[language]
    base = language.partition("-")[0]
    for tag in text:
        if tag.partition("-")[0] == base:
            return text[tag]
    return next((text[own] for own in languages if own in text), next(iter(text.values()), ""))
