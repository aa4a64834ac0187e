"""Serving HTTP: uvicorn without its access log, on uvloop and httptools, with a clean stop."""

import asyncio
import os
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn

from admin_api.app import Front
from admin_api.services import Config
from cli import operator_key
from cli.settings import Settings
from keys.master import load_master_keys

DRAIN_S = 15


def api_config(settings: Settings) -> Config:
    """What the API is composed of, from the settings."""
    return Config(
        database_url=settings.database_url,
        database_direct_url=settings.database_direct_url,
        prepare_threshold=settings.prepare_threshold,
        redis_url=settings.redis_url,
        masters=load_master_keys(settings.home, os.environ, create=True),
        operator_key=operator_key.load_or_make(settings),
        media=settings.home.absolute() / "media",
        exports=settings.home.absolute() / "exports",
        rate_limit=settings.rate_limit,
        public_url=settings.public_url,
        trusted_proxies=settings.trusted_proxies,
        cors_origins=tuple(settings.cors_origins.split(",")) if settings.cors_origins else (),
        allow_private_webhooks=settings.allow_private_webhooks,
    )


async def serve(
    config: Config,
    listener: socket.socket,
    stop: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until `stop` is set. `ready` is called when requests are answered."""
    front = Front(config)
    async with front.open():
        server = _Server(
            uvicorn.Config(
                front,
                loop="none",
                http="httptools",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=DRAIN_S,
                timeout_keep_alive=75,
                proxy_headers=bool(config.trusted_proxies),
                forwarded_allow_ips=config.trusted_proxies,
            )
        )
        server.ready = ready

        async def watch() -> None:
            await stop.wait()
            front.close_streams()
            server.should_exit = True

        watching = asyncio.create_task(watch())
        try:
            await server.serve([listener])
        finally:
            watching.cancel()


class _Server(uvicorn.Server):
    """Says when it has started, and leaves signals to whoever composes the process."""

    ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
