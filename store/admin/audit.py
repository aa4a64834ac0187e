"""The audit, as admins read it, and whether its chain is whole."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, or_, select

from keys.signer import Signer
from schemas.ids import first_id
from schemas.tables.audit import Entry
from store.admin.desk import Session
from store.admin.page import Cursor, Window, page
from store.audit_chain import COLUMNS, NOTHING, Link, Mark, hashed, is_ours

SLACK = dt.timedelta(seconds=1)
EARLIEST, LATEST = dt.datetime(1970, 1, 2, tzinfo=dt.UTC), dt.datetime(9000, 1, 1, tzinfo=dt.UTC)


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
    # An id begins with its time, or one close by, so the index by id finds a time too.
    if sought.since is not None:
        since = max(sought.since, EARLIEST)
        wanted = wanted.where(col(Entry.id) >= first_id(since - SLACK), col(Entry.at) >= since)
    if sought.until is not None:
        until = min(max(sought.until, EARLIEST), LATEST)
        wanted = wanted.where(col(Entry.id) < first_id(until + SLACK), col(Entry.at) < until)
    return await page(session, wanted, [col(Entry.id)], window, newest_first=True)


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place at which a chain is not as it was made."""

    place: int
    entry: UUID | None
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A part of a chain, looked at. `next`: where to go on; None: that was all, or it is broken."""

    checked: int
    broken: Broken | None
    next: int | None
    waiting: int


async def verified(session: Session, signer: Signer, workspace: UUID, after: int, most: int) -> Verified:
    """Look at the `most` entries after place `after`, and at the marks. The chain stands still meanwhile."""
    await session.sql("SELECT pg_advisory_xact_lock_shared(hashtext('chatloom.audit_chain'))")
    waiting = (await session.sql("SELECT count(*) FROM audit WHERE place IS NULL")).scalar_one()
    rows = await session.sql("SELECT kind, place, hash, key_id, signature FROM audit_marks")
    marks = {row[0]: Mark._make(row[1:]) for row in rows}
    for kind, mark in marks.items():
        if not is_ours(signer, workspace, kind, mark):
            return Verified(0, Broken(mark.place, None, _unsigned(signer, kind, mark)), None, waiting)
    start, head = marks.get("start", Mark(0, NOTHING, "", b"")), marks.get("head")
    if head is None:
        head = Mark(0, NOTHING, "", b"")
    strangers = await session.sql(
        "SELECT place, id FROM audit WHERE place <= :start OR place > :head ORDER BY place LIMIT 1",
        start=start.place,
        head=head.place,
    )
    end, before = await _from(session, start, max(after, start.place))
    if end is None:
        return Verified(0, Broken(before, None, "The entry was removed."), None, waiting)
    place = before
    found = await session.sql(
        f"SELECT place, hash, {COLUMNS} FROM audit"
        " WHERE place > :after AND place <= :head ORDER BY place LIMIT :most",
        after=place,
        head=head.place,
        most=most,
    )
    for row in found:
        at, said, *facts = tuple(row)
        link = Link._make(facts)
        if at != place + 1:
            broken = Broken(place + 1, None, "The entry was removed, or moved to another place.")
            return Verified(place - before, broken, None, waiting)
        end = hashed(end, place + 1, link)
        if end != bytes(said or b""):
            broken = Broken(place + 1, link.id, "The entry was changed, put in, or moved here.")
            return Verified(place - before, broken, None, waiting)
        place += 1
    if place < head.place and place - before == most:
        return Verified(most, None, place, waiting)
    broken = None
    if place < head.place:
        broken = Broken(place + 1, None, "The entry was removed from the end.")
    elif end != bytes(head.hash):
        broken = Broken(place, None, "The last entry is not the one that was there: all were hashed anew.")
    else:
        for row in strangers:
            broken = Broken(row.place, row.id, "The entry was put in beyond the ends of the chain.")
    return Verified(place - before, broken, None, waiting)


async def _from(session: Session, start: Mark, after: int) -> tuple[bytes | None, int]:
    """The hash of the entry at place `after`, None where there is none; and that place."""
    if after == start.place:
        return bytes(start.hash), after
    found = (await session.sql("SELECT hash FROM audit WHERE place = :place", place=after)).scalar()
    return (None if found is None else bytes(found)), after


def _unsigned(signer: Signer, kind: str, mark: Mark) -> str:
    if signer.knows(mark.key_id):
        return f"The chain's {kind} was written by somebody else: its signature is not ours."
    return f"The chain's {kind} was signed by master key {mark.key_id}, which is not loaded."


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
