"""Functions of expressions that write values as a contact reads them: days, numbers, money, plurals, lists, names.

They are pure: the language and the time zone are those of the turn, which `reading_as` sets while one expression is
evaluated. None of them fails for what a contact wrote: a text that is no date is shown as it stands.

Sources: Unicode CLDR through babel (patterns: UTS 35, part 4; plural forms: UTS 35, part 3).
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from cel_expr_python import cel  # pyright: ignore[reportMissingTypeStubs]

from flows.printed import locale_of
from flows.texts import spoken
from flows.wording import NO_WORDS, Wording, worded
from flows.zones import zone_of

BOT: Final = "@bot"  # the key under which a turn's values hold the compiled bot; no expression can name it
STYLES: Final = ("short", "medium", "long", "full")
LISTS: Final = {"and": "standard", "or": "or"}
MASK: Final = "•"
SHOWN: Final = 4  # characters at the end that a mask leaves

_UTC: Final = ZoneInfo("UTC")
_SAMPLE: Final = dt.datetime(2026, 1, 2, 3, 4, tzinfo=_UTC)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PART: Final = re.compile(r"[^\W\d_]+")
_TITLES: Final = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "sir",
        "sig",
        "sigra",
        "signor",
        "signora",
        "dott",
        "dottssa",
        "avv",
        "ing",
        "herr",
        "frau",
        "m",
        "mme",
        "mlle",
        "señor",
        "señora",
        "sr",
        "sra",
    ]
)
_reading: ContextVar[tuple[str, ZoneInfo]] = ContextVar("reading", default=("en", _UTC))


@dataclass(frozen=True, slots=True)
class Function:
    """A function as authors see it. `longest` is what it writes at most, in characters; None when that has no bound.

    `parameters` are the types of each way to call it, in CEL's words; with `member` it is written after its first
    argument and a dot. `check` says what is wrong with the arguments that are written out, if anything.
    """

    name: str
    says: str
    example: str
    run: Callable[..., str]
    parameters: tuple[tuple[str, ...], ...]
    member: bool = False
    longest: int | None = None
    check: Callable[[Sequence[Any]], Wording] | None = None

    @property
    def signature(self) -> str:
        """How it is called, the longest way."""
        given = max(self.parameters, key=len)
        if self.member:
            return f"{given[0]}.{self.name}({', '.join(given[1:])})"
        return f"{self.name}({', '.join(given)})"


@contextmanager
def reading_as(language: str, zone: ZoneInfo) -> Generator[None]:
    """While this lasts, what is written is for a contact of that language and time zone."""
    token = _reading.set((language, zone))
    try:
        yield
    finally:
        _reading.reset(token)


def reading_of(given: Mapping[str, Any]) -> tuple[str, ZoneInfo]:
    """The language and time zone in which the values of one turn are read: the contact's, else the bot's."""
    bot: Any = given.get(BOT)
    contact: Mapping[str, Any] = given.get("contact") or {}
    language, zone = str(contact.get("language") or ""), str(contact.get("timezone") or "")
    if bot is None:
        return language or "en", zone_of(zone) or _UTC
    spoken_to = spoken(language, bot.languages)
    same = language.partition("-")[0] == spoken_to.partition("-")[0]
    return language if same else spoken_to, zone_of(zone) or zone_of(bot.document.timezone) or _UTC


def _date(value: Any, style: str = "long") -> str:
    from babel.dates import format_date

    day = _moment(value)
    return str(value) if day is None else _dated(day, style, format_date)


def _time(value: Any, style: str = "short") -> str:
    from babel.dates import format_time

    if isinstance(value, str) and (clock := _clock(value)) is not None:
        value = clock
    moment = value if isinstance(value, dt.time) else _moment(value)
    return str(value) if moment is None else _dated(moment, style, format_time)


def _datetime(value: Any, style: str = "medium") -> str:
    from babel.dates import format_datetime

    moment = _moment(value)
    return str(value) if moment is None else _dated(moment, style, format_datetime)


def _decimal(value: float, digits: int | None = None) -> str:
    from babel.numbers import format_decimal

    return format_decimal(_finite(value), format=_pattern(digits), locale=_locale())


def _percent(value: float, digits: int | None = None) -> str:
    from babel.numbers import format_percent

    locale = _locale()
    own = str(locale.percent_formats[None].pattern)
    pattern = None if digits is None else own.replace("#,##0", str(_pattern(digits)))
    return format_percent(_finite(value), format=pattern, locale=locale)


def _money(value: float, currency: str) -> str:
    from babel.numbers import format_currency

    return format_currency(_finite(value), currency, locale=_locale())


def _plural(value: float, forms: Mapping[str, str]) -> str:
    _finite(value)
    exact = forms.get(f"={value:g}")
    form = exact if exact is not None else forms.get(_locale().plural_form(value))
    return (form if form is not None else forms.get("other", "#")).replace("#", _decimal(value))


def _listed(values: Sequence[Any], how: str = "and") -> str:
    from babel.lists import format_list

    style: Any = LISTS.get(how, "standard")
    return format_list([_one(value) for value in values], style, locale=_locale())


def _mask(text: str, shown: int = SHOWN) -> str:
    name, at, host = text.rpartition("@")
    if at and name:
        return f"{name[0]}{MASK * 3}@{host}"
    letters = sum(char.isalnum() for char in text)
    hidden = letters - shown if letters > shown >= 0 else letters
    made: list[str] = []
    for char in text:
        made.append(MASK if char.isalnum() and hidden > 0 else char)
        hidden -= char.isalnum()
    return "".join(made)


def _first_name(text: str) -> str:
    family, comma, given = text.partition(",")
    words = _WORD.findall(given if comma and given.strip() else family)
    if len(words) > 1 and words[0].casefold() in _TITLES:
        words = words[1:]
    if not words:
        return text.strip()
    return words[0] if not (words[0].islower() or words[0].isupper()) else _title_case(words[0])


def _title_case(text: str) -> str:
    return _WORD.sub(lambda word: _capitals(word[0]), text)


def _capitals(word: str) -> str:
    """D’Angelo, but It’s: what follows an apostrophe is a name when it has three letters or more."""
    return _PART.sub(
        lambda part: part[0].capitalize() if not part.start() or len(part[0]) > 2 else part[0].lower(), word
    )


def _lower(text: str) -> str:
    return text.lower()


def _upper(text: str) -> str:
    return text.upper()


# What the arguments that an author wrote out have to be.


def _check_date(given: Sequence[Any]) -> Wording:
    return _check_style(given, _date, _SAMPLE)


def _check_time(given: Sequence[Any]) -> Wording:
    return _check_style(given, _time, _SAMPLE)


def _check_datetime(given: Sequence[Any]) -> Wording:
    return _check_style(given, _datetime, _SAMPLE)


def _check_style(given: Sequence[Any], run: Callable[..., str], sample: dt.datetime) -> Wording:
    style = given[1] if len(given) > 1 else "short"
    if not isinstance(style, str) or style in STYLES:
        return NO_WORDS
    known = not style.isalpha() or len(set(style)) == 1 or _skeleton(style) is not None
    wrong = "" if known and run(sample, style) != run(sample, "medium") else style
    if not wrong:
        return NO_WORDS
    return worded(
        "{style!r} is no style: write {styles}, or a pattern like 'd MMMM' or 'EEEE'",
        style=style,
        styles=", ".join(STYLES),
    )


def _check_money(given: Sequence[Any]) -> Wording:
    from babel.numbers import list_currencies

    code = given[1]
    if not isinstance(code, str) or code in list_currencies():
        return NO_WORDS
    return worded("there is no currency {code!r}", code=code)


def _check_plural(given: Sequence[Any]) -> Wording:
    forms: Any = given[1]
    if not isinstance(forms, Mapping) or "other" in forms:
        return NO_WORDS
    return worded("plural needs a form 'other', for all the numbers that no other form names")


def _check_list(given: Sequence[Any]) -> Wording:
    how = given[1] if len(given) > 1 else "and"
    if not isinstance(how, str) or how in LISTS:
        return NO_WORDS
    return worded("a list is joined by 'and' or 'or', not {how!r}", how=how)


_MOMENTS: Final = (
    ("timestamp",),
    ("string",),
    ("timestamp", "string"),
    ("string", "string"),
)
FUNCTIONS: Final[Mapping[str, Function]] = {
    one.name: one
    for one in (
        Function(
            "date",
            "A day in the contact's language and time zone. The second argument is short, medium, long (which is "
            "meant without it), full, fields in the language's own order (`'MMMMd'`), or a pattern (`'d MMMM'`).",
            "date('2026-12-24', 'full')",
            _date,
            _MOMENTS,
            longest=40,
            check=_check_date,
        ),
        Function(
            "time",
            "A time of the day, likewise; short is meant.",
            "time('2026-12-24T18:30')",
            _time,
            _MOMENTS,
            longest=40,
            check=_check_time,
        ),
        Function(
            "datetime",
            "Day and time, likewise; medium is meant.",
            "datetime('2026-12-24T18:30', 'short')",
            _datetime,
            _MOMENTS,
            longest=60,
            check=_check_datetime,
        ),
        Function(
            "decimal",
            "A number with the language's signs, with so many decimals.",
            "decimal(1234.5, 2)",
            _decimal,
            (("double",), ("int",), ("double", "int"), ("int", "int")),
            longest=32,
        ),
        Function(
            "percent",
            "A share of one as a percentage, with so many decimals.",
            "percent(0.256, 1)",
            _percent,
            (("double",), ("int",), ("double", "int"), ("int", "int")),
            longest=34,
        ),
        Function(
            "money",
            "An amount of a currency, by its ISO 4217 code.",
            "money(1234.5, 'EUR')",
            _money,
            (("double", "string"), ("int", "string")),
            longest=36,
            check=_check_money,
        ),
        Function(
            "plural",
            "The form that the language has for this number; `#` in it is the number. Forms are zero, one, two, few, "
            "many, other (needed), and exact ones like `=0`.",
            "plural(2, {'=0': 'nobody', 'one': '# guest', 'other': '# guests'})",
            _plural,
            (("int", "map"), ("double", "map")),
            check=_check_plural,
        ),
        Function(
            "listed",
            "A list in words, joined by the language's “and” (or by 'or').",
            "listed(['Anna', 'Luca', 'Mia'])",
            _listed,
            (("list",), ("list", "string")),
            check=_check_list,
        ),
        Function(
            "mask",
            "The text with all but its last characters (4 of them) hidden; of an e-mail address, the name.",
            "'IT60X0542811101'.mask()",
            _mask,
            (("string",), ("string", "int")),
            member=True,
        ),
        Function(
            "firstName",
            "The first name in a full name, without titles.",
            "'dott. ROSSI, anna maria'.firstName()",
            _first_name,
            (("string",),),
            member=True,
        ),
        Function(
            "titleCase",
            "Each word with a capital letter.",
            '"anna d\'angelo".titleCase()',
            _title_case,
            (("string",),),
            member=True,
        ),
        Function(
            "lower", "In small letters, accents too.", "'ÈTA'.lower()", _lower, (("string",),), member=True
        ),
        Function(
            "upper", "In capitals, accents too.", "'perché'.upper()", _upper, (("string",),), member=True
        ),
    )
}
_TYPES: Final = {
    "timestamp": cel.Type.TIMESTAMP,
    "string": cel.Type.STRING,
    "double": cel.Type.DOUBLE,
    "int": cel.Type.INT,
    "map": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
    "list": cel.Type.List(cel.Type.DYN),
}


@cache
def declarations() -> tuple[cel.FunctionDecl, ...]:
    """The functions as CEL declares them."""
    return tuple(
        cel.FunctionDecl(
            one.name,
            [
                cel.Overload(
                    f"{one.name}_{'_'.join(kinds)}",
                    cel.Type.STRING,
                    [_TYPES[kind] for kind in kinds],
                    is_member=one.member,
                    impl=one.run,
                )
                for kinds in one.parameters
            ],
        )
        for one in FUNCTIONS.values()
    )


def _moment(value: Any) -> dt.datetime | None:
    """A moment where the contact is; a written one without a zone is there already. None for what is none."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    try:
        return value.astimezone(_reading.get()[1]) if value.tzinfo else value
    except OverflowError:
        return None


def _clock(value: str) -> dt.time | None:
    try:
        return dt.time.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None


def _dated(moment: Any, style: str, write: Callable[..., str]) -> str:
    """The moment in a style, by the fields that a skeleton names, or by a pattern; `medium` for what is none."""
    locale = _locale()
    if style in STYLES:
        return _written(write, moment, style, locale)
    pattern = _skeleton(style) if style.isalpha() and len(set(style)) > 1 else style
    try:
        return _written(write, moment, pattern or "medium", locale)
    except (AttributeError, KeyError, NotImplementedError, TypeError, ValueError):
        return _written(write, moment, "medium", locale)


def _written(write: Callable[..., str], moment: Any, how: str, locale: Any) -> str:
    return write(moment.replace(tzinfo=None), how, locale=locale)


def _skeleton(fields: str) -> str | None:
    """The language's pattern for these fields; None where it has none that is near."""
    from babel.dates import match_skeleton

    known: Any = _locale().datetime_skeletons
    found = fields if fields in known else match_skeleton(fields, known)
    return known[found].pattern if found in known else None


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("a number is out of range")
    return value


def _pattern(digits: int | None) -> str | None:
    return None if digits is None else "#,##0" + ("." + "0" * min(digits, 9) if digits > 0 else "")


def _one(value: Any) -> str:
    return _decimal(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _locale() -> Any:
    return locale_of(_reading.get()[0])
