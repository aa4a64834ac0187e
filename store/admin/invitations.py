"""Invitations: one-time tokens for somebody new, or for a new password of somebody who is here."""

import datetime as dt
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, delete, select

from schemas.problems import NotFound, Refused
from schemas.tables.columns import now
from schemas.tables.people import Invitation
from store.admin.desk import Session
from store.admin.page import Cursor, Window, page

LIFE = dt.timedelta(days=7)
FIRST_LIFE = dt.timedelta(hours=24)


class InvitationSpent(Refused):
    """The token was used, taken back, is too old or was never given."""

    code = "invitations.spent"
    status = 404
    title = "This invitation does not open"
    sentence = "The invitation was used already, taken back, or is older than 7 days. Ask for a new one."


async def add(session: Session, invitation: Invitation) -> Invitation:
    """Keep a new one for `LIFE`."""
    invitation.expires_at = invitation.created_at + LIFE
    session.add(invitation)
    return invitation


async def add_first(session: Session, invitation: Invitation) -> Invitation:
    """Keep one for the first admin, who names his address himself. Those made before open nothing any more."""
    await session.exec(
        delete(Invitation).where(col(Invitation.email) == "", col(Invitation.accepted_at).is_(None))
    )
    invitation.expires_at = invitation.created_at + FIRST_LIFE
    session.add(invitation)
    return invitation


async def listed(session: Session, window: Window) -> tuple[list[Invitation], Cursor | None]:
    """Those that can be accepted, the latest first."""
    wanted = select(Invitation).where(
        col(Invitation.accepted_at).is_(None),
        col(Invitation.expires_at) > func.now(),
        col(Invitation.email) != "",
    )
    return await page(session, wanted, [col(Invitation.id)], window, newest_first=True)


async def held(session: Session, hashed: bytes, first: bool = False) -> Invitation:
    """The open one with this hash, locked until the transaction ends; `first`: the first admin's.

    Raises `InvitationSpent`.
    """
    wanted = select(Invitation).where(col(Invitation.hash) == hashed).with_for_update()
    found = (await session.exec(wanted)).first()
    if found is not None and (found.email == "") != first:
        raise InvitationSpent
    if found is None or found.accepted_at is not None or found.expires_at <= now():
        raise InvitationSpent
    return found


async def remove(session: Session, key: UUID) -> None:
    """Take one back. Raises `NotFound`."""
    found = await session.get(Invitation, key)
    if found is None or found.accepted_at is not None:
        raise NotFound(what="invitation", name=str(key))
    await session.delete(found)
