"""Signing in and out, and staying signed in.

Signing in gives an access token, which lives ten minutes, and sets the refresh token as a cookie that scripts
cannot read. How a refresh token turns, and what its reuse means, is told in `store/admin/sign_ins.py`.
"""

import unicodedata
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Request, Response, status
from pydantic import Field

from admin_api import second_factor
from admin_api.audit import audit, person
from admin_api.callers import Open, PersonCalling
from admin_api.input import Input
from admin_api.limit import REFRESH_COOKIE, REFRESH_PATH
from admin_api.person import Password, address, unstored
from admin_api.problems import InputUnfit, problems
from admin_api.same_site import CrossSite, by_cookie, from_our_pages
from admin_api.second_factor import CodeRefused
from admin_api.signed_in import SignedIn, agent, signed_in
from admin_api.tries import TooManyTries
from schemas.problems import Refused
from store.admin import callers, sign_ins, users

router = APIRouter(prefix="/sign-in", tags=["sign in"], dependencies=[Depends(unstored)])

RefreshCookie = Annotated[str, Cookie(alias=REFRESH_COOKIE, description="The refresh token.")]


class SignInRefused(Refused):
    """Address and password do not belong together."""

    code = "sign_in.refused"
    status = 401
    title = "That does not open"
    sentence = "The address or the password is wrong."


class CodeNeeded(Refused):
    """The password is right; the account also takes a code."""

    code = "sign_in.code_needed"
    status = 401
    title = "A code is needed"
    sentence = "Send the code of your authenticator app too, as `code`, or one of your recovery codes."


class SignInOver(Refused):
    """The refresh token is missing, or counts no more."""

    code = "sign_in.over"
    status = 401
    title = "You are signed out"
    sentence = "You are signed out here. Sign in again."


class SignInIn(Input):
    """Who signs in. `code`: of the authenticator app, or a recovery code, where a second factor is on."""

    email: Annotated[str, Field(min_length=1, max_length=254, examples=["ana@example.com"])]
    password: Password
    code: Annotated[str, Field(max_length=40, examples=["123456"])] = ""


@router.post(
    "",
    summary="Sign in",
    responses=problems(InputUnfit, SignInRefused, CodeNeeded, CodeRefused, CrossSite, TooManyTries),
    dependencies=[Depends(from_our_pages)],
)
async def sign_in(body: SignInIn, open_here: Open, request: Request, response: Response) -> SignedIn:
    """Give an access token, and set the refresh token's cookie.

    Where a second factor is on, the first answer is `sign_in.code_needed`: send all again with the code.
    """
    email = unicodedata.normalize("NFC", body.email.strip()).lower()
    password = body.password.get_secret_value()
    await open_here.tries.count(email, address(request))
    account = await callers.of_email(open_here.desk, email) if "\0" not in email else None
    right = await open_here.passwords.right(password, account.password if account else None)
    if account is None or not right:
        raise SignInRefused
    outdated = open_here.passwords.outdated(account.password)
    anew = await open_here.passwords.hashed(password) if outdated else account.password
    seals = await open_here.sealer(account.workspace)
    async with open_here.desk.transaction(account.workspace) as db:
        user = await users.held(db, account.id)
        if user is None or user.password != account.password:
            raise SignInRefused
        if user.totp_confirmed_at is not None:
            if not body.code.strip():
                raise CodeNeeded
            await second_factor.take(db, seals, user, body.code)
        user.password = anew
        row = await sign_ins.begin(db, user, address(request), agent(request))
        await audit(db, person(user, address(request), row), "sign_in.begin", row)
    return signed_in(open_here, response, row, user)


@router.post(
    "/refresh",
    summary="Stay signed in",
    responses=problems(InputUnfit, SignInOver, CrossSite),
    dependencies=[Depends(by_cookie)],
)
async def refresh(open_here: Open, response: Response, refresh_token: RefreshCookie = "") -> SignedIn:
    """Give a new access token for the cookie's refresh token, and turn it: the cookie is set anew.

    A refresh token that was turned more than a few seconds ago ends the sign-in: somebody has a copy.
    """
    said = open_here.tokens.read_refresh(refresh_token)
    workspace = await callers.workspace_of_sign_in(open_here.desk, said[0]) if said else None
    if said is None or workspace is None:
        raise SignInOver
    async with open_here.desk.transaction(workspace) as db:
        turned = await sign_ins.turn(db, *said)
    if turned is None:
        raise SignInOver
    return signed_in(open_here, response, *turned)


@router.delete(
    "",
    summary="Sign out",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(InputUnfit, CrossSite),
    dependencies=[Depends(by_cookie)],
)
async def sign_out(
    open_here: Open, response: Response, request: Request, refresh_token: RefreshCookie = ""
) -> None:
    """End the sign-in that the cookie names, if any, and drop the cookie."""
    said = open_here.tokens.read_refresh(refresh_token)
    workspace = await callers.workspace_of_sign_in(open_here.desk, said[0]) if said else None
    if said is not None and workspace is not None:
        known = await callers.of_sign_in(open_here.desk, said[0])
        async with open_here.desk.transaction(workspace) as db:
            await sign_ins.end(db, said[0], "signed out")
            if known is not None:
                who = PersonCalling(known.name, workspace, known.id, said[0], address=address(request))
                await audit(db, who, "sign_in.end", said[0])
    response.delete_cookie(REFRESH_COOKIE, path=REFRESH_PATH)
