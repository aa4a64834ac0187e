"""How many strangers a number may write to today: few on its first day, a little more each day, then the cap.

Pure: the clock is an argument. The number's process keeps to it (`runtime/policy.py`); the API shows it.
"""

import datetime as dt
import math
from zoneinfo import ZoneInfo

from sessions.settings import SendPolicy


def budget(rules: SendPolicy, warm_since: dt.datetime | None, now: dt.datetime) -> int:
    """How many new contacts may be written to today. `warm_since`: when the first ever was."""
    share = (warm_day(rules, warm_since, now) + 1) / (rules.warm_up_days + 1)
    return math.ceil(rules.new_contacts * min(share, 1.0))


def warm_day(rules: SendPolicy, warm_since: dt.datetime | None, now: dt.datetime) -> int:
    """How many days ago the warm-up began; 0 on its first day, and before it."""
    return max(0, (day_of(rules, now) - day_of(rules, warm_since)).days) if warm_since is not None else 0


def day_of(rules: SendPolicy, at: dt.datetime) -> dt.date:
    """The number's day in which a moment lies."""
    return at.astimezone(ZoneInfo(rules.timezone)).date()


def begins(rules: SendPolicy, day: dt.date) -> dt.datetime:
    """When the number's day begins."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(rules.timezone)).astimezone(dt.UTC)
