"""When a cron line next holds: five fields, in a time zone, as flows' schedules read them too (cronsim).

The minute is one number, so nothing comes more often than hourly. Where a day of the month and one of the week are
named, either holds, as in cron.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from schemas.problems import Refused

_MINUTE = re.compile(r"[0-5]?\d", re.ASCII)


class CronUnfit(Refused):
    """The expression or the time zone is none, or nothing ever comes of it."""

    code = "cron.unfit"
    status = 422
    title = "That is no time to run at"
    sentence = "{cron!r} in {zone!r} is no time to run at: {why}. Such as: 0 6 * * 1-5 in Europe/Rome."


def next_run(cron: str, zone: str, after: dt.datetime) -> dt.datetime:
    """The first moment after `after`, UTC. Raises `CronUnfit`."""
    fields = cron.split()
    if len(fields) != 5:
        why = "there are five fields: minute, hour, day, month, day of the week"
        raise CronUnfit(cron=cron, zone=zone, why=why)
    if not _MINUTE.fullmatch(fields[0]):
        raise CronUnfit(cron=cron, zone=zone, why="the minute is one number from 0 to 59")
    try:
        return next(CronSim(" ".join(fields).upper(), after.astimezone(ZoneInfo(zone)))).astimezone(dt.UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CronUnfit(cron=cron, zone=zone, why="there is no such time zone") from None
    except CronSimError as error:
        raise CronUnfit(cron=cron, zone=zone, why=str(error).lower()) from error
    except StopIteration:
        raise CronUnfit(cron=cron, zone=zone, why="that day never comes") from None
