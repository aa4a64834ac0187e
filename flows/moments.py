"""Days and times as people write them, counted from the event's time: "domani alle 5", "next friday at noon".

English and Italian are read here, whole: what is left over when day and time are found makes the answer one
that was not understood. In other languages `dateparser` is asked for the day. Nothing here reads a clock.
"""

import datetime as dt
import re
from functools import cache
from typing import Final

from flows.quantities import read_number
from flows.words import ORDINALS, fold

_WEEKDAYS: Final = {
    word: day
    for day, words in enumerate(
        (
            "monday mon lunedi lun",
            "tuesday tue tues martedi mar",
            "wednesday wed mercoledi mer",
            "thursday thu thur thurs giovedi gio",
            "friday fri venerdi ven",
            "saturday sat sabato sab",
            "sunday sun domenica dom",
        )
    )
    for word in words.split()
}
_MONTHS: Final = {
    word: month
    for month, words in enumerate(
        (
            "january jan gennaio gen",
            "february feb febbraio",
            "march mar marzo",
            "april apr aprile",
            "may maggio mag",
            "june jun giugno giu",
            "july jul luglio lug",
            "august aug agosto ago",
            "september sep sept settembre set",
            "october oct ottobre ott",
            "november nov novembre",
            "december dec dicembre dic",
        ),
        start=1,
    )
    for word in words.split()
}
_DAYS: Final = {
    "today": 0,
    "oggi": 0,
    "tonight": 0,
    "stasera": 0,
    "stamattina": 0,
    "stanotte": 0,
    "the day after tomorrow": 2,
    "day after tomorrow": 2,
    "dopodomani": 2,
    "dopo domani": 2,
    "tomorrow": 1,
    "tmrw": 1,
    "domani": 1,
    "domattina": 1,
    "the day before yesterday": -2,
    "l altro ieri": -2,
    "altro ieri": -2,
    "yesterday": -1,
    "ieri": -1,
    "next week": 7,
    "settimana prossima": 7,
    "prossima settimana": 7,
}
_UNITS: Final = {
    **dict.fromkeys(("day", "days", "giorno", "giorni"), "days"),
    **dict.fromkeys(("week", "weeks", "settimana", "settimane"), "weeks"),
    **dict.fromkeys(("month", "months", "mese", "mesi"), "months"),
    **dict.fromkeys(("year", "years", "anno", "anni"), "years"),
    **dict.fromkeys(("hour", "hours", "ora", "ore"), "hours"),
    **dict.fromkeys(("minute", "minutes", "min", "minuto", "minuti"), "minutes"),
}
_LATE: Final = frozenset(
    ["afternoon", "evening", "night", "tonight", "pomeriggio", "sera", "stasera", "notte", "stanotte", "pm"]
)
_NIGHT: Final = frozenset(["night", "tonight", "notte", "stanotte"])
_EARLY: Final = frozenset(["morning", "mattina", "mattino", "stamattina", "domattina", "am"])
_FILLING: Final = frozenset(
    [
        "a",
        "about",
        "around",
        "at",
        "by",
        "circa",
        "da",
        "dal",
        "dalle",
        "de",
        "del",
        "dell",
        "della",
        "di",
        "early",
        "for",
        "from",
        "i",
        "il",
        "in",
        "is",
        "it",
        "la",
        "le",
        "l",
        "lo",
        "late",
        "next",
        "ok",
        "on",
        "please",
        "per",
        "perfavore",
        "piacere",
        "favore",
        "prossima",
        "prossimo",
        "questa",
        "questo",
        "scorsa",
        "scorso",
        "last",
        "sul",
        "the",
        "this",
        "verso",
        "vorrei",
        "would",
        "like",
        "would",
        "d",
        "ore",
        "ora",
        "o",
        "clock",
        "thanks",
        "grazie",
        "alle",
        "all",
        "ai",
        "e",
        "and",
        "of",
    ]
)
_ONE: Final = ("a", "an", "un", "una")
_PAST: Final = frozenset(("last", "scorso", "scorsa"))
_CLOCK: Final = re.compile(r"(?<![\d/.-])([01]?\d|2[0-4])\s*(?::|h|\.)\s*([0-5]\d)(?![\d/.]|-\d)")
_NUMERIC: Final = re.compile(r"(?<!\d)(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?!\d)")
_SHORT: Final = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})(?!\d)")
_NAMED_TIMES: Final = {
    "noon": (12, 0),
    "midday": (12, 0),
    "mezzogiorno": (12, 0),
    "mezzodi": (12, 0),
    "midnight": (0, 0),
    "mezzanotte": (0, 0),
}
_N: Final = r"([a-z]+|\d{1,2})"
_SPOKEN: Final = (
    (re.compile(rf"\bhalf past {_N}\b"), 30),
    (re.compile(rf"\bquarter past {_N}\b"), 15),
    (re.compile(rf"\bquarter to {_N}\b"), -15),
    (re.compile(rf"\b{_N} e mezz[ao]\b"), 30),
    (re.compile(rf"\b{_N} e un quarto\b"), 15),
    (re.compile(rf"\b{_N} e tre quarti\b"), 45),
    (re.compile(rf"\b{_N} meno un quarto\b"), -15),
)
_PAST_HOUR: Final = (re.compile(rf"\b{_N} (past|to) {_N}\b"), re.compile(rf"\b{_N} (e|meno) {_N}\b"))
_HOUR: Final = re.compile(rf"\b(?:alle|all|le|at|ore|by|dalle|h) (?:ore )?{_N}(?: o clock)?(?: (\d{{2}}))?\b")
_BEFORE_HOUR: Final = frozenset(["alle", "all", "le", "at", "ore", "by", "dalle", "h"])
_AND_A_HALF: Final = re.compile(r"\b(?:e mezz[ao]|and a half)\b")
_OCLOCK: Final = re.compile(rf"\b{_N} (?:o clock|in punto)\b")
_HALF_DAY: Final = re.compile(rf"\b{_N} ?(am|pm|a m|p m)\b")


def read_date(text: str, now: dt.datetime, language: str) -> dt.date | None:
    """The day that a text names, as seen from `now`; None when it names none, or something else besides."""
    words, _ = _time_in(_plain(text))
    words, day = _day_in(words, now.date())
    if day is not None and not _left_over(words):
        return day
    return _elsewhere(text, now, language)


def read_time(text: str, language: str) -> dt.time | None:
    """The time of day that a text names; a bare hour is one."""
    words, hour = _time_in(_plain(text))
    if hour is None:
        rest = [word for word in words.split() if word not in _FILLING and word not in _LATE | _EARLY]
        alone = _hour(rest[0]) if len(rest) == 1 else None
        return dt.time(_shifted(alone, words)) if alone is not None else None
    return None if _left_over(words) else hour


def read_moment(text: str, now: dt.datetime, language: str) -> dt.datetime | None:
    """Day and time in one text, in the zone of `now`; a time alone is the next one."""
    given = text.strip()
    try:
        exact = dt.datetime.fromisoformat(given) if "T" in given and len(given) < 40 else None
    except ValueError:
        exact = None
    if exact is not None:
        return exact if exact.tzinfo else exact.replace(tzinfo=now.tzinfo)
    plain = _plain(text)
    span = _span(plain)
    if span is not None and span[1] in ("hours", "minutes"):
        return _later(now, *span)
    words, hour = _time_in(plain)
    if hour is None:
        return None
    words, day = _day_in(words, now.date())
    if day is None:
        if not _left_over(words):
            found = dt.datetime.combine(now.date(), hour, now.tzinfo)
            return found if found > now else found + dt.timedelta(days=1)
        day = _elsewhere(words, now, language)
        return dt.datetime.combine(day, hour, now.tzinfo) if day else None
    if _left_over(words):
        return None
    found = dt.datetime.combine(day, hour, now.tzinfo)
    over = found <= now and day == now.date() and hour.hour < 5 and _LATE & set(plain.split())
    return found + dt.timedelta(days=1) if over else found  # the small hours of tonight are tomorrow's


def _later(now: dt.datetime, by: int, unit: str, words: str) -> dt.datetime | None:
    """So many hours or minutes from `now`, as they pass: also over a night when the clocks change."""
    half = _AND_A_HALF.search(words) if unit == "hours" else None
    if _left_over(_without(words, half) if half else words):
        return None
    span = dt.timedelta(**{unit: by}) + dt.timedelta(minutes=30 if half and by > 0 else 0)
    return (now.astimezone(dt.UTC) + span).astimezone(now.tzinfo).replace(second=0, microsecond=0)


def _plain(text: str) -> str:
    """Lower case, no accents; digits keep the signs between them."""
    kept = re.sub(
        r"(?<=\d)\s*([:./-])\s*(?=\d)", lambda found: {":": "q", ".": "w", "/": "x", "-": "z"}[found[1]], text
    )
    folded = fold(kept)
    for code, sign in (("q", ":"), ("w", "."), ("x", "/"), ("z", "-")):
        folded = re.sub(rf"(?<=\d){code}(?=\d)", sign, folded)
    folded = re.sub(r"(?<=\d)(am|pm)\b", r" \1", folded)
    return re.sub(r"\b([ap]) m\b", r"\1m", folded)


def _left_over(words: str) -> bool:
    known = _FILLING | _LATE | _EARLY
    return any(word not in known for word in words.split())


def _hour(word: str) -> int | None:
    number = int(word) if word.isdecimal() else read_number(word, True, "en") if word.isalpha() else None
    return int(number) if number is not None and 0 <= number <= 24 else None


def _shifted(hour: int, words: str) -> int:
    """The hour with what the part of the day says: "8 di sera" is 20."""
    said = set(words.split())
    night = bool(said & _NIGHT)
    if said & _LATE and 1 <= hour < 12 and not (hour < 5 and night):
        return hour + 12
    return 0 if hour == 24 or (hour == 12 and (night or "am" in said)) else hour


def _time_in(words: str) -> tuple[str, dt.time | None]:
    """What is left of the words, and the time of day that they held."""
    found = _CLOCK.search(words)
    if found:
        return _without(words, found), dt.time(_shifted(int(found[1]), words), int(found[2]))
    for name, (hour, minute) in _NAMED_TIMES.items():
        if re.search(rf"\b{name}\b", words):
            return re.sub(rf"\b(?:a |at )?{name}\b", " ", words), dt.time(hour, minute)
    for pattern, minutes in _SPOKEN:
        found = pattern.search(words)
        hour = _hour(found[1]) if found else None
        if found and hour is not None:
            past = (_shifted(hour, words) * 60 + minutes) % 1440
            return _without(words, found), dt.time(past // 60, past % 60)
    for pattern, english in zip(_PAST_HOUR, (True, False), strict=True):
        found = pattern.search(words)
        if found:
            hour, minutes = (found[3], found[1]) if english else (found[1], found[3])
            whole, part = _hour(hour), read_number(minutes, True, "en")
            if whole is not None and part is not None and 0 < part < 60:
                sign = -1 if found[2] in ("to", "meno") else 1
                past = (_shifted(whole, words) * 60 + sign * int(part)) % 1440
                return _without(words, found), dt.time(past // 60, past % 60)
    for pattern in (_HOUR, _OCLOCK, _HALF_DAY):
        for found in pattern.finditer(words):
            hour = _hour(found[1])
            if hour is None:
                continue
            minute = int(found[2]) if pattern is _HOUR and found[2] and int(found[2]) < 60 else 0
            return _without(words, found), dt.time(_shifted(hour, words), minute)
    return words, None


def _without(words: str, found: re.Match[str]) -> str:
    return f"{words[: found.start()]} {words[found.end() :]}"


def _day_in(words: str, today: dt.date) -> tuple[str, dt.date | None]:
    """What is left of the words, and the day that they held."""
    found = _NUMERIC.search(words)
    if found:
        return _without(words, found), _numeric(found[1], found[2], found[3], today)
    found = _SHORT.search(words)
    if found:
        return _without(words, found), _coming(int(found[1]), int(found[2]), today)
    span = _span(words)
    if span is not None and span[1] not in ("hours", "minutes"):
        return span[2], _moved(today, span[0], span[1])
    for name in sorted(_DAYS, key=len, reverse=True):
        if re.search(rf"\b{name}\b", words):
            rest = re.sub(rf"\b{name}\b", " ", words)
            return f"{rest} {name}" if name in _LATE | _EARLY else rest, today + dt.timedelta(
                days=_DAYS[name]
            )
    return _named(words, today)


def _named(words: str, today: dt.date) -> tuple[str, dt.date | None]:
    """A day of a month, with its year or without; else a day of the week; else a bare day of this month."""
    said = words.split()
    weekday = next((word for word in said if word in _WEEKDAYS and not _is_month(word, said)), "")
    month = next((word for word in said if word in _MONTHS and word != weekday), "")
    numbers = [
        (word, value)
        for before, word in zip(["", *said], said, strict=False)
        if before not in _BEFORE_HOUR and (value := _day_number(word)) is not None
    ]
    year = next((word for word in said if re.fullmatch(r"(19|20)\d\d", word)), "")
    if month and len(numbers) == 1:
        rest = [word for word in said if word not in (month, weekday, year, numbers[0][0])]
        day, number = numbers[0][1], _MONTHS[month]
        return " ".join(rest), _day(int(year), number, day) if year else _coming(day, number, today)
    if weekday and not numbers:
        ahead = (_WEEKDAYS[weekday] - today.weekday()) % 7
        days = (ahead or 7) if not _PAST & set(said) else ahead - 7
        return " ".join(word for word in said if word != weekday), today + dt.timedelta(days=days)
    if len(numbers) == 1 and not month:
        rest = [word for word in said if word not in (weekday, numbers[0][0])]
        first = today.replace(day=1)
        for ahead in range(13):
            found = _day(
                first.year + (first.month - 1 + ahead) // 12,
                (first.month - 1 + ahead) % 12 + 1,
                numbers[0][1],
            )
            if found and found >= today and (not weekday or found.weekday() == _WEEKDAYS[weekday]):
                return " ".join(rest), found
    return words, None


def _is_month(word: str, said: list[str]) -> bool:
    """ "mar" is a day and a month: beside a number it is the month."""
    return word in _MONTHS and any(_day_number(other) for other in said)


def _day_number(word: str) -> int | None:
    digits = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|º|o)?", word)
    if digits:
        value = int(digits[1])
    elif word in ORDINALS:
        value = ORDINALS[word]
    elif word in _FILLING or word in _WEEKDAYS or word in _MONTHS:
        return None
    else:
        value = read_number(word, True, "en") if word.isalpha() else None
    return int(value) if value is not None and 1 <= value <= 31 else None


def _span(words: str) -> tuple[int, str, str] | None:
    """A way from now ("in two weeks", "tra mezz'ora", "3 giorni fa"): how many, of what, and what is left."""
    half = re.search(r"\b(?:in|tra|fra) (?:half an hour|mezz ora|mezzora)\b", words)
    if half:
        return 30, "minutes", _without(words, half)
    found = re.search(r"\b(?:in|tra|fra) ([a-z]+|\d{1,4}) ([a-z]+)\b(?: time)?", words)
    back = re.search(r"\b([a-z]+|\d{1,4}) ([a-z]+) (?:ago|fa)\b", words)
    match = found or back
    if match is None or match[2] not in _UNITS:
        return None
    number = 1 if match[1] in _ONE else read_number(match[1], True, "en")
    if number is None:
        return None
    return int(number) * (1 if found else -1), _UNITS[match[2]], _without(words, match)


def _moved(day: dt.date, by: int, unit: str) -> dt.date | None:
    try:
        if unit in ("days", "weeks"):
            return day + dt.timedelta(**{unit: by})
    except OverflowError:
        return None
    months = day.year * 12 + day.month - 1 + (by if unit == "months" else by * 12)
    days = (_day(months // 12, months % 12 + 1, last) for last in range(day.day, 0, -1))
    return next((found for found in days if found), None)  # 31 January and a month: the last of February


def _numeric(first: str, second: str, last: str, today: dt.date) -> dt.date | None:
    """2026-03-01, 1/3/2026 or 1.3.26: the day comes first, unless only the other way is one."""
    year, day = (first, last) if len(first) == 4 else (last, first)
    whole = int(year)
    if len(year) <= 2:  # a century is the one that ends at most twenty years from now
        whole += 2000 if 2000 + whole <= today.year + 20 else 1900
    if len(first) != 4 and int(second) > 12:
        return _day(whole, int(day), int(second))
    return _day(whole, int(second), int(day))


def _coming(day: int, month: int, today: dt.date) -> dt.date | None:
    """The next such day, today counted; 29 February may be years away."""
    if month > 12:
        day, month = month, day
    for year in range(today.year, today.year + 9):
        found = _day(year, month, day)
        if found is not None and found >= today:
            return found
    return None


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _elsewhere(text: str, now: dt.datetime, language: str) -> dt.date | None:
    """The day as `dateparser` reads it, in a language that is not read here."""
    base = language.partition("-")[0]
    if base in ("en", "it", "") or len(text) > 60 or not _is_known(base):
        return None
    import dateparser

    settings = {
        "RELATIVE_BASE": now.replace(tzinfo=None),
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY",
        "PARSERS": ["relative-time", "custom-formats", "absolute-time"],
    }
    found = dateparser.parse(text, languages=[base], settings=settings)  # pyright: ignore[reportArgumentType]
    return found.date() if found else None


@cache
def _is_known(language: str) -> bool:
    from dateparser.data.languages_info import language_order

    return language in language_order
