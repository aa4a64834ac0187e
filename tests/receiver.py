"""An endpoint on loopback that takes webhooks, or does not; and the job that delivers them."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from jobs import webhooks
from jobs.job import Desk
from keys.master import MasterKeys
from store.directory import SealerShelf
from store.notify import Notifier
from store.pool import Database, pool
from store.roles import url_for

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def taken(_: web.Request) -> web.StreamResponse:
    return web.Response(status=204)


@dataclass
class Receiver:
    """What came: headers and body. `answer` says how the next is answered."""

    url: str = ""
    answer: Answer = taken
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """What came, once the reference library has verified each signature."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.came]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.came.append(
            ({name.lower(): value for name, value in request.headers.items()}, await request.read())
        )
        return await self.answer(request)


@asynccontextmanager
async def receiver() -> AsyncGenerator[Receiver]:
    found = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", found.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield found
    finally:
        await runner.cleanup()


async def deliver(url: str, masters: MasterKeys, allow_private: bool = True) -> None:
    """What `chatloom work` does until nothing is due."""
    async with pool(Database(url_for(url, "runtime"))) as connections:
        notifier = Notifier(connections)
        nowhere = Path("/nowhere")
        await webhooks.do(Desk(connections, SealerShelf(masters), notifier, masters, nowhere, allow_private))
        await notifier.close()
