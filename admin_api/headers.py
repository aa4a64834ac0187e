"""What every answer tells a browser: take it for what it says it is, frame it nowhere, load nothing, keep nothing.

Plain ASGI, around everything. A page or a file that needs something else says so itself, and that stands.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

USUAL = {
    b"x-content-type-options": b"nosniff",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}
HTTPS_ONLY = {b"strict-transport-security": b"max-age=31536000"}  # where the world reaches us by https


class SafeHeaders:
    """Adds the headers that an answer lacks. `https`: whether the public URL is one."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self.app = app
        self.usual = {**USUAL, **(HTTPS_ONLY if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message.get("headers", ())}
                added = [(name, value) for name, value in self.usual.items() if name not in given]
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        await self.app(scope, receive, said)
