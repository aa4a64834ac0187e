"""The overview: what the numbers did in the last 24 hours, and what is open now."""

import datetime as dt
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api.callers import CALLING, Viewer
from admin_api.database import ReadDb
from admin_api.problems import problems
from schemas.tables.columns import now
from sessions import registry
from sessions.budget import begins, budget, day_of, warm_day
from sessions.settings import SendPolicy
from store.admin import overview
from store.admin.desk import Session

router = APIRouter(prefix="/overview", tags=["overview"], responses=problems(*CALLING))

SPAN = dt.timedelta(hours=24)


class HourOut(BaseModel):
    """What was received, sent, and not sent, from `at` on for an hour."""

    at: dt.datetime
    received: int
    sent: int
    failed: int


class PolicyOut(BaseModel):
    """What a number with a send policy may do today. `spent` of `new_contacts` new contacts have been written to.

    `warm_up_day` counts from 0; the budget is whole once it is `warm_up_days`.
    """

    first_messages: Literal["refuse", "allow"]
    new_contacts: int
    spent: int
    warm_up_day: int
    warm_up_days: int
    renews_at: dt.datetime = Field(description="When the number's day ends.")
    held_until: dt.datetime | None = Field(
        description="Until then the channel takes nothing to new contacts."
    )
    quiet_hours: str
    timezone: str


class NumberFigures(BaseModel):
    """One number: messages of the span, and what is open on it."""

    number: UUID
    received: int
    sent: int
    failed: int
    running: int = Field(description="Conversations with an open run, of the last 30 days.")
    handed_off: int = Field(description="Conversations that people hold, of the last 30 days.")
    waiting: int = Field(description="Messages that are not sent yet.")
    dead_letters: int
    policy: PolicyOut | None = Field(description="Null: the channel has no send policy, or it is off.")


class OverviewOut(BaseModel):
    """The workspace's figures. `numbers`: all in service; `hours`: those in which something happened."""

    since: dt.datetime
    reply_s: float | None = Field(
        description="Seconds from a contact's message to the next one to him: the median. Null: there was none."
    )
    more: bool = Field(description="There is more than was counted: the figures are the least.")
    numbers: list[NumberFigures]
    hours: list[HourOut]


@router.get("", summary="Show the overview")
async def show(db: ReadDb, who: Viewer) -> OverviewOut:
    """Messages of the last 24 hours, the reply time, and what is open now."""
    moment = now()
    since = moment - SPAN
    open_now = await overview.standing(db, moment)
    policies = await _policies(db, moment)
    told = await overview.flow(db, len(open_now), since)
    totals = {row.number: row for row in told.hours if row.at is None}
    hours: dict[dt.datetime, HourOut] = {}
    for row in told.hours:
        if row.at is not None:
            hour = hours.setdefault(row.at, HourOut(at=row.at, received=0, sent=0, failed=0))
            hour.received += row.received
            hour.sent += row.sent
            hour.failed += row.failed
    return OverviewOut(
        since=since,
        reply_s=told.reply_s,
        more=told.more or any(each.more for each in open_now.values()),
        numbers=[
            NumberFigures(
                number=key,
                received=totals[key].received if key in totals else 0,
                sent=totals[key].sent if key in totals else 0,
                failed=totals[key].failed if key in totals else 0,
                running=each.running,
                handed_off=each.handed_off,
                waiting=each.waiting,
                dead_letters=each.dead,
                policy=policies.get(key),
            )
            for key, each in open_now.items()
        ],
        hours=list(hours.values()),
    )


async def _policies(db: Session, moment: dt.datetime) -> dict[UUID, PolicyOut]:
    """Of the numbers that keep to a send policy."""
    polite = [
        name for name in registry.names() if issubclass(registry.driver(name).settings_model, SendPolicy)
    ]
    rules: dict[UUID, SendPolicy] = {}
    for key, channel, settings in await overview.settings(db, polite):
        kept = registry.driver(channel).settings_model.model_validate(settings)
        if isinstance(kept, SendPolicy) and kept.policy == "on":
            rules[key] = kept
    days = {key: day_of(kept, moment) for key, kept in rules.items()}
    found = await overview.strangers(db, {key: begins(rules[key], day) for key, day in days.items()})
    return {
        key: PolicyOut(
            first_messages=kept.first_messages,
            new_contacts=budget(kept, found[key].since, moment),
            spent=found[key].spent,
            warm_up_day=min(warm_day(kept, found[key].since, moment), kept.warm_up_days),
            warm_up_days=kept.warm_up_days,
            renews_at=begins(kept, days[key] + dt.timedelta(days=1)),
            held_until=held if (held := found[key].held_until) and held > moment else None,
            quiet_hours=kept.quiet_hours,
            timezone=kept.timezone,
        )
        for key, kept in rules.items()
    }
