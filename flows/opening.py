"""When a bot's people are there: the opening hours of `bot.yaml`, in the bot's time zone.

A day is a weekday (`mon`), a span of them (`mon-fri`) or a date (`2026-12-25`), which goes before its weekday.
Hours are spans like `9:00-13:00`; one that ends before it begins lasts until the next day. `closed` is none.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from flows.wording import worded, wording_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED = "closed"
AHEAD = 400  # days that are looked at: a year, and some more

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_DAY = 24 * 60

Hours = tuple[tuple[int, int], ...]
"""Spans of a day in minutes from its midnight; the end may lie in the next day."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The hours of each weekday from Monday, and those of single dates."""

    week: tuple[Hours, ...]
    dates: Mapping[dt.date, Hours]

    def opens(self, at: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
        """The first moment from `at` on at which it is open; None when there is none within `AHEAD` days."""
        today = at.astimezone(zone).date()
        for ahead in range(-1, AHEAD):
            day = today + dt.timedelta(days=ahead)
            midnight = dt.datetime.combine(day, dt.time())
            for begins, ends in self.dates.get(day, self.week[day.weekday()]):
                first, last = (
                    (midnight + dt.timedelta(minutes=minutes)).replace(tzinfo=zone).astimezone(dt.UTC)
                    for minutes in (begins, ends)
                )
                if at < last:
                    return max(first, at)
        return None


def read_opening(written: Mapping[str, str | Sequence[str]]) -> Opening:
    """The opening hours that `bot.yaml` gives. Raises `ValueError` with the key as its second argument."""
    week: list[Hours] = [()] * len(DAYS)
    dates: dict[dt.date, Hours] = {}
    for key, given in written.items():
        try:
            hours = _hours(given.split(",") if isinstance(given, str) else given)
            for day in _days(key):
                if isinstance(day, dt.date):
                    dates[day] = hours
                else:
                    week[day] = hours
        except ValueError as fault:
            raise ValueError(wording_of(fault), key) from None
    return Opening(tuple(week), dates)


def _days(key: str) -> list[int | dt.date]:
    first, _, last = key.partition("-")
    if first in DAYS and (not last or last in DAYS):
        begin, end = DAYS.index(first), DAYS.index(last or first)
        if begin > end:
            raise ValueError(worded("{key!r} goes backwards: the week begins with mon", key=key))
        return list(range(begin, end + 1))
    try:
        return [dt.date.fromisoformat(key)]
    except ValueError:
        raise ValueError(
            worded("{key!r} is no day: write for example mon, mon-fri or 2026-12-25", key=key)
        ) from None


def _hours(given: Sequence[str]) -> Hours:
    if [one.strip() for one in given] == [CLOSED]:
        return ()
    spans = sorted(map(_span, given))
    for (_, ends), (begins, _) in pairwise(spans):
        if begins < ends:
            raise ValueError(worded("two spans of a day overlap"))
    return tuple(spans)


def _span(written: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(written.strip())
    if found is not None:
        hour, minute, until_hour, until_minute = map(int, found.groups())
        begins, ends = hour * 60 + minute, until_hour * 60 + until_minute
        if minute < 60 and until_minute < 60 and begins < _DAY and ends <= _DAY and begins != ends:
            return begins, ends if ends > begins else ends + _DAY
    raise ValueError(
        worded(
            "{written!r} is no span of hours: write for example 9:00-18:00, or closed",
            written=written.strip(),
        )
    )
