"""What every test gets: loopback only, servers of the run's own, and an installation for each worker."""

import asyncio
import gc
import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.settings import SHORTEST_LEASE_S
from store.child import Embedded
from store.embedded_redis import start_redis
from tests import servers
from tests.installation import Installation
from tests.servers import any_database_url, any_redis_url, database_url, debian_database_url, redis_url

__all__ = ["any_database_url", "any_redis_url", "database_url", "debian_database_url", "redis_url"]


class NetReached(AssertionError):
    """A test tried to leave this machine."""


def pytest_configure(config: pytest.Config) -> None:
    guard_sockets()
    # A shell that runs us in the background ignores Ctrl-C, and what we start would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    worker = hasattr(config, "workerinput")
    if not worker:
        servers.open_folder()
    if worker or config.getoption("dist", "no") == "no":
        gc.disable()  # until all is imported and collected: there is nothing to be freed
        servers.join()


def pytest_collection_finish() -> None:
    """What was imported and collected stays: looking through it again and again took a tenth of the time."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(700, 10, 50)  # the eldest generation, a fifth as often: it is small now


def pytest_sessionfinish(session: pytest.Session) -> None:
    servers.leave()
    if not hasattr(session.config, "workerinput"):
        servers.close_folder()


@dataclass
class Stack:
    """The worker's installation, and the Redis that only it uses."""

    installed: Installation
    redis: Embedded
    redis_home: Path


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Real processes, for whoever kills them, stops them or looks at them from outside.

    A number that was killed is free after the shortest lease that there may be.
    """
    folder = tmp_path_factory.mktemp("s")
    folder.chmod(0o711)
    (folder / "r").mkdir(mode=0o711)
    redis = start_redis(folder / "r")
    shared = Stack(
        Installation(
            folder / "h",
            environment={"REDIS_URL": redis.url, "CHATLOOM_LEASE_SECONDS": str(SHORTEST_LEASE_S)},
            program="tests.cheap",
        ),
        redis,
        folder / "r",
    )
    try:
        asyncio.run(shared.installed.__aenter__())
        try:
            shared.installed.add_app()
            yield shared
        finally:
            shared.installed.close()
    finally:
        shared.redis.stop()


@pytest.fixture
def installed(stack: Stack) -> Installation:
    """The worker's installation, whole again if the last test left it broken."""
    asyncio.run(stack.installed.mend())
    return stack.installed


def guard_sockets() -> None:
    """Let sockets reach Unix sockets and loopback, and raise for anything else."""
    if hasattr(socket.socket.connect, "guarded"):
        return
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded_method(getattr(socket.socket, name)))
    socket.getaddrinfo = _guarded_look_up(socket.getaddrinfo)


def _guarded_method(plain: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _check(address[0])
        return plain(self, address)

    connect.guarded = True  # type: ignore[attr-defined]
    return connect


def _guarded_look_up(plain: Callable[..., Any]) -> Callable[..., Any]:
    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        if host is not None:
            _check(host)
        return plain(host, *args, **options)

    return getaddrinfo


def _check(host: str | bytes) -> None:
    name = os.fsdecode(host)
    try:
        local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = name == "localhost"
    if not local and name not in ("", "0.0.0.0", "::"):
        raise NetReached(f"A test tried to reach {name}. Tests reach loopback only.")
