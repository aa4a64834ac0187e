"""The HTTP side of Chatloom: the API at /api/v1, and beside it the doors, the simulator, health and metrics.

Routers are found by folder: each file in `routes/` has a `router`. The doors at /hooks/ stand before
FastAPI and share nothing with it but the process. Every other address is the web UI's.
"""

import importlib
import pkgutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

import admin_api.routes
from admin_api import health, metrics, simulator
from admin_api.bounds import Bounds, RequestTooLarge, TookTooLong
from admin_api.callers import resource
from admin_api.doors import Doors
from admin_api.headers import SafeHeaders
from admin_api.idempotency import Idempotency, declared
from admin_api.limit import RateLimit, TooMany
from admin_api.problems import described, install, problems
from admin_api.services import Config, opened
from admin_api.streams import itemized
from admin_api.ui import Ui

API = "/api/v1"
HOOKS = "/hooks/"
NO_PAGES = frozenset({"api", "hooks", "health", "metrics", "simulator", "static"})  # first parts of paths


class Front:
    """The whole ASGI application: webhooks go straight to the doors, pages to the UI, everything else to FastAPI."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.api = api()
        self.doors = Doors(config)
        self.ui = Ui()
        self.front: ASGIApp = SafeHeaders(self._route, config.public_url.startswith("https"))
        if config.cors_origins:
            self.front = CORSMiddleware(
                self.front,
                config.cors_origins,
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["ETag", "Idempotency-Replayed", "Retry-After"],
            )

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Open what requests need, for as long as they are served. ASGI's own lifespan is not used."""
        async with opened(self.config) as services, self.doors.open():
            self.api.state.services = services
            yield

    def close_streams(self) -> None:
        """Let live views end, so that a stop need not wait for them."""
        self.api.state.services.closing.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.front(scope, receive, send)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(HOOKS):
            await self.doors(scope, receive, send)
        elif scope["type"] == "http" and _is_page(scope):
            await self.ui(scope, receive, send)
        else:
            await self.api(scope, receive, send)


def _is_page(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") and scope["path"].split("/", 2)[1] not in NO_PAGES


def api() -> FastAPI:
    """FastAPI with all routers; its `openapi()` needs nothing that is open."""
    app = FastAPI(
        title="Chatloom",
        version="1",
        summary="Bots, numbers and what people said.",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        generate_unique_id_function=_operation_id,
    )
    install(app)
    app.openapi = lambda: itemized(declared(described(app)))
    for each in (Idempotency, Bounds, RateLimit):  # the last one comes first: it names the caller
        app.add_middleware(each)
    app.state.resources = {resource(each.tags[0]) for each in (*routers(), simulator.links)}
    for router in routers():
        app.include_router(router, prefix=API, responses=problems(TooMany, RequestTooLarge, TookTooLong))
    app.include_router(health.router)
    app.include_router(metrics.router)
    simulator.mount(app)
    return app


def routers() -> list[APIRouter]:
    """The routers of `admin_api/routes/`, sorted by file."""
    names = sorted(module.name for module in pkgutil.iter_modules(admin_api.routes.__path__))
    return [importlib.import_module(f"admin_api.routes.{name}").router for name in names]


def _operation_id(route: APIRoute) -> str:
    return f"{resource(route.tags[0]).replace('-', '_') if route.tags else 'root'}_{route.name}"
