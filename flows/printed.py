"""Values as a contact reads them, in his language: days, times, numbers, lists, choices."""

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from flows.form import SENT, Field
from schemas.flow import TextDocument

if TYPE_CHECKING:
    from babel import Locale

Plain = Callable[[TextDocument], str]
Sentence = Callable[[str], str]


def printed(one: Field, value: Any, language: str, plain: Plain, sentence: Sentence) -> str:
    """A field's value in words. `plain` chooses a text's language, `sentence` says one of the engine's own."""
    if isinstance(value, bool) and not one.choices:
        return sentence("yes" if value else "no")
    if isinstance(value, list):
        item = one.children.get("items", one)
        return ", ".join(printed(item, part, language, plain, sentence) for part in cast("list[Any]", value))
    label = next((plain(label) for known, label in one.choices if known == value), None)
    if label is not None:
        return label
    if one.kind in SENT:
        return _sent(value)
    if isinstance(value, dict):
        inside = cast("dict[str, Any]", value)
        parts = [
            printed(child, inside[name], language, plain, sentence)
            for name, child in one.children.items()
            if inside.get(name) is not None
        ]
        return ", ".join(parts)
    match one.kind:
        case "date" | "time" | "moment":
            return _moment(one.kind, str(value), language)
        case "number" | "integer":
            return _number(value, language)
        case _:
            return str(value)


def _sent(value: Any) -> str:
    """A file by its name, a place by its own or by its degrees."""
    held = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if "latitude" in held:
        return str(held.get("name") or held.get("address") or f"{held['latitude']}, {held.get('longitude')}")
    return str(held.get("filename") or held.get("caption") or "✓")


def _moment(kind: str, value: str, language: str) -> str:
    from babel import dates

    locale = locale_of(language)
    try:
        match kind:
            case "date":
                return dates.format_date(dt.date.fromisoformat(value), "full", locale)
            case "time":
                return dates.format_time(dt.time.fromisoformat(value), "short", locale=locale)
            case _:
                moment = dt.datetime.fromisoformat(value).replace(tzinfo=None)
                day = dates.format_date(moment, "full", locale)
                return f"{day}, {dates.format_time(moment, 'short', locale=locale)}"
    except ValueError:
        return value


def _number(value: Any, language: str) -> str:
    if isinstance(value, int) and abs(value) < 1000:
        return str(value)
    from babel.numbers import format_decimal

    return format_decimal(value, locale=locale_of(language)) if isinstance(value, int | float) else str(value)


@cache
def locale_of(language: str) -> "Locale":
    """What babel knows of a language; of its base where it knows no such region, of English where it knows neither."""
    from babel import Locale, UnknownLocaleError

    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")
