"""A time of the day, the week or the month starts the flow, in each conversation there is."""

import datetime as dt
from typing import Literal

from cronsim import CronSim, CronSimError
from pydantic import field_validator

from flows.action import Expression, ui
from flows.trigger import Evaluate, Trigger, trigger
from flows.wording import worded
from schemas.events import Event, TimerFired

FIELDS = 5
_PARTS = {  # as CronSim names them
    "minute": worded("minute"),
    "hour": worded("hour"),
    "day-of-month": worded("day of the month"),
    "month": worded("month"),
    "day-of-week": worded("weekday"),
}


@trigger
class Schedule(Trigger):
    """Fires at the times that a cron line names (minute, hour, day of the month, month, weekday), in the
    contact's time zone, else (or with `zone: bot`) in the bot's; at most once an hour. `when`, if given, has to
    be true of the contact then.

    It fires in conversations that have begun, and where no other run waits, unless it interrupts. A contact who
    opted out hears nothing, and nothing fires while people have the floor.

    Example:
        schedule: {cron: 0 9 * * mon-fri, when: contact.language == "it"}
    """

    cron: str = ui("Times, as a cron line")
    zone: Literal["contact", "bot"] = ui(
        "Time zone", default="contact", names={"contact": "The contact's", "bot": "The bot's"}
    )
    when: Expression | None = ui("When", default=None)

    @field_validator("cron")
    @classmethod
    def _names_times(cls, cron: str) -> str:
        fields = cron.split()
        if len(fields) != FIELDS:
            raise ValueError(
                worded("a cron line has five parts: minute, hour, day, month, weekday, as 0 9 * * mon-fri")
            )
        if not fields[0].isdigit():
            raise ValueError(
                worded("a schedule fires once an hour at most: begin with one minute, as in 0 9 * * *")
            )
        try:
            next(CronSim(cron.upper(), dt.datetime(2000, 1, 1, tzinfo=dt.UTC)))
        except CronSimError as fault:
            part = _PARTS[str(fault).removeprefix("Bad ")]
            raise ValueError(worded("this is no cron line: the {part} cannot be so", part=part)) from None
        except StopIteration:
            raise ValueError(worded("this day never comes")) from None
        return " ".join(fields).upper()

    @property
    def key(self) -> str:
        """The name of the timer that says that it is time."""
        return f"{self.cron} {self.zone}"

    def after(self, at: dt.datetime, contact: dt.tzinfo, bot: dt.tzinfo) -> dt.datetime:
        """The first time after `at`, in UTC."""
        zone = contact if self.zone == "contact" else bot
        return next(CronSim(self.cron, at.astimezone(zone))).astimezone(dt.UTC)

    def fires(self, event: Event, evaluate: Evaluate) -> bool:
        if not isinstance(event, TimerFired) or event.timer != self.key:
            return False
        return self.when is None or evaluate(self.when) is True
