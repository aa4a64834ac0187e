"""The audit, as admins read it."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, or_, select

from schemas.ids import event_id
from schemas.tables.audit import Entry
from store.admin.desk import Session
from store.admin.page import Cursor, Window, page


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; None: whatever it is. `who` and `target`: an id or a name. `since` ≤ at < `until`."""

    who: str | None = None
    action: str | None = None
    target: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


async def listed(session: Session, sought: Sought, window: Window) -> tuple[list[Entry], Cursor | None]:
    """What was done, the latest first."""
    wanted = select(Entry)
    if sought.who is not None:
        named, key = col(Entry.who_name) == sought.who, _uuid(sought.who)
        wanted = wanted.where(named if key is None else or_(named, col(Entry.who_id) == key))
    if sought.action is not None:
        noun = sought.action.endswith(".")
        action = col(Entry.action)
        wanted = wanted.where(
            action.startswith(sought.action, autoescape=True) if noun else action == sought.action
        )
    if sought.target is not None:
        named = col(Entry.target_name) == sought.target
        wanted = wanted.where(or_(named, col(Entry.target_id) == sought.target))
    # An id begins with its time, so the index by id finds a time too.
    if sought.since is not None:
        wanted = wanted.where(col(Entry.id) >= _lowest(sought.since), col(Entry.at) >= sought.since)
    if sought.until is not None:
        wanted = wanted.where(col(Entry.id) < _lowest(sought.until), col(Entry.at) < sought.until)
    return await page(session, wanted, [col(Entry.id)], window, newest_first=True)


def _lowest(at: dt.datetime) -> UUID:
    return event_id(max(0, int(at.timestamp() * 1000)), bytes(10))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
