"""How large a request may be, and how long it may take. Streams are bounded until they begin.

Plain ASGI, behind the one that names the caller: whom nobody knows may send little.
"""

import asyncio
import logging
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin_api.problems import answer
from schemas.problems import Outside, Refused

log = logging.getLogger(__name__)

MOST_BYTES = 32 << 20  # a bot's folder of 4 million characters, however it is escaped
STRANGERS_BYTES = 64 << 10
MOST_S = 60.0  # until the answer begins, the sending of the body included
HEARD_OUT_BYTES = 16 << 20
HEARD_OUT_S = 5.0


class RequestTooLarge(Refused):
    """The body has too many bytes."""

    code = "request.too_large"
    status = 413
    title = "The request is too large"
    sentence = "A request has at most {most} bytes here."


class TookTooLong(Outside):
    """The request was given up, and nothing was changed."""

    code = "request.took_too_long"
    status = 503
    title = "It took too long"
    sentence = "There was no answer within {most} s, so the request was given up. Try again later."


class Bounds:
    """Answers in place of a route that would read or take too much. Limits are arguments."""

    def __init__(
        self,
        app: ASGIApp,
        most_bytes: int = MOST_BYTES,
        strangers_bytes: int = STRANGERS_BYTES,
        most_s: float = MOST_S,
    ) -> None:
        self.app = app
        self.most_bytes, self.strangers_bytes, self.most_s = most_bytes, strangers_bytes, most_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        known = scope.get("state", {}).get("caller") is not None
        most = self.most_bytes if known else self.strangers_bytes
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > most:
            await hear_out(scope, receive)
            await answer(RequestTooLarge(most=most))(scope, receive, send)
            return
        size = 0
        more = True
        begun = False

        async def counted() -> Message:
            nonlocal size, more
            message = await receive()
            size += len(message.get("body", b""))
            more = bool(message.get("more_body"))
            return {"type": "http.disconnect"} if size > most else message

        async def begin(message: Message) -> None:
            nonlocal begun
            if size > most and not begun:
                return  # what the route makes of a body that breaks off
            if not begun:
                begun = True
                limit.reschedule(None)
            await send(message)

        limit = asyncio.timeout(self.most_s)
        try:
            async with limit:
                await self.app(scope, counted, begin)
        except TimeoutError:
            if not limit.expired() or begun:
                raise
            route = getattr(scope.get("route"), "path_format", "")
            log.warning("a request took too long: %s %s", scope["method"], route)
            await answer(TookTooLong(most=round(self.most_s)))(scope, receive, send)
            return
        if size > most and not begun:
            if more:
                await hear_out(scope, receive)
            await answer(RequestTooLarge(most=most))(scope, receive, send)


async def hear_out(scope: Scope, receive: Receive) -> None:
    """Read, within bounds, what is still to come of a request that is refused.

    A client whose connection is closed while it sends sees a reset in place of the answer (RFC 9112, 9.6). One
    that waits for leave to send its body needs none.
    """
    if "expect" in Headers(scope=scope):
        return
    left = HEARD_OUT_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(HEARD_OUT_S):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body"):
                    return
