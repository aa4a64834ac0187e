"""Schedules of a bot in one conversation: which moment comes next, and what fires when it is there.

One timer, `schedule`, stands for all schedules of the bot: it is set for the next moment of any of them, and
anew when it has fired, when the bot's schedules changed, or the contact's time zone. Its visit number is the
moment in minutes since 1970, so one that fires late is told from the next.
"""

import datetime as dt
from collections.abc import Callable

from flows.compiled import Compiled
from flows.state import Scheduled
from flows.work import Work
from flows.zones import zone_of
from schemas.effects import CancelTimer, SetTimer
from schemas.events import TimerFired

TIMER = "schedule"
LATEST = dt.timedelta(hours=1)  # nobody wants the greeting of nine o'clock at midnight, after a long outage
_MINUTE = 60


def keep(work: Work) -> None:
    """Set the timer of the bot's next moment, unless it is set."""
    bot, known = work.bot, work.scheduled
    if not bot.schedules:
        if known is not None:
            work.scheduled = None
            work.timers[TIMER] = CancelTimer(TIMER)
        return
    contact = str(work.view.contact.get("timezone") or "")
    key = f"{bot.schedule_key} {contact}"
    if known is not None and known.key == key and known.due + LATEST > work.event.at:
        return
    due = min(_moments(bot, contact, work.event.at).values())
    work.scheduled = Scheduled(due, key)
    work.timers[TIMER] = SetTimer(TIMER, due, _visit(due))


def fired(work: Work, event: TimerFired, begin: Callable[[TimerFired], bool]) -> None:
    """The timer fell due: `begin` is asked with the name of each schedule whose moment this is, until one begins."""
    known = work.scheduled
    if known is None or _visit(known.due) != event.visit:
        work.note("a late timer: schedule")
        return
    work.scheduled = None
    if work.opted_out or work.silence is not None:
        work.note("a schedule passes: the contact opted out" if work.opted_out else "people have the floor")
        return
    if event.at > known.due + LATEST:
        work.note("a schedule passes: it is more than an hour late")
        return
    contact = str(work.view.contact.get("timezone") or "")
    before = known.due - dt.timedelta(minutes=1)
    for name, due in _moments(work.bot, contact, before).items():
        if due == known.due and begin(TimerFired(event.id, event.at, name, event.visit)):
            return
    work.note("a schedule passes: no flow takes it now")


def _moments(bot: Compiled, contact: str, after: dt.datetime) -> dict[str, dt.datetime]:
    """The next moment of each schedule by its key."""
    home = zone_of(bot.document.timezone) or dt.UTC
    zone = zone_of(contact) or home
    return {one.key: one.after(after, zone, home) for one in bot.schedules}


def _visit(due: dt.datetime) -> int:
    return int(due.timestamp()) // _MINUTE
