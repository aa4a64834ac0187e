"""The HTTP side of Chatloom: the API at /api/v1, and beside it the doors, the simulator, health and metrics.

Routers are found by folder: each file in `routes/` has a `router`. The doors at /hooks/ stand before
FastAPI and share nothing with it but the process.
"""

import importlib
import pkgutil
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

import admin_api.routes
from admin_api import health, metrics, simulator
from admin_api.doors import Doors
from admin_api.limit import RateLimit
from admin_api.problems import install
from admin_api.services import Config, opened

API = "/api/v1"
HOOKS = "/hooks/"


def create_app(config: Config) -> ASGIApp:
    """The whole ASGI application. Its lifespan opens and closes what `config` names."""
    doors = Doors(config)
    app = api(lambda: opened(config), doors)
    return Front(app, doors)


class Front:
    """Sends webhooks straight to the doors, and everything else to FastAPI."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self.app = app
        self.doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(HOOKS):
            await self.doors(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def api(open_services: Callable[[], AbstractAsyncContextManager[Any]], doors: Doors | None = None) -> FastAPI:
    """FastAPI with all routers. `open_services` None-like contexts serve to print the OpenAPI document."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncGenerator[None]:
        async with open_services() as services:
            app.state.services = services
            if doors is None:
                yield
                return
            async with doors.open():
                yield

    app = FastAPI(
        title="Chatloom",
        version="1",
        summary="Bots, numbers and what people said.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        generate_unique_id_function=_operation_id,
    )
    install(app)
    app.add_middleware(RateLimit)
    for router in routers():
        app.include_router(router, prefix=API)
    app.include_router(health.router)
    app.include_router(metrics.router)
    simulator.mount(app)
    return app


def routers() -> list[APIRouter]:
    """The routers of `admin_api/routes/`, sorted by file."""
    names = sorted(module.name for module in pkgutil.iter_modules(admin_api.routes.__path__))
    return [importlib.import_module(f"admin_api.routes.{name}").router for name in names]


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0] if route.tags else 'root'}_{route.name}"
