"""A form's fields: what JSON Schema and `ui_schema` say about how each is asked, shown and read.

`read_answer` turns what a contact wrote into a value of the field's type, or into the sentence that says
why not. The subset here is text, number, integer, boolean, enum (and `oneOf` with titles), e-mail and date.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from email_validator import EmailNotValidError, validate_email
from jsonschema import Draft202012Validator

from flows.data_schema import resolved, validator_of
from flows.words import is_one_of
from schemas.flow import TextDocument

YES = ("yes", "y", "yeah", "yep", "ok", "sure", "true", "si", "sì", "certo", "va bene", "👍")
NO = ("no", "n", "nope", "false", "👎")
SKIP = ("skip", "salta", "-")
BACK = ("back", "go back", "indietro", "torna indietro")
CANCEL = ("cancel", "annulla")
CHANGE = ("change", "edit", "correct", "cambia", "modifica", "correggi")
_DATE = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})")
_NUMBER = re.compile(r"[-+]?\d[\d.,' ]*")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:(?:\.\d{3})+|(?:,\d{3})+)")  # 1.000.000 as people write it


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a flow's data as a form asks for it. `choices` are (value, label) pairs."""

    name: str
    kind: str  # text | number | integer | boolean | choice | email | date
    title: TextDocument
    description: TextDocument
    prompt: TextDocument
    help: TextDocument
    placeholder: str
    required: bool
    asked: bool
    schema: Mapping[str, Any]
    choices: tuple[tuple[Any, TextDocument], ...] = ()
    validator: Draft202012Validator | None = field(default=None, compare=False)

    def takes(self, value: Any) -> bool:
        """Whether the field's schema takes a value."""
        return self.validator is None or self.validator.is_valid(value)  # pyright: ignore[reportUnknownMemberType]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why an answer does not do: a key of the engine's sentences, with its facts."""

    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict[str, object])


def fields_of(schema: Mapping[str, Any], ui_schema: Mapping[str, Any]) -> dict[str, Field]:
    """The fields of a data schema in the order of `ui:order`, else as declared."""
    properties = cast("dict[str, dict[str, Any]]", schema.get("properties") or {})
    required = set(cast("list[str]", schema.get("required") or []))
    names = ordered(list(properties), hint(ui_schema, "order"))
    return {
        name: _field(
            name, resolved(properties[name], schema), ui_schema.get(name) or {}, name in required, schema
        )
        for name in names
        if isinstance(properties.get(name), dict)
    }


def ordered(names: Sequence[str], order: Any) -> list[str]:
    """`names` in the order of a `ui:order`, where `*` stands for the rest."""
    if not isinstance(order, list):
        return list(names)
    wanted = cast("list[str]", order)
    rest = [name for name in names if name not in wanted]
    placed: list[str] = []
    for name in wanted:
        placed.extend(rest if name == "*" else [name] if name in names else [])
    return placed + [name for name in rest if name not in placed]


def hint(ui_schema: Mapping[str, Any], key: str) -> Any:
    """A hint by its key: `ui:X`, or the same under `ui:options`."""
    if f"ui:{key}" in ui_schema:
        return ui_schema[f"ui:{key}"]
    options = ui_schema.get("ui:options")
    return cast("dict[str, Any]", options).get(key) if isinstance(options, dict) else None


def _field(
    name: str, schema: dict[str, Any], ui: dict[str, Any], required: bool, root: Mapping[str, Any]
) -> Field:
    choices = _choices(schema, ui)
    hidden = (
        hint(ui, "widget") == "hidden"
        or hint(ui, "readonly")
        or hint(ui, "disabled")
        or schema.get("readOnly")
    )
    return Field(
        name=name,
        kind=_kind(schema, bool(choices)),
        title=hint(ui, "title") or schema.get("title") or name.replace("_", " ").capitalize(),
        description=hint(ui, "description") or schema.get("description") or "",
        prompt=hint(ui, "prompt") or "",
        help=hint(ui, "help") or "",
        placeholder=str(hint(ui, "placeholder") or ""),
        required=required,
        asked=not hidden and "const" not in schema,
        schema=schema,
        choices=choices,
        validator=validator_of(schema, root),
    )


def _kind(schema: Mapping[str, Any], has_choices: bool) -> str:
    if has_choices:
        return "choice"
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in cast("list[str]", kind) if one != "null"), "string")
    if kind in ("number", "integer", "boolean"):
        return str(kind)
    return {"email": "email", "date": "date"}.get(str(schema.get("format")), "text")


def _choices(schema: dict[str, Any], ui: dict[str, Any]) -> tuple[tuple[Any, TextDocument], ...]:
    titled = schema.get("oneOf") or schema.get("anyOf")
    if isinstance(titled, list) and all(
        isinstance(one, dict) and "const" in one for one in cast("list[Any]", titled)
    ):
        pairs = [
            (one["const"], one.get("title", str(one["const"])))
            for one in cast("list[dict[str, Any]]", titled)
        ]
    elif isinstance(schema.get("enum"), list):
        values = cast("list[Any]", schema["enum"])
        labels: Any = hint(ui, "enumNames") or schema.get("enumNames")
        pairs = [(value, _label(labels, place, value)) for place, value in enumerate(values)]
    else:
        return ()
    order = hint(ui, "enumOrder")
    if isinstance(order, list):
        by_value = {str(value): (value, label) for value, label in pairs}
        pairs = [
            by_value[key] for key in ordered(list(by_value), [str(one) for one in cast("list[Any]", order)])
        ]
    disabled = hint(ui, "enumDisabled")
    if isinstance(disabled, list):
        pairs = [pair for pair in pairs if pair[0] not in cast("list[Any]", disabled)]
    return tuple(pairs)


def _label(labels: Any, place: int, value: Any) -> TextDocument:
    if isinstance(labels, dict):
        return cast("dict[str, Any]", labels).get(str(value), str(value))
    if isinstance(labels, list) and place < len(cast("list[Any]", labels)):
        label = cast("list[Any]", labels)[place]
        return cast("dict[str, Any]", label) if isinstance(label, dict) else str(label)
    return str(value)


def read_answer(one: Field, text: str, today: dt.date) -> Any | Wrong:
    """What an answer to a field is worth, or why it does not do. Choices are matched elsewhere."""
    text = text.strip()
    if not text:
        return Wrong("not_text")
    match one.kind:
        case "number" | "integer":
            return _checked(one, _read_number(text, whole=one.kind == "integer"))
        case "boolean":
            if is_one_of(text, YES):
                return True
            return False if is_one_of(text, NO) else Wrong("not_boolean")
        case "email":
            try:
                return _checked(one, validate_email(text, check_deliverability=False).normalized)
            except EmailNotValidError:
                return Wrong("not_email")
        case "date":
            day = _read_date(text, today)
            return _checked(one, day) if day else Wrong("not_date", {"example": today.isoformat()})
        case _:
            return _checked(one, text)


def _checked(one: Field, value: Any | Wrong) -> Any | Wrong:
    """The value if the field's schema takes it, else the sentence for the first keyword that does not."""
    if isinstance(value, Wrong) or one.validator is None:
        return value
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
        case _:
            return Wrong("wrong_form")


def _read_number(text: str, whole: bool) -> int | float | Wrong:
    wrong = Wrong("not_integer" if whole else "not_number")
    if not _NUMBER.fullmatch(text) or len(text) > 40:
        return wrong
    digits = text.replace(" ", "").replace("'", "")
    if _GROUPED.fullmatch(digits) and (whole or digits.count(".") + digits.count(",") > 1):
        digits = digits.replace(",", "").replace(".", "")
    if "," in digits and "." in digits:
        decimal = max(digits.rfind(","), digits.rfind("."))
        digits = digits[:decimal].replace(",", "").replace(".", "") + "." + digits[decimal + 1 :]
    else:
        digits = digits.replace(",", ".")
    try:
        number = float(digits)
    except ValueError:
        return wrong
    if number.is_integer() and (whole or "." not in digits) and abs(number) < 2**53:
        return int(number)
    return wrong if whole else number


def _read_date(text: str, today: dt.date) -> str | None:
    """A date as 2026-03-01, 1/3/2026 or 1.3.26 (day first), today or tomorrow; None when it is none of these."""
    if is_one_of(text, ("today", "oggi")):
        return today.isoformat()
    if is_one_of(text, ("tomorrow", "domani")):
        return (today + dt.timedelta(days=1)).isoformat()
    found = _DATE.fullmatch(text)
    if not found:
        return None
    first, month, last = found.groups()
    year, day = (first, last) if len(first) == 4 else (last, first)
    try:
        return dt.date(int(year) + (2000 if len(year) <= 2 else 0), int(month), int(day)).isoformat()
    except ValueError:
        return None
