"""Threads, as people read and assign them."""

from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select

from schemas.problems import NotFound
from schemas.tables.threads import Thread
from store.admin.desk import Session
from store.admin.page import Cursor, Window, ordered

ORDERS = {"opened_at": [col(Thread.opened_at), col(Thread.id)]}


class Wanted(NamedTuple):
    """What threads are wanted. None: whatever it is."""

    is_open: bool | None = None
    number: UUID | None = None
    conversation: UUID | None = None
    team: str | None = None
    assignee: str | None = None


async def listed(session: Session, wanted: Wanted, window: Window) -> tuple[list[Thread], Cursor | None]:
    """Those of the workspace, by when they were opened."""
    found = select(Thread)
    if wanted.is_open is not None:
        closed = col(Thread.closed_at)
        found = found.where(closed.is_(None) if wanted.is_open else closed.is_not(None))
    if wanted.number is not None:
        found = found.where(col(Thread.number_id) == wanted.number)
    if wanted.conversation is not None:
        found = found.where(col(Thread.conversation_id) == wanted.conversation)
    if wanted.team is not None:
        found = found.where(col(Thread.team) == wanted.team)
        if wanted.team:
            found = found.where(col(Thread.team) != "")  # as the index has it
    if wanted.assignee is not None:
        found = found.where(col(Thread.assignee) == wanted.assignee)
    return await ordered(session, found, ORDERS, window)


async def held(session: Session, key: UUID) -> Thread:
    """One, to be changed: nobody else changes it meanwhile. Raises `NotFound`."""
    row = await session.get(Thread, key, with_for_update=True)
    if row is None:
        raise NotFound(what="thread", name=str(key))
    return row
