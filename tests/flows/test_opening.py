"""Opening hours: when it is open next, and what is no opening hours."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows.opening import read_opening

ROME = ZoneInfo("Europe/Rome")
SHOP: dict[str, Any] = {
    "mon-fri": "9:00-13:00, 14:00-18:00",
    "sat": ["20:00-02:00"],
    "2026-12-25": "closed",
    "2026-12-27": "10:00-12:00",
}


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-23T08:59", "2026-11-23T09:00"),
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T12:59", "2026-11-23T12:59"),
        ("2026-11-23T13:00", "2026-11-23T14:00"),
        ("2026-11-27T18:00", "2026-11-28T20:00"),  # Friday evening: the night of Saturday comes next
        ("2026-11-29T01:00", "2026-11-29T01:00"),  # which lasts until Sunday
        ("2026-11-29T02:00", "2026-11-30T09:00"),
        ("2026-12-24T19:00", "2026-12-26T20:00"),  # Christmas, though a Friday
        ("2026-12-27T02:00", "2026-12-27T10:00"),  # a Sunday that is open
        ("2026-10-24T22:00", "2026-10-24T22:00"),
        ("2026-03-29T04:00", "2026-03-30T09:00"),  # the day on which clocks go forward
    ],
)
def test_when_it_is_open_next(at: str, opens: str) -> None:
    def moment(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text).replace(tzinfo=ROME)

    assert read_opening(SHOP).opens(moment(at), ROME) == moment(opens)


def test_what_is_always_closed_never_opens() -> None:
    assert read_opening({"mon": "closed"}).opens(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), ROME) is None


@pytest.mark.parametrize(
    ("key", "hours", "says"),
    [
        ("monday", "9:00-18:00", "is no day"),
        ("fri-mon", "9:00-18:00", "goes backwards"),
        ("mon-", "9-18", "no span of hours"),
        ("mon", "9:00-9:00", "no span of hours"),
        ("mon", "9:00-25:00", "no span of hours"),
        ("mon", "9:60-10:00", "no span of hours"),
        ("mon", "9:00-12:00, 11:00-13:00", "overlap"),
    ],
)
def test_what_is_no_opening_hours(key: str, hours: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_opening({key: hours})
