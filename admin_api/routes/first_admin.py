"""The first admin: a one-time link, which `chatloom up` prints, lets him in before anybody has an account."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel, Field, SecretStr

from admin_api import one_time
from admin_api.audit import audit, person
from admin_api.callers import CALLING, Open, PersonNeeded, Steward
from admin_api.database import WriteDb
from admin_api.input import Input
from admin_api.passwords import PasswordWeak, refuse_weak
from admin_api.person import Email, Password, PersonName, address, unstored
from admin_api.problems import InputUnfit, problems
from admin_api.same_site import CrossSite, from_our_pages
from admin_api.signed_in import SignedIn, agent, signed_in
from schemas.problems import Refused
from schemas.tables.columns import now
from schemas.tables.people import Invitation, User
from store.admin import callers, invitations, sign_ins, users
from store.admin.desk import Session, Taken
from store.admin.invitations import InvitationSpent

router = APIRouter(prefix="/first-admin", tags=["first admin"], dependencies=[Depends(unstored)])

PAGE = "/welcome"
Token = Annotated[
    SecretStr,
    Field(min_length=1, max_length=100, examples=["cli_6Zq1v0Jm2mGk0b2w4Q7y9S8r5T3u1WxYzAbCdEfGhIj"]),
]


class AdminThere(Refused):
    """Somebody is admin already."""

    code = "first_admin.there"
    status = 409
    title = "There is an admin already"
    sentence = (
        "Somebody is admin here already. Ask an admin for an invitation, or use `chatloom users create`."
    )


class FirstLinkSpent(Refused):
    """The link was used, is older than a day, or a newer one was made."""

    code = "first_admin.spent"
    status = 404
    title = "This link does not open"
    sentence = "The link was used already, is older than 24 hours, or a newer one was made. `chatloom up` prints one."


class FirstLinkOut(BaseModel):
    """A link that lets the first admin in, once."""

    url: str
    expires_at: dt.datetime


class FirstTokenIn(Input):
    """What stands after `#` in the link."""

    token: Token


class FirstAdminIn(FirstTokenIn):
    """Who the first admin is."""

    email: Email
    name: PersonName
    password: Password


@router.post(
    "/links",
    summary="Make the first admin's link",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CALLING, PersonNeeded, AdminThere, InputUnfit),
)
async def link(db: WriteDb, who: Steward, open_here: Open, request: Request) -> FirstLinkOut:
    """While nobody is admin. It opens once, within 24 hours; a link that was made before opens no more."""
    await _nobody(db)
    token = one_time.new(one_time.INVITATION)
    row = Invitation(
        workspace_id=who.workspace, email="", role="admin", hash=one_time.kept(token), invited_by=who.name
    )
    await invitations.add_first(db, row)
    await audit(db, who, "first_admin.link", row.id)
    base = open_here.config.public_url or str(request.base_url).rstrip("/")
    return FirstLinkOut(url=f"{base}{PAGE}#{token}", expires_at=row.expires_at)


@router.post(
    "/look",
    summary="Look at the first admin's link",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(FirstLinkSpent, AdminThere, InputUnfit),
)
async def look(body: FirstTokenIn, open_here: Open) -> None:
    """Whether it still opens. Takes no key."""
    hashed = one_time.kept(body.token.get_secret_value())
    workspace = await callers.workspace_of_invitation(open_here.desk, hashed)
    if workspace is None:
        raise FirstLinkSpent
    async with open_here.desk.transaction(workspace) as db:
        await _held(db, hashed)


@router.post(
    "",
    summary="Become the first admin",
    status_code=status.HTTP_201_CREATED,
    responses=problems(FirstLinkSpent, AdminThere, Taken, PasswordWeak, CrossSite, InputUnfit),
    dependencies=[Depends(from_our_pages)],
)
async def accept(body: FirstAdminIn, open_here: Open, request: Request, response: Response) -> SignedIn:
    """Use the link up, and be signed in at once. Takes no key: whoever has the link is the one who set this up."""
    hashed = one_time.kept(body.token.get_secret_value())
    workspace = await callers.workspace_of_invitation(open_here.desk, hashed)
    if workspace is None:
        raise FirstLinkSpent
    async with open_here.desk.transaction(workspace) as db:
        await _held(db, hashed)
    password = body.password.get_secret_value()
    refuse_weak(password, body.email)
    kept = await open_here.passwords.hashed(password)
    async with open_here.desk.transaction(workspace) as db:
        row = await _held(db, hashed)
        row.accepted_at = now()
        db.add(row)
        user = User(workspace_id=workspace, email=body.email, name=body.name, role="admin", password=kept)
        await users.add(db, user)
        signed = await sign_ins.begin(db, user, address(request), agent(request))
        await audit(db, person(user, address(request), signed), "first_admin.accept", user)
    return signed_in(open_here, response, signed, user)


async def _held(db: Session, hashed: bytes) -> Invitation:
    """The link's row, locked. Raises `FirstLinkSpent`, `AdminThere`."""
    try:
        row = await invitations.held(db, hashed, first=True)
    except InvitationSpent as problem:
        raise FirstLinkSpent from problem
    await _nobody(db)
    return row


async def _nobody(db: Session) -> None:
    if await users.admins(db):
        raise AdminThere
