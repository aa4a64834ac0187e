"""What an answer to a field is worth: a value of the field's type, or the sentence that says why not.

Choices are matched elsewhere (`flows.words`), since what was shown matters. Libraries that few forms need are
loaded at the first answer that does.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from flows.form import Field
from flows.moments import read_date, read_moment, read_time
from flows.quantities import read_number
from flows.words import is_one_of

YES: Final = (
    *(
        "yes",
        "y",
        "yeah",
        "yep",
        "yup",
        "ok",
        "okay",
        "sure",
        "true",
        "of course",
        "yes please",
        "right",
        "correct",
    ),
    *(
        "si",
        "sì",
        "certo",
        "va bene",
        "certamente",
        "d'accordo",
        "esatto",
        "giusto",
        "sì grazie",
        "si certo",
        "👍",
    ),
)
NO: Final = (
    "no",
    "n",
    "nope",
    "false",
    "no thanks",
    "not really",
    "no grazie",
    "per niente",
    "sbagliato",
    "👎",
)
SKIP: Final = ("skip", "salta", "-", "skip it", "pass", "passo")
_MARKS: Final = re.compile(r"\s*(?:\(at\)|\[at\]| at | chiocciola )\s*")
_DOTS: Final = re.compile(r"\s*(?: dot | punto )\s*")
_APART: Final = {  # a comma may be within a number: before decimals, or before three digits
    "number": r"[\n;]|,(?!\d)",
    "integer": r"[\n;]|,(?!\d{3}(?!\d))",
}
_URI: Final = re.compile(r"https?://\S+|(?<!\S)(?:[\w-]+\.)+[a-z]{2,}(?:[/?#]\S*)?(?!\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Here:
    """Where and when an answer is given: the event's time in the contact's zone, his language and country."""

    now: dt.datetime
    language: str = "en"
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why an answer does not do: a key of the engine's sentences, with its facts."""

    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict[str, object])


def read_answer(one: Field, text: str, here: Here) -> Any | Wrong:
    """What an answer to a field is worth, or why it does not do."""
    text = text.strip()
    if not text:
        return Wrong("not_text")
    if one.kind == "list":
        return _list(one, text, here)
    value = _read(one.kind, text, here)
    return value if isinstance(value, Wrong) else checked(one, value)


def checked(one: Field, value: Any) -> Any | Wrong:
    """The value if the field's schema takes it, else the sentence for the first keyword that does not."""
    fault = next(iter(one.validator.iter_errors(value)), None)  # pyright: ignore[reportUnknownMemberType]
    if fault is None:
        return value
    limit: Any = fault.validator_value
    match fault.validator:  # pyright: ignore[reportUnknownMemberType]
        case "minLength":
            return Wrong("too_short", {"limit": limit})
        case "maxLength":
            return Wrong("too_long", {"limit": limit})
        case "minimum" | "exclusiveMinimum":
            return Wrong("too_small", {"limit": limit})
        case "maximum" | "exclusiveMaximum":
            return Wrong("too_large", {"limit": limit})
        case "minItems":
            return Wrong("too_few", {"limit": limit})
        case "maxItems":
            return Wrong("too_many", {"limit": limit})
        case _:
            return Wrong("wrong_form")


def _read(kind: str, text: str, here: Here) -> Any | Wrong:
    match kind:
        case "number" | "integer":
            number = read_number(text, kind == "integer", here.language)
            return Wrong("not_integer" if kind == "integer" else "not_number") if number is None else number
        case "boolean":
            if is_one_of(text, YES):
                return True
            return False if is_one_of(text, NO) else Wrong("not_boolean")
        case "email":
            return _email(text)
        case "uri":
            return _uri(text)
        case "phone":
            return _phone(text, here)
        case "date":
            day = read_date(text, here.now, here.language)
            return day.isoformat() if day else Wrong("not_date", {"example": here.now.date().isoformat()})
        case "time":
            hour = read_time(text, here.language)
            return hour.isoformat() if hour is not None else Wrong("not_time")
        case "moment":
            moment = read_moment(text, here.now, here.language)
            example = f"{here.now.date().isoformat()} 17:30"
            return moment.isoformat() if moment else Wrong("not_moment", {"example": example})
        case _:
            return text


def _list(one: Field, text: str, here: Here) -> list[Any] | Wrong:
    """Several plain values: one a line, or between commas or semicolons."""
    parts = [part.strip() for part in re.split(_APART.get(one.item.kind, r"[\n;,]"), text)]
    values: list[Any] = []
    for part in parts:
        if part:
            value = read_answer(one.item, part, here)
            if isinstance(value, Wrong):
                return value
            values.append(value)
    return checked(one, values) if values else Wrong("not_text")


def _email(text: str) -> str | Wrong:
    if "@" not in text:
        text = _DOTS.sub(".", _MARKS.sub("@", text))
    from email_validator import (
        EmailNotValidError,
        validate_email,
    )  # only forms that ask for an address need it

    held = [part.strip(".,;:!?<>()\"'") for part in text.split() if "@" in part]
    try:
        return validate_email(held[0] if len(held) == 1 else text, check_deliverability=False).normalized
    except EmailNotValidError:
        return Wrong("not_email")


def _uri(text: str) -> str | Wrong:
    held = _URI.findall(text)
    if len(held) != 1:
        return Wrong("not_uri")
    found = held[0].rstrip(".,;!?)")
    found = found if "://" in found else f"https://{found}"
    try:
        return found if urlsplit(found).hostname else Wrong("not_uri")
    except ValueError:
        return Wrong("not_uri")


def _phone(text: str, here: Here) -> str | Wrong:
    """A number in E.164; without a country code it is one of the contact's own country."""
    import phonenumbers

    found = [match.number for match in phonenumbers.PhoneNumberMatcher(text[:200], _region(here))]
    if len(found) != 1:
        return Wrong("not_phone")
    return phonenumbers.format_number(found[0], phonenumbers.PhoneNumberFormat.E164)


def _region(here: Here) -> str | None:
    """The country of the contact's own number, else the one that his language is of, where that is one."""
    import phonenumbers

    try:
        own = phonenumbers.parse(f"+{here.phone.lstrip('+')}")
    except phonenumbers.NumberParseException:
        tag = here.language.partition("-")
        return tag[2].upper() or {"it": "IT", "fr": "FR", "de": "DE", "es": "ES"}.get(tag[0])
    return phonenumbers.region_code_for_number(own)
