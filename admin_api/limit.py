"""Who calls is worked out here, in front of the API's routes; and those whom nobody knows are limited.

Plain ASGI. What comes with a key or a token that is known is not counted; nor is a refresh token that we
signed, or an office whose people share one address could not stay signed in; nor is the answer to a call of a custom
action, by the address that came with it.
"""

import datetime as dt
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from admin_api.callers import identified
from admin_api.problems import answer
from admin_api.services import Services
from schemas.problems import NotFound, Problem, Refused
from store import callback
from store.limits import Limit, household

PREFIX = "/api/"
CALLBACKS = "/api/v1/action-callbacks/"
REFRESH_COOKIE = "chatloom_refresh"
REFRESH_PATH = "/api/v1/sign-in"


class TooMany(Refused):
    """Too many requests without a key."""

    code = "caller.too_many_requests"
    status = 429
    title = "Too many requests"
    sentence = "At most {most} requests in {minutes} minutes without a key. Try again in {retry_in} s."


class RateLimit:
    """Names the caller in `request.state.caller`, or counts by address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.limit: Limit | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            open_here: Services = scope["app"].state.services
            headers = Headers(scope=scope)
            address = (scope.get("client") or ("",))[0]
            try:
                found = await identified(open_here, headers.get("authorization", ""), address)
                answers = found is None and await _answers(open_here, scope["path"])
            except Problem as problem:  # the database is away
                await answer(problem)(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = found
            ours = answers or _refreshes(open_here, scope["path"], headers.get("cookie", ""))
            if found is None and not ours:
                config = open_here.config
                if self.limit is None:
                    self.limit = Limit(config.rate_limit, config.rate_window_s, open_here.redis)
                wait = await self.limit.retry_in(household(address))
                if wait is not None:
                    minutes = config.rate_window_s // 60
                    problem = TooMany(most=config.rate_limit, minutes=minutes, retry_in=wait)
                    await answer(problem, {"Retry-After": str(wait)})(scope, receive, send)
                    return
        await self.app(scope, receive, send)


def _refreshes(open_here: Services, path: str, cookies: str) -> bool:
    if path != f"{REFRESH_PATH}/refresh":
        return False
    try:
        morsel = SimpleCookie(cookies).get(REFRESH_COOKIE)
    except CookieError:
        return False
    return morsel is not None and open_here.tokens.read_refresh(morsel.value) is not None


async def _answers(open_here: Services, path: str) -> bool:
    token = path.removeprefix(CALLBACKS)
    workspace = callback.workspace_of(token) if token != path else None
    if workspace is None:
        return False
    try:
        asked = callback.read(await open_here.sealer(workspace), token)
    except NotFound:
        return False
    return asked is not None and asked.until > dt.datetime.now(dt.UTC)
