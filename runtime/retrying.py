"""When a message that the channel did not take is sent again, and when it is given up."""

import datetime as dt
import random

from runtime.lane import Letter
from runtime.settings import RuntimeSettings
from sessions.driver import Throttled


def backoff_s(settings: RuntimeSettings, letter: Letter) -> float:
    """Seconds until the next try: four times as long each time, up to a bound, a quarter more or less."""
    pause = min(settings.send_max_pause_s, settings.send_backoff_s * 4.0 ** min(letter.attempt - 1, 8))
    return pause * random.uniform(0.75, 1.25)


def throttled_s(settings: RuntimeSettings, letter: Letter, problem: Throttled) -> float:
    """The same where the channel takes no more for now: what it says itself, else longer each time."""
    if problem.retry_in_s is not None:
        return problem.retry_in_s
    return 4.0 ** min(letter.attempt, 5) if problem.scope == "pair" else backoff_s(settings, letter)


def is_too_old(settings: RuntimeSettings, letter: Letter) -> bool:
    """Whether nobody would want it any more."""
    age = dt.datetime.now(dt.UTC) - max(letter.created_at, letter.fresh_at)
    return age.total_seconds() > settings.send_give_up_s
