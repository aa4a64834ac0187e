"""The API's rate limit, for callers without a valid key. Plain ASGI, in front of the API's routes only."""

from starlette.types import ASGIApp, Receive, Scope, Send

from admin_api.problems import answer
from admin_api.services import Services
from schemas.problems import Refused
from store.limits import Limit

PREFIX = "/api/"


class TooMany(Refused):
    """Too many requests without a key."""

    code = "caller.too_many_requests"
    status = 429
    title = "Too many requests"
    sentence = "At most {most} requests in {minutes} minutes without a key. Try again in {retry_in} s."


class RateLimit:
    """Counts by address; what comes with a key that is known is not counted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.limit: Limit | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            open_here: Services = scope["app"].state.services
            if not _known(scope, open_here):
                config = open_here.config
                if self.limit is None:
                    self.limit = Limit(config.rate_limit, config.rate_window_s, open_here.redis)
                wait = await self.limit.retry_in((scope.get("client") or ("",))[0])
                if wait is not None:
                    minutes = config.rate_window_s // 60
                    problem = TooMany(most=config.rate_limit, minutes=minutes, retry_in=wait)
                    await answer(problem, {"Retry-After": str(wait)})(scope, receive, send)
                    return
        await self.app(scope, receive, send)


def _known(scope: Scope, open_here: Services) -> bool:
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, key = value.decode("latin-1").partition(" ")
            return kind.lower() == "bearer" and open_here.is_operator(key.strip())
    return False
