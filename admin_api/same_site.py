"""Against requests that another site makes a browser send (CSRF).

The only cookie is the refresh token's: SameSite=Strict, and sent to `/api/v1/sign-in` alone. Strict still
lets other origins of the same *site* send it (another port, a neighbour's subdomain), so what a cookie opens
also takes a header that pages elsewhere cannot set without asking first (CORS is off, so the answer is no),
and whatever the browser says of the origin has to be ours. Programs that are no browser say nothing of it.
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request

from admin_api.callers import Open
from schemas.problems import Refused

HEADER = "X-Chatloom"


class CrossSite(Refused):
    """The request comes from a page of another site, or bears a cookie without the header."""

    code = "caller.cross_site"
    status = 403
    title = "Not from here"
    sentence = "{why}"


def from_our_pages(request: Request, open_here: Open) -> None:
    """Raises `CrossSite` where a browser says that another origin's page asks."""
    fetch = request.headers.get("sec-fetch-site", "same-origin")
    if fetch not in ("same-origin", "none"):
        raise CrossSite(why="A page of another site may not do this.")
    origin = request.headers.get("origin")
    if origin is None:
        return
    ours = {request.headers.get("host", "").lower(), urlsplit(open_here.config.public_url).netloc.lower()}
    if urlsplit(origin).netloc.lower() not in ours - {""}:
        raise CrossSite(
            why="A page of another origin may not do this. If this is yours, set CHATLOOM_PUBLIC_URL to it."
        )


def by_cookie(
    _: Annotated[None, Depends(from_our_pages)],
    x_chatloom: Annotated[str, Header(description="Anything; pages of other sites cannot send it.")] = "",
) -> None:
    """What a cookie opens: also takes the header. Raises `CrossSite`."""
    if not x_chatloom:
        raise CrossSite(why=f"Send the header {HEADER} (with any value) along with the cookie.")
