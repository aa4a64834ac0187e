"""Invitations: one-time tokens by which people choose their own password."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from pydantic import Field, SecretStr

from admin_api import one_time
from admin_api.audit import audit, person
from admin_api.callers import CALLING, Admin, Open, PersonNeeded, RoleName, Steward
from admin_api.database import ReadDb, WriteDb
from admin_api.input import Input
from admin_api.invited import InvitationMade, InvitationOut
from admin_api.pages import Page, Paging
from admin_api.passwords import PasswordWeak, refuse_weak
from admin_api.person import Email, Password, PersonName, UserOut, address, unstored
from admin_api.problems import InputUnfit, problems
from admin_api.services import Services
from schemas.problems import NotFound
from schemas.tables.columns import now
from schemas.tables.people import Invitation, User
from store.admin import callers, invitations, sign_ins, users
from store.admin.desk import Taken
from store.admin.invitations import InvitationSpent

router = APIRouter(prefix="/invitations", tags=["invitations"], dependencies=[Depends(unstored)])

ADMINS = problems(*CALLING, PersonNeeded, InputUnfit)

Token = Annotated[
    SecretStr,
    Field(min_length=1, max_length=100, examples=["cli_6Zq1v0Jm2mGk0b2w4Q7y9S8r5T3u1WxYzAbCdEfGhIj"]),
]


class InvitationIn(Input):
    """Who is invited, as what."""

    email: Email
    role: RoleName


class TokenIn(Input):
    """The token of an invitation."""

    token: Token


class AcceptIn(Input):
    """What the invited person chooses. `name` is not needed for a new password."""

    token: Token
    name: PersonName | None = None
    password: Password


@router.get("", summary="List invitations", responses=ADMINS)
async def listing(db: ReadDb, who: Admin, window: Paging) -> Page[InvitationOut]:
    """Those that can still be accepted, the latest first, without their tokens."""
    rows, after = await invitations.listed(db, window)
    return Page.of([InvitationOut.of(row) for row in rows], after)


@router.post(
    "", summary="Invite somebody", status_code=status.HTTP_201_CREATED, responses=ADMINS | problems(Taken)
)
async def invite(body: InvitationIn, db: WriteDb, who: Steward) -> InvitationMade:
    """A one-time token for somebody new, good for 7 days. It is shown here only: pass it on by a safe way."""
    if await users.there(db, body.email):
        raise Taken(what="user", name=body.email)
    token = one_time.new(one_time.INVITATION)
    invitation = Invitation(
        workspace_id=who.workspace,
        email=body.email,
        role=body.role,
        hash=one_time.kept(token),
        invited_by=who.name,
    )
    await invitations.add(db, invitation)
    await audit(db, who, "invitation.make", invitation, changes={"role": body.role})
    return InvitationMade.made(invitation, token)


@router.delete(
    "/{invitation}",
    summary="Take an invitation back",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=ADMINS | problems(NotFound),
)
async def remove(invitation: UUID, db: WriteDb, who: Steward) -> None:
    """Its token opens nothing from now on."""
    await invitations.remove(db, invitation)
    await audit(db, who, "invitation.remove", invitation)


@router.post("/look", summary="Look at an invitation", responses=problems(InvitationSpent, InputUnfit))
async def look(body: TokenIn, open_here: Open) -> InvitationOut:
    """What an invitation is for. Takes no key: whoever has the token is the one who is invited."""
    workspace, hashed = await _of(open_here, body.token)
    async with open_here.desk.transaction(workspace) as db:
        return InvitationOut.of(await invitations.held(db, hashed))


@router.post(
    "/accept",
    summary="Accept an invitation",
    status_code=status.HTTP_201_CREATED,
    responses=problems(InvitationSpent, Taken, PasswordWeak, InputUnfit),
)
async def accept(body: AcceptIn, open_here: Open, request: Request) -> UserOut:
    """Use the token up, and keep the password. Then sign in. Somebody who was here is signed out everywhere."""
    workspace, hashed = await _of(open_here, body.token)
    async with open_here.desk.transaction(workspace) as db:
        email = (await invitations.held(db, hashed)).email
    password = body.password.get_secret_value()
    refuse_weak(password, email)
    kept = await open_here.passwords.hashed(password)
    async with open_here.desk.transaction(workspace) as db:
        invitation = await invitations.held(db, hashed)
        invitation.accepted_at = now()
        db.add(invitation)
        if invitation.user_id is None:
            name = body.name or email.partition("@")[0]
            user = User(workspace_id=workspace, email=email, name=name, role=invitation.role, password=kept)
            await users.add(db, user)
        else:
            user = await users.named(db, str(invitation.user_id))
            await users.set_password(db, user, kept)
            await sign_ins.end_all(db, user.id, "the password was changed")
        await audit(db, person(user, address(request)), "invitation.accept", invitation)
    return UserOut.of(user)


async def _of(open_here: Services, token: SecretStr) -> tuple[UUID, bytes]:
    """The workspace of a token, and its hash. Raises `InvitationSpent`."""
    hashed = one_time.kept(token.get_secret_value())
    workspace = await callers.workspace_of_invitation(open_here.desk, hashed)
    if workspace is None:
        raise InvitationSpent
    return workspace, hashed
