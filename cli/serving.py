"""Serving HTTP: uvicorn without its access log, on uvloop and httptools, with a clean stop."""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import uvicorn

from admin_api.app import Front
from admin_api.services import Config
from cli import operator_key
from cli.settings import Settings
from keys.master import load_master_keys
from schemas.problems import Refused

DRAIN_S = 15


class PortTaken(Refused):
    """Somebody else listens there."""

    code = "serve.port_taken"
    status = 409
    sentence = "{host}:{port} cannot be listened on: {why}. Set CHATLOOM_PORT to another port."


def api_config(settings: Settings) -> Config:
    """What the API is composed of, from the settings."""
    return Config(
        database_url=settings.database_url,
        database_direct_url=settings.database_direct_url,
        prepare_threshold=settings.prepare_threshold,
        redis_url=settings.redis_url,
        masters=load_master_keys(settings.home, os.environ, create=True),
        operator_key=operator_key.load_or_make(settings),
        rate_limit=settings.rate_limit,
        public_url=settings.public_url,
    )


def metrics_folder(settings: Settings) -> None:
    """Let all processes of this home share their metrics. Before prometheus_client is imported."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        folder = settings.home / "metrics"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    _forget_dead(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, taken before anything else is started. Raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PortTaken(host=host, port=port, why=error.strerror or str(error)) from error
    listener.setblocking(False)
    return listener


def address(listener: socket.socket) -> str:
    """The URL at which this machine reaches a listener."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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
                proxy_headers=False,
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

    def capture_signals(self) -> AbstractContextManager[None]:
        return nullcontext()


def _forget_dead(folder: Path) -> None:
    """Take away the files of processes that are gone, but for what they counted."""
    from prometheus_client import multiprocess

    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not Path(f"/proc/{pid}").exists() and Path("/proc").exists():
            multiprocess.mark_process_dead(pid, str(folder))
