"""The pure send policy: whether a message may go, when, and how."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from runtime.policy import Facts, Go, Refuse, Wait, answers, decide, manners, quiet_until
from sessions.budget import budget
from sessions.settings import SendPolicy

NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
NIGHT = dt.datetime(2026, 11, 25, 23, 30, tzinfo=dt.UTC)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
ZONES = ["", "Europe/Rome", "America/St_Johns", "Asia/Tokyo", "Pacific/Kiritimati", "no such zone"]


def rules(**changes: Any) -> SendPolicy:
    return SendPolicy.model_validate(changes)


CASES: dict[str, tuple[dict[str, Any], Facts, Any]] = {
    "a reply goes": ({}, Facts(NOON, NOON, True), Go()),
    "a reply goes at night": ({}, Facts(NIGHT, NIGHT, True), Go()),
    "a reminder goes by day": ({}, Facts(NOON, NOON - 3 * HOUR), Go()),
    "a reminder waits at night": (
        {},
        Facts(NIGHT, NIGHT - 3 * HOUR),
        Wait(8.5 * 3600, "policy.quiet_hours", ""),
    ),
    "quiet hours are the contact's": (
        {},
        Facts(NOON, NOON - HOUR, zone="Asia/Tokyo"),  # 21:00 there
        Wait(11 * 3600, "policy.quiet_hours", ""),
    ),
    "a zone that is none is the number's": (
        {"timezone": "Asia/Tokyo"},
        Facts(NOON, NOON - HOUR, zone="Mars/Base"),
        Wait(11 * 3600, "policy.quiet_hours", ""),
    ),
    "no quiet hours": ({"quiet_hours": "off"}, Facts(NIGHT, NIGHT - 3 * HOUR), Go()),
    "quiet hours in the middle of a day": (
        {"quiet_hours": "11:00-13:30"},
        Facts(NOON, NOON - HOUR),
        Wait(1.5 * 3600, "policy.quiet_hours", ""),
    ),
    "nobody who never wrote": ({}, Facts(NOON), Refuse("policy.not_a_reply", "")),
    "nobody who wrote long ago": ({}, Facts(NOON, NOON - 31 * DAY), Refuse("policy.not_a_reply", "")),
    "not even by a person": ({}, Facts(NOON, None, True), Refuse("policy.not_a_reply", "")),
    "a first message, where it is allowed": ({"first_messages": "allow"}, Facts(NOON), Go(True)),
    "only two on the first day of warm-up": (
        {"first_messages": "allow"},
        Facts(NOON, spent=2, warm_since=NOON - HOUR),
        Wait(12 * 3600, "policy.budget", ""),
    ),
    "all after it": (
        {"first_messages": "allow"},
        Facts(NOON, spent=19, warm_since=NOON - 14 * DAY),
        Go(True),
    ),
    "no more than the cap": (
        {"first_messages": "allow", "timezone": "Europe/Rome"},
        Facts(NOON, spent=20, warm_since=NOON - 99 * DAY),
        Wait(11 * 3600, "policy.budget", ""),
    ),
    "a contact counts once": (
        {"first_messages": "allow"},
        Facts(NOON, introduced=True, spent=99, warm_since=NOON),
        Go(),
    ),
    "nobody new while the channel holds": (
        {"first_messages": "allow"},
        Facts(NOON, introduced=True, held_until=NOON + HOUR),
        Wait(3600, "policy.held", ""),
    ),
    "known contacts go on meanwhile": ({}, Facts(NOON, NOON, True, held_until=NOON + HOUR), Go()),
    "a held number goes on afterwards": ({"first_messages": "allow"}, Facts(NOON, held_until=NOON), Go(True)),
    "messages to one contact keep their distance": (
        {"spacing": 5},
        Facts(NOON, NOON, True, since_last_s=2),
        Wait(3, "policy.spacing", ""),
    ),
    "and go after it": ({"spacing": 5}, Facts(NOON, NOON, True, since_last_s=5), Go()),
}


@pytest.mark.parametrize("case", CASES)
def test_decides(case: str) -> None:
    changes, facts, expected = CASES[case]
    decision = decide(rules(**changes), facts)
    match decision:
        case Wait(seconds, code, why):
            assert why
            assert Wait(seconds, code, "") == expected
        case Refuse(code, why):
            assert why
            assert Refuse(code, "") == expected
        case Go():
            assert decision == expected


moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 31), timezones=st.just(dt.UTC))
clocks = st.times().map(lambda at: f"{at:%H:%M}")


@given(moments, st.sampled_from(ZONES), clocks, clocks)
def test_quiet_hours_end_within_a_day_and_are_over_then(
    now: dt.datetime, zone: str, begin: str, end: str
) -> None:
    policy = rules(quiet_hours=f"{begin}-{end}", timezone="America/New_York")
    until = quiet_until(policy, now, zone)
    if until is not None:
        assert now < until <= now + dt.timedelta(hours=25)  # an autumn's night is an hour longer
        assert quiet_until(policy, until, zone) is None


@given(
    st.builds(
        Facts,
        now=moments,
        heard_at=st.none() | moments,
        answers=st.booleans(),
        zone=st.sampled_from(ZONES),
        since_last_s=st.floats(0, 100),
        introduced=st.booleans(),
        spent=st.integers(0, 30),
        warm_since=st.none() | moments,
        held_until=st.none() | moments,
    ),
    st.sampled_from(["refuse", "allow"]),
)
def test_whoever_waits_is_told_how_long_and_why(facts: Facts, first: str) -> None:
    decision = decide(rules(first_messages=first, spacing=10), facts)
    if isinstance(decision, Wait):
        assert decision.seconds > 0
        assert decision.why
    if isinstance(decision, Go) and first == "refuse":
        assert facts.heard_at is not None
        assert not decision.new


@given(st.integers(0, 1000), st.integers(0, 60), st.integers(0, 100))
def test_the_budget_grows_daily_to_the_cap(cap: int, warm_up: int, day: int) -> None:
    policy = rules(new_contacts=cap, warm_up_days=warm_up)
    today, tomorrow = (budget(policy, NOON, NOON + days * DAY) for days in (day, day + 1))
    assert today <= tomorrow <= cap
    assert today >= min(cap, 1)
    assert day < warm_up or today == cap
    assert budget(policy, None, NOON) == budget(policy, NOON, NOON)


@given(st.integers(0, 5000), st.booleans(), st.floats(0, 1))
def test_typing_takes_as_long_as_the_text_within_bounds(length: int, first: bool, dice: float) -> None:
    def draw(low: float, high: float) -> float:
        return min(high, low + (high - low) * dice)

    way, longer = manners(length, first, draw), manners(length + 1, first, draw)
    assert 0.2 <= way.pause_s <= 1.8 + 1e-9
    assert 0.5 <= way.typing_s <= longer.typing_s <= 8.0


def test_what_comes_shortly_after_a_word_answers_it() -> None:
    assert answers(NOON, NOON + dt.timedelta(minutes=15))
    assert not answers(NOON, NOON + dt.timedelta(minutes=16))
    assert not answers(None, NOON)
    assert answers(NOON, NOON - HOUR)  # read back after he wrote again


@pytest.mark.parametrize(
    "change",
    [{"quiet_hours": "9-5"}, {"quiet_hours": "24:00-08:00"}, {"timezone": "Mars/Base"}, {"timezone": "../etc"},
     {"spacing": -1}, {"known_days": 0}, {"policy": "maybe"}],
    ids=str,
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rules(**change)
