"""What the fields of a contact's profile may hold."""

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal
from zoneinfo import available_timezones

from schemas.problems import Refused
from schemas.tables.contact_fields import ContactField

FieldType = Literal["string", "integer", "number", "boolean", "date"]

MOST_CHARS = 4096
BUILT_IN = ("name", "language", "timezone")  # every contact has them
KEPT_BY_US = ("id", "phone")  # what flows read under these names is not the profile's
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)


class FieldUndeclared(Refused):
    """The workspace has not declared such a field."""

    code = "contacts.field_undeclared"
    status = 422
    title = "No such field"
    sentence = "The workspace has not declared the contact field {name!r}. Declare it with PUT /contact-fields/{name}."


class FieldUnfit(Refused):
    """A value that the field cannot have."""

    code = "contacts.field_unfit"
    status = 422
    title = "The value does not fit the field"
    sentence = "The contact field {name!r} takes {wants}."


def json_schema(kind: str) -> dict[str, str]:
    """A field's type as JSON Schema."""
    return {"type": "string", "format": "date"} if kind == "date" else {"type": kind}


def fits(fields: Mapping[str, Any], declared: Mapping[str, ContactField]) -> None:
    """Hold values against their fields; None clears any. Raises `FieldUndeclared`, `FieldUnfit`."""
    for name, value in fields.items():
        if name in BUILT_IN:
            kind, (right, wants) = name, _BUILT_IN[name]
        elif name in declared:
            kind, (right, wants) = declared[name].type, _KINDS[declared[name].type]
        else:
            raise FieldUndeclared(name=name.encode("utf-8", "replace").decode())
        if value is not None and not right(value):
            raise FieldUnfit(name=name, wants=wants, kind=kind)


def _text(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > MOST_CHARS or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a character
        return False
    return True


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _number(value: Any) -> bool:
    return _whole(value) or (isinstance(value, float) and math.isfinite(value))


def _date(value: Any) -> bool:
    try:
        return _text(value) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_TEXT = f"a text of at most {MOST_CHARS} characters"
_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "string": (_text, _TEXT),
    "integer": (_whole, "a whole number of at most 64 bits"),
    "number": (_number, "a number"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "date": (_date, "a date: 2026-11-25"),
}
_BUILT_IN: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_text, _TEXT),
    "language": (
        lambda value: _text(value) and _LANGUAGE.fullmatch(value) is not None,
        "a language tag: it, or pt-BR",
    ),
    "timezone": (lambda value: _text(value) and value in available_timezones(), "a time zone: Europe/Rome"),
}
