"""People of the workspace, as admins see them."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from admin_api import one_time
from admin_api.audit import audit
from admin_api.callers import CALLING, Admin, Open, PersonNeeded, RoleName, Steward
from admin_api.database import ReadDb, WriteDb
from admin_api.input import Input
from admin_api.invited import InvitationMade
from admin_api.pages import SORTING, Page, Paging, sorting
from admin_api.passwords import PasswordWeak, refuse_weak
from admin_api.person import Email, Password, PersonName, SignInOut, UserKey, UserOut, unstored
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from schemas.tables.people import Invitation, User
from store.admin import invitations, sign_ins, users
from store.admin.desk import Taken
from store.admin.page import Window
from store.admin.users import LastAdmin

router = APIRouter(prefix="/users", tags=["users"], responses=problems(*CALLING, PersonNeeded, InputUnfit))


class UserIn(Input):
    """Somebody new, whose password is agreed on otherwise. To let him choose it, invite him."""

    email: Email
    name: PersonName
    role: RoleName
    password: Password


class UserChange(Input):
    """What is to change; what is left out stays."""

    name: PersonName | None = None
    role: RoleName | None = None


@router.get("", summary="List people", responses=problems(*SORTING))
async def listing(
    db: ReadDb, who: Admin, window: Annotated[Window, Depends(sorting("created_at", "name", "email"))]
) -> Page[UserOut]:
    """The people of the workspace, the first to come first."""
    rows, after = await users.listed(db, window)
    return Page.of([UserOut.of(row) for row in rows], after)


@router.post(
    "",
    summary="Add a person",
    status_code=status.HTTP_201_CREATED,
    responses=problems(Taken, InputUnfit, PasswordWeak),
)
async def add(body: UserIn, open_here: Open, who: Steward) -> UserOut:
    """Add somebody with a password. An address is one person's in the whole installation."""
    password = body.password.get_secret_value()
    refuse_weak(password, body.email)
    hashed = await open_here.passwords.hashed(password)
    row = User(workspace_id=who.workspace, email=body.email, name=body.name, role=body.role, password=hashed)
    async with open_here.desk.transaction(who.workspace) as db:
        await users.add(db, row)
        await audit(db, who, "user.add", row, changes={"role": row.role})
    return UserOut.of(row)


@router.get("/{user}", summary="Show a person", responses=problems(NotFound))
async def show(user: UserKey, db: ReadDb, who: Admin) -> UserOut:
    """One person, by address or id."""
    return UserOut.of(await users.named(db, user))


@router.patch("/{user}", summary="Change a person's name or role", responses=problems(NotFound, LastAdmin))
async def change(user: UserKey, body: UserChange, db: WriteDb, who: Steward) -> UserOut:
    """A role counts from the next request on. The last admin stays admin."""
    row = await users.named(db, user)
    before = {"name": row.name, "role": row.role}
    if body.name is not None:
        row.name = body.name
        db.add(row)
    if body.role is not None:
        await users.set_role(db, row, body.role)
    after = {"name": row.name, "role": row.role}
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    await audit(db, who, "user.change", row, changes=changes)
    return UserOut.of(row)


@router.delete(
    "/{user}",
    summary="Remove a person",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, LastAdmin),
)
async def remove(user: UserKey, db: WriteDb, who: Steward) -> None:
    """Take a person out of the workspace; his sign-ins end at once. The last admin stays."""
    row = await users.named(db, user)
    await users.remove(db, row)
    await audit(db, who, "user.remove", row)


@router.get("/{user}/sign-ins", summary="List a person's sign-ins", responses=problems(NotFound))
async def sign_ins_of(user: UserKey, db: ReadDb, who: Admin, window: Paging) -> Page[SignInOut]:
    """The devices on which he is signed in, the latest first."""
    rows, after = await sign_ins.listed(db, (await users.named(db, user)).id, window)
    return Page.of([SignInOut.of(row, who.sign_in) for row in rows], after)


@router.delete(
    "/{user}/sign-ins",
    summary="Sign a person out",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def sign_out(user: UserKey, db: WriteDb, who: Steward) -> None:
    """End all of his sign-ins."""
    row = await users.named(db, user)
    await sign_ins.end_all(db, row.id, f"by {who.name}")
    await audit(db, who, "user.sign_out", row)


@router.delete(
    "/{user}/second-factor",
    summary="Remove a person's second factor",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def drop_second_factor(user: UserKey, db: WriteDb, who: Steward) -> None:
    """For who has lost phone and recovery codes. Make sure that it is he who asks."""
    row = await users.named(db, user)
    await users.drop_second_factor(db, row)
    await audit(db, who, "user.second_factor_off", row)


@router.post(
    "/{user}/reset",
    summary="Let a person choose a new password",
    status_code=status.HTTP_201_CREATED,
    responses=problems(NotFound),
    dependencies=[Depends(unstored)],
)
async def reset(user: UserKey, db: WriteDb, who: Steward) -> InvitationMade:
    """A one-time token by which he chooses a new password; until then the old one counts."""
    row = await users.named(db, user)
    token = one_time.new(one_time.INVITATION)
    invitation = Invitation(
        workspace_id=who.workspace,
        email=row.email,
        role=row.role,
        user_id=row.id,
        hash=one_time.kept(token),
        invited_by=who.name,
    )
    await invitations.add(db, invitation)
    await audit(db, who, "user.reset", row)
    return InvitationMade.made(invitation, token)
