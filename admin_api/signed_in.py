"""What somebody gets who has just signed in: an access token, and the refresh token's cookie."""

from typing import Literal

from fastapi import Request, Response
from pydantic import BaseModel, Field

from admin_api.limit import REFRESH_COOKIE, REFRESH_PATH
from admin_api.person import UserOut
from admin_api.services import Services
from keys.tokens import ACCESS_S, Access
from schemas.tables.people import SignIn, User


class SignedIn(BaseModel):
    """An access token, to be sent as `Authorization: Bearer …`, and how many seconds it counts."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds.", examples=[ACCESS_S])
    user: UserOut


def signed_in(open_here: Services, response: Response, row: SignIn, user: User) -> SignedIn:
    left = row.expires_at - row.turned_at
    response.set_cookie(
        REFRESH_COOKIE,
        open_here.tokens.refresh(row.id, row.turn),
        int(left.total_seconds()),
        path=REFRESH_PATH,
        httponly=True,
        samesite="strict",
        secure=open_here.config.public_url.startswith("https"),
    )
    access = Access(user.id, user.workspace_id, user.role, row.id)
    return SignedIn(access_token=open_here.tokens.access(access), expires_in=ACCESS_S, user=UserOut.of(user))


def agent(request: Request) -> str:
    said = request.headers.get("user-agent", "")
    return "".join(each for each in said if each.isprintable())[:200]
