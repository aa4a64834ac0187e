"""The caller himself: who he is here, his password, his second factor."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from pydantic import BaseModel, Field

from admin_api import second_factor
from admin_api.audit import audit
from admin_api.callers import (
    CALLING,
    KeyMissing,
    Known,
    Open,
    Person,
    PersonCalling,
    PersonNeeded,
    RoleName,
)
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.input import Input
from admin_api.passwords import PasswordWeak, refuse_weak
from admin_api.person import Password, PersonName, UserOut, address, unstored
from admin_api.problems import InputUnfit, problems
from admin_api.qr import svg
from admin_api.second_factor import CodeRefused, SecondFactorOff, SecondFactorOn
from admin_api.services import Services
from admin_api.tries import TooManyTries
from schemas.problems import Refused
from schemas.tables.columns import now
from schemas.tables.people import User
from store.admin import sign_ins, users
from store.admin.desk import Session

router = APIRouter(
    prefix="/me",
    tags=["me"],
    responses=problems(*CALLING, InputUnfit),
    dependencies=[Depends(unstored)],
)


class PasswordRefused(Refused):
    """The present password is wrong."""

    code = "passwords.refused"
    status = 403
    title = "That is not the password"
    sentence = "The present password is another one. Nothing was changed."


class MeOut(BaseModel):
    """The caller. `user` where he is a person; `scopes` where an API key has any."""

    kind: Literal["operator", "person", "api_key"]
    name: str
    role: RoleName
    workspace: UUID
    scopes: list[str] | None
    user: UserOut | None
    recovery_codes_left: int | None = Field(description="Where a second factor is on.")


class MeIn(Input):
    """What one may change of oneself."""

    name: PersonName


class PasswordIn(Input):
    """The present password, and the one to come: at least 12 characters."""

    current: Password
    new: Password


class ProofIn(Input):
    """The present password, since what is asked for weakens or changes how one signs in."""

    password: Password


class RemovalIn(Input):
    """The present password, and a code of the second factor that is to go."""

    password: Password
    code: Annotated[str, Field(min_length=1, max_length=40, examples=["123456"])]


class CodeIn(Input):
    """A code of the authenticator app."""

    code: Annotated[str, Field(min_length=1, max_length=40, examples=["123456"])]


class EnrolmentOut(BaseModel):
    """A second factor that waits to be confirmed: `uri` as a QR code, or `secret` typed. Shown once."""

    secret: str = Field(examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    uri: str = Field(
        examples=["otpauth://totp/Chatloom:ana%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Chatloom"]
    )
    svg: str = Field(description="The QR code as a picture.")


class RecoveryCodesOut(BaseModel):
    """Codes that each let one in once without the authenticator app. Shown once: keep them elsewhere."""

    recovery_codes: list[str] = Field(examples=[["abcd-efgh-ijkl-mnop"]])


@router.get("", summary="Who am I")
async def show(db: ReadDb, who: Known) -> MeOut:
    """Whom the key or token stands for, in which workspace, with which role."""
    user = await users.named(db, str(who.user)) if who.user else None
    left = await users.recovery_codes_left(db, user) if user and user.totp_confirmed_at else None
    return MeOut(
        kind=who.kind,
        name=user.name if user else who.name,
        role=who.role.name,  # type: ignore[arg-type]
        workspace=who.workspace,
        scopes=None if who.scopes is None else list(who.scopes),
        user=UserOut.of(user) if user else None,
        recovery_codes_left=left,
    )


@router.patch("", summary="Change my name", responses=problems(*CALLING, InputUnfit, PersonNeeded))
async def change(body: MeIn, db: WriteDb, who: Person) -> UserOut:
    """How others see the caller."""
    user = await users.named(db, str(who.user))
    await audit(db, who, "user.change", user, changes={"name": [user.name, body.name]})
    user.name = body.name
    db.add(user)
    return UserOut.of(user)


@router.post(
    "/password",
    summary="Change my password",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*CALLING, InputUnfit, PersonNeeded, PasswordRefused, PasswordWeak, TooManyTries),
)
async def password(body: PasswordIn, open_here: Open, who: Person, request: Request) -> None:
    """Take a new password. All other sign-ins of the caller end."""
    before = await _proved(open_here, who, body.current.get_secret_value(), request)
    new = body.new.get_secret_value()
    refuse_weak(new, who.name)
    hashed = await open_here.passwords.hashed(new)
    async with open_here.desk.transaction(who.workspace) as db:
        user = await _unchanged(db, before)
        await users.set_password(db, user, hashed)
        await sign_ins.end_all(db, who.user, "the password was changed", but=who.sign_in)
        await audit(db, who, "user.password", user)


@router.post(
    "/second-factor",
    summary="Set up a second factor",
    responses=problems(*CALLING, InputUnfit, PersonNeeded, PasswordRefused, SecondFactorOn, TooManyTries),
)
async def enrol(body: ProofIn, open_here: Open, seals: Seals, who: Person, request: Request) -> EnrolmentOut:
    """Make a secret for an authenticator app. It counts once a code of it was confirmed."""
    before = await _proved(open_here, who, body.password.get_secret_value(), request)
    secret = second_factor.new_secret()
    async with open_here.desk.transaction(who.workspace) as db:
        user = await _unchanged(db, before)
        if user.totp_confirmed_at is not None:
            raise SecondFactorOn
        second_factor.keep(seals, user, secret)
        db.add(user)
    uri = second_factor.uri(secret, user.email)
    return EnrolmentOut(secret=secret, uri=uri, svg=svg(uri))


@router.post(
    "/second-factor/confirm",
    summary="Confirm the second factor",
    responses=problems(
        *CALLING, InputUnfit, PersonNeeded, SecondFactorOn, SecondFactorOff, CodeRefused, TooManyTries
    ),
)
async def confirm(
    body: CodeIn, open_here: Open, db: WriteDb, seals: Seals, who: Person, request: Request
) -> RecoveryCodesOut:
    """From now on a code is asked for at each sign-in. Gives the recovery codes."""
    await open_here.tries.count(who.name, address(request))
    user = await _held(db, who)
    if user.totp_confirmed_at is not None:
        raise SecondFactorOn
    if user.totp is None:
        raise SecondFactorOff(what="confirm")
    second_factor.take_totp(seals, user, body.code)
    user.totp_confirmed_at = now()
    db.add(user)
    await audit(db, who, "user.second_factor_on", user)
    return await _new_codes(db, user)


@router.post(
    "/second-factor/remove",
    summary="Remove the second factor",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(
        *CALLING, InputUnfit, PersonNeeded, PasswordRefused, SecondFactorOff, CodeRefused, TooManyTries
    ),
)
async def remove(body: RemovalIn, open_here: Open, seals: Seals, who: Person, request: Request) -> None:
    """Ask for the password only from now on. Takes the password and a code, or a recovery code."""
    before = await _proved(open_here, who, body.password.get_secret_value(), request)
    async with open_here.desk.transaction(who.workspace) as db:
        user = await _unchanged(db, before)
        if user.totp_confirmed_at is None:
            raise SecondFactorOff(what="remove")
        await second_factor.take(db, seals, user, body.code)
        await users.drop_second_factor(db, user)
        await audit(db, who, "user.second_factor_off", user)


@router.post(
    "/recovery-codes",
    summary="Make new recovery codes",
    responses=problems(*CALLING, InputUnfit, PersonNeeded, PasswordRefused, SecondFactorOff, TooManyTries),
)
async def recovery_codes(body: ProofIn, open_here: Open, who: Person, request: Request) -> RecoveryCodesOut:
    """New recovery codes, in place of all that were there."""
    before = await _proved(open_here, who, body.password.get_secret_value(), request)
    async with open_here.desk.transaction(who.workspace) as db:
        user = await _unchanged(db, before)
        if user.totp_confirmed_at is None:
            raise SecondFactorOff(what="recover")
        await audit(db, who, "user.recovery_codes", user)
        return await _new_codes(db, user)


async def _proved(open_here: Services, who: PersonCalling, password: str, request: Request) -> User:
    """The person, whose password this is. No connection is held while it is worked out."""
    await open_here.tries.count(who.name, address(request))
    async with open_here.desk.transaction(who.workspace) as db:
        user = await users.named(db, str(who.user))
    if not await open_here.passwords.right(password, user.password):
        raise PasswordRefused
    return user


async def _unchanged(db: Session, before: User) -> User:
    """The person, locked, if his password is still the one that was proved."""
    user = await users.held(db, before.id)
    if user is None or user.password != before.password:
        raise PasswordRefused
    return user


async def _held(db: Session, who: PersonCalling) -> User:
    user = await users.held(db, who.user)
    if user is None:
        raise KeyMissing
    return user


async def _new_codes(db: Session, user: User) -> RecoveryCodesOut:
    codes = second_factor.new_recovery_codes()
    await users.set_recovery_codes(db, user, [second_factor.recovery_hash(code) for code in codes])
    return RecoveryCodesOut(recovery_codes=codes)
