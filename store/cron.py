"""When a cron expression next holds: five fields, in a time zone, as APScheduler's triggers tell.

Days of the week have cron's numbers (0 and 7 are Sunday), which APScheduler counts otherwise; where a day of the month
and one of the week are named, both must hold. The minute is one number, so nothing comes more often than hourly.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from schemas.problems import Refused

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTE = re.compile(r"[0-5]?\d", re.ASCII)
_WEEKDAYS = re.compile(r"([0-7])(?:-([0-7]))?(?:/([1-7]))?", re.ASCII)


class CronUnfit(Refused):
    """The expression or the time zone is none, or nothing ever comes of it."""

    code = "cron.unfit"
    status = 422
    title = "That is no time to run at"
    sentence = "{cron!r} in {zone!r} is no time to run at: {why}. Such as: 0 6 * * 1-5 in Europe/Rome."


def next_run(cron: str, zone: str, after: dt.datetime) -> dt.datetime:
    """The first moment after `after`, UTC. Raises `CronUnfit`."""
    try:
        fields = cron.split()
        if len(fields) != 5:
            raise ValueError("there are five fields: minute, hour, day, month, day of the week")
        minute, hour, day, month, weekday = fields
        if not _MINUTE.fullmatch(minute):
            raise ValueError("the minute is one number from 0 to 59")
        trigger = CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month,
            day_of_week=",".join(map(_weekdays, weekday.split(","))),
            timezone=ZoneInfo(zone),
        )
    except (ZoneInfoNotFoundError, OSError):
        raise CronUnfit(cron=cron, zone=zone, why="there is no such time zone") from None
    except ValueError as error:
        raise CronUnfit(cron=cron, zone=zone, why=str(error).rstrip(".")) from error
    found = trigger.get_next_fire_time(None, after + dt.timedelta(microseconds=1))
    if found is None:
        raise CronUnfit(cron=cron, zone=zone, why="that day never comes")
    return found.astimezone(dt.UTC)


def _weekdays(part: str) -> str:
    """A part of the last field, its numbers as names."""
    numbers = _WEEKDAYS.fullmatch(part)
    if numbers is None:
        return part
    first = int(numbers[1])
    last = int(numbers[2]) if numbers[2] else (6 if numbers[3] else first)
    return ",".join(DAYS[each] for each in range(first, last + 1, int(numbers[3] or 1))) or part
