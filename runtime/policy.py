"""The send policy: whether a message may go, when, and how a person would send it.

It lowers the risk that a channel takes a number for a machine that writes to strangers, and does not remove it.
Everything here is pure: the clock and the dice are arguments. `decide` answers for one message, at the
moment when it is first in its conversation's queue; a `Wait` is asked again when it is over, or earlier when
the contact writes.

A contact is **known** while he wrote within the last `known_days`; else he is new. A message **answers** when
the contact wrote shortly before it was made, or when a person wrote it: people do not keep quiet hours.
"""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from sessions.budget import begins, budget, day_of
from sessions.settings import SendPolicy

ANSWERS_FOR = dt.timedelta(minutes=15)
PAUSES = (0.6, 1.8)  # seconds between reading and typing
BETWEEN = (0.2, 0.7)  # the same before what follows an answer
KEYS_A_SECOND = (14.0, 26.0)
TYPING = (0.5, 8.0)  # seconds, at least and at most


@dataclass(frozen=True, slots=True)
class Go:
    """The message may go. `new`: it is the first to a new contact, and counts to the day's budget."""

    new: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again in `seconds`. `why` is a sentence for people, `code` names the rule."""

    seconds: float
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """The message will never go."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision needs to know of a message, its contact and its number.

    `heard_at`: when the contact last wrote; `since_last_s`: seconds since the last message to him; `zone`: his
    time zone, where it is known. `introduced`: he was new within the last `known_days`, and was counted then;
    `spent`: how many were, today; `warm_since`: when the first ever was. `held_until`: the channel takes no
    messages to new contacts until then.
    """

    now: dt.datetime
    heard_at: dt.datetime | None = None
    answers: bool = False
    zone: str = ""
    since_last_s: float = math.inf
    introduced: bool = False
    spent: int = 0
    warm_since: dt.datetime | None = None
    held_until: dt.datetime | None = None


def decide(rules: SendPolicy, facts: Facts) -> Go | Wait | Refuse:
    """Whether a message may go now."""
    new = is_new(rules, facts.heard_at, facts.now)
    if new:
        if rules.first_messages == "refuse":
            return Refuse("policy.not_a_reply", _not_a_reply(rules, facts))
        if facts.held_until is not None and facts.held_until > facts.now:
            why = f"the channel lets this number write to nobody new until {facts.held_until:%Y-%m-%d %H:%M} UTC"
            return Wait((facts.held_until - facts.now).total_seconds(), "policy.held", why)
    if not facts.answers and (until := quiet_until(rules, facts.now, facts.zone)) is not None:
        why = f"quiet hours of the contact, until {until.astimezone(_zone(rules, facts.zone)):%H:%M}"
        return Wait((until - facts.now).total_seconds(), "policy.quiet_hours", why)
    first = new and not facts.introduced
    if first and facts.spent >= (most := budget(rules, facts.warm_since, facts.now)):
        tomorrow = day_of(rules, facts.now) + dt.timedelta(days=1)
        pause = (begins(rules, tomorrow) - facts.now).total_seconds()
        return Wait(pause, "policy.budget", f"today's budget of {most} new contacts is spent")
    if facts.since_last_s < rules.spacing:
        pause = rules.spacing - facts.since_last_s
        return Wait(pause, "policy.spacing", f"{rules.spacing:g} s between messages to one contact")
    return Go(first)


def is_new(rules: SendPolicy, heard_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether the contact never wrote, or too long ago."""
    return heard_at is None or now - heard_at > dt.timedelta(days=rules.known_days)


def answers(heard_at: dt.datetime | None, made_at: dt.datetime) -> bool:
    """Whether a message made then answers what the contact wrote."""
    return heard_at is not None and made_at - heard_at <= ANSWERS_FOR


def quiet_until(rules: SendPolicy, now: dt.datetime, zone: str) -> dt.datetime | None:
    """When the contact's quiet hours end, if it is quiet now. `zone` empty or unknown: the number's."""
    if rules.quiet_hours == "off":
        return None
    begin, end = (dt.time.fromisoformat(part) for part in rules.quiet_hours.split("-"))
    where = _zone(rules, zone)
    local = now.astimezone(where)
    at = local.time()
    quiet = begin <= at < end if begin <= end else at >= begin or at < end
    if not quiet:
        return None
    day = local.date() if at < end else local.date() + dt.timedelta(days=1)
    until = dt.datetime.combine(day, end, where).astimezone(dt.UTC)
    return until if until > now else None  # the hour that the clocks repeat in autumn


@dataclass(frozen=True, slots=True)
class Manners:
    """How a person sends: seconds between reading and typing, and of typing."""

    pause_s: float
    typing_s: float


def manners(length: int, first: bool, dice: Callable[[float, float], float]) -> Manners:
    """How a person sends a text of that many characters. `first`: he has just read what it answers.

    `dice(low, high)` draws a number between the two.
    """
    least, most = TYPING
    typing = min(most, max(least, length / dice(*KEYS_A_SECOND)))
    return Manners(dice(*(PAUSES if first else BETWEEN)), typing)


def _not_a_reply(rules: SendPolicy, facts: Facts) -> str:
    state = (
        "has never written"
        if facts.heard_at is None
        else f"has not written for more than {rules.known_days} days"
    )
    return f"The contact {state}, and this number only replies. Allow first_messages in its settings to change that."


def _zone(rules: SendPolicy, name: str = "") -> ZoneInfo:
    return (_known_zone(name) if name else None) or ZoneInfo(rules.timezone)


@lru_cache(maxsize=256)
def _known_zone(name: str) -> ZoneInfo | None:
    """A contact's zone is what somebody typed: it may be none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
