"""Sign-ins: people on their devices, each a family of refresh tokens.

A refresh token counts once: it *turns* the sign-in, which then has the next token. A token that counts no
more was copied, by a thief or from him, and nobody can tell which: the sign-in ends.

Two tabs share one cookie and may both refresh at the same moment, and an answer may be lost on its way. So
for `GRACE_S` after a turn the token before it is answered with the *current* one again, which does not
turn anything: there is never more than one line of tokens, and the seconds count from the turn, whoever
comes. A thief within them gains a token that is also the victim's; the next of the two to come late with it
ends the sign-in as before.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, delete, select, update

from schemas.problems import NotFound
from schemas.tables.people import SignIn, User
from store.admin.desk import Session
from store.admin.page import Cursor, Window, page

GRACE_S = 10
IDLE = dt.timedelta(days=30)  # unused for so long, it ends
LONGEST = dt.timedelta(days=90)  # however much it is used
KEPT = dt.timedelta(days=30)  # after its end, for people to look at

REUSED = "a refresh token was used twice"


async def begin(session: Session, user: User, address: str, agent: str) -> SignIn:
    """A new one. What ended long ago is forgotten."""
    at = await _clock(session)
    gone = delete(SignIn).where(col(SignIn.user_id) == user.id, col(SignIn.expires_at) < at - KEPT)
    await session.exec(gone)
    row = SignIn(
        workspace_id=user.workspace_id,
        user_id=user.id,
        turned_at=at,
        created_at=at,
        expires_at=at + IDLE,
        address=address,
        agent=agent,
    )
    session.add(row)
    user.signed_in_at = at
    session.add(user)
    return row


async def turn(session: Session, key: UUID, number: int) -> tuple[SignIn, User] | None:
    """Take the refresh token of turn `number`. None: it counts no more; commit, since its sign-in may have ended."""
    row = (await session.exec(select(SignIn).where(col(SignIn.id) == key).with_for_update())).first()
    at = await _clock(session)
    if row is None or row.ended_at is not None or row.expires_at <= at:
        return None
    if number == row.turn:
        row.turn += 1
        row.turned_at = at
        row.expires_at = min(at + IDLE, row.created_at + LONGEST)
        session.add(row)
    elif number != row.turn - 1 or at - row.turned_at > dt.timedelta(seconds=GRACE_S):
        row.ended_at, row.ended_why = at, REUSED
        session.add(row)
        return None
    user = await session.get(User, row.user_id)
    return (row, user) if user else None


async def listed(session: Session, user: UUID, window: Window) -> tuple[list[SignIn], Cursor | None]:
    """A person's sign-ins that go on, the latest first."""
    wanted = select(SignIn).where(
        col(SignIn.user_id) == user, col(SignIn.ended_at).is_(None), col(SignIn.expires_at) > func.now()
    )
    return await page(session, wanted, [col(SignIn.id)], window, newest_first=True)


async def end(session: Session, key: UUID, why: str, of: UUID | None = None) -> None:
    """End one sign-in. Raises `NotFound`, also where it is not a sign-in `of` that person."""
    row = await session.get(SignIn, key)
    if row is None or of not in (None, row.user_id):
        raise NotFound(what="sign-in", name=str(key))
    await _end(session, col(SignIn.id) == key, why)


async def end_all(session: Session, user: UUID, why: str, but: UUID | None = None) -> None:
    """End a person's sign-ins, `but` perhaps the one that he is at."""
    mine = col(SignIn.user_id) == user
    await _end(session, mine if but is None else mine & (col(SignIn.id) != but), why)


async def _end(session: Session, which: object, why: str) -> None:
    wanted = update(SignIn).where(which, col(SignIn.ended_at).is_(None))  # type: ignore[arg-type]
    await session.exec(wanted.values(ended_at=func.clock_timestamp(), ended_why=why))


async def _clock(session: Session) -> dt.datetime:
    """The database's, which all API processes share; not the transaction's start, which was before the lock."""
    return (await session.exec(select(func.clock_timestamp()))).one()
