"""People of a workspace."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import col, delete, select

from schemas.problems import NotFound, Refused
from schemas.tables.columns import now
from schemas.tables.people import RecoveryCode, User
from store.admin.desk import Session, unique
from store.admin.page import Cursor, Window, ordered, page

LOOKING = "viewer"  # the role of those who only look


class LastAdmin(Refused):
    """Without him nobody could manage the workspace."""

    code = "users.last_admin"
    status = 409
    title = "The last admin stays"
    sentence = "{email} is the only admin. Make somebody else admin first."


async def listed(session: Session, window: Window) -> tuple[list[User], Cursor | None]:
    """The people of the workspace."""
    by = {
        "created_at": [col(User.id)],
        "name": [col(User.name), col(User.id)],
        "email": [col(User.email)],
    }
    return await ordered(session, select(User), by, window)


def can_answer(user: User) -> bool:
    """Whether their role lets them answer contacts."""
    return user.role != LOOKING


async def who_can_answer(session: Session, window: Window) -> tuple[list[User], Cursor | None]:
    """Those whose role lets them answer contacts, by name."""
    wanted = select(User).where(col(User.role) != LOOKING)
    return await page(session, wanted, [col(User.name), col(User.id)], window)


async def addresses(session: Session) -> frozenset[str]:
    """What people sign in with."""
    return frozenset(await session.exec(select(User.email)))


async def named(session: Session, name: str) -> User:
    """One, by address or id. Raises `NotFound`."""
    found = (await session.exec(select(User).where(col(User.email) == name.lower()))).first()
    if found is None:
        try:
            found = await session.get(User, UUID(name))
        except ValueError:
            found = None
    if found is None:
        raise NotFound(what="user", name=name)
    return found


async def there(session: Session, email: str) -> bool:
    """Whether the workspace has somebody with this address."""
    return (await session.exec(select(User.id).where(col(User.email) == email))).first() is not None


async def admins(session: Session) -> bool:
    """Whether anybody is admin."""
    wanted = select(User.id).where(col(User.role) == "admin").limit(1)
    return (await session.exec(wanted)).first() is not None


async def held(session: Session, key: UUID) -> User | None:
    """One, locked until the transaction ends, as he is now."""
    wanted = select(User).where(col(User.id) == key).with_for_update()
    return (await session.exec(wanted.execution_options(populate_existing=True))).first()


async def add(session: Session, user: User) -> User:
    """Keep a new person. Raises `Taken`: the address may be in use in another workspace too."""
    async with unique(session, "user", user.email):
        session.add(user)
    return user


async def set_role(session: Session, user: User, role: str) -> None:
    """Give a person another role. Raises `LastAdmin`."""
    if user.role == "admin" and role != "admin":
        await _spare(session, user)
    user.role = role
    session.add(user)


async def set_password(session: Session, user: User, hashed: str) -> None:
    """Keep the hash of a new password."""
    user.password = hashed
    user.password_changed_at = now()
    session.add(user)


async def remove(session: Session, user: User) -> None:
    """Forget a person; his sign-ins end with him. Raises `LastAdmin`."""
    if user.role == "admin":
        await _spare(session, user)
    await session.delete(user)


async def set_recovery_codes(session: Session, user: User, hashes: Iterable[bytes]) -> None:
    """Keep new recovery codes in place of all others."""
    await session.exec(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user.id))
    for each in hashes:
        session.add(RecoveryCode(user_id=user.id, hash=each, workspace_id=user.workspace_id))


async def take_recovery_code(session: Session, user: User, hashed: bytes) -> bool:
    """Use a recovery code up. False: there is no such code, or it was used."""
    wanted = select(RecoveryCode).where(
        col(RecoveryCode.user_id) == user.id,
        col(RecoveryCode.hash) == hashed,
        col(RecoveryCode.used_at).is_(None),
    )
    code = (await session.exec(wanted.with_for_update())).first()
    if code is None:
        return False
    code.used_at = now()
    session.add(code)
    return True


async def recovery_codes_left(session: Session, user: User) -> int:
    """How many recovery codes were not used."""
    wanted = select(RecoveryCode.hash).where(
        col(RecoveryCode.user_id) == user.id, col(RecoveryCode.used_at).is_(None)
    )
    return len((await session.exec(wanted)).all())


async def drop_second_factor(session: Session, user: User) -> None:
    """Ask this person for his password only."""
    user.totp, user.totp_confirmed_at = None, None
    session.add(user)
    await set_recovery_codes(session, user, ())


async def _spare(session: Session, user: User) -> None:
    """All admins are locked, in one order, so that two who demote each other do so one after the other."""
    admins = select(User.id).where(col(User.role) == "admin").order_by(col(User.id)).with_for_update()
    if not set(await session.exec(admins)) - {user.id}:
        raise LastAdmin(email=user.email)
