"""One embedded PostgreSQL and one Redis for a test run, shared by the workers of pytest-xdist.

The controller makes a folder and names it in the environment, which workers inherit. The first worker
that needs a server starts it, and at its end waits for the others before it stops it; the controller,
which runs no tests then and does not join, stops what a killed worker left. Each worker has a database
of its own. The system's own PostgreSQL, where there is one, is served the same way.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TextIO

import psycopg
import pytest

from store.child import Embedded
from store.embedded_postgres import DATABASE, start_postgres, stop_left_postgres
from store.embedded_redis import start_redis, stop_left_redis, system_programs, wheel_programs

FOLDER = "CHATLOOM_TEST_SERVERS"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DEBIAN = max(
    (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")),
    key=lambda path: int(path.parent.name),
    default=None,
)
REDIS = {"system": system_programs} | ({"wheel": wheel_programs} if any(wheel_programs()) else {})

_started: list[Embedded] = []
_joined: list[TextIO] = []


def open_folder() -> None:
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="chatloom-tests-")


def close_folder() -> None:
    folder = Path(os.environ.pop(FOLDER))
    for home in filter(Path.is_dir, folder.iterdir()):
        stop_left_postgres(home)
        stop_left_redis(home)
    shutil.rmtree(folder)


def join() -> None:
    """Say that this process may use the servers, until it leaves or dies."""
    _joined.append((Path(os.environ[FOLDER]) / "users").open("w"))
    fcntl.flock(_joined[0], fcntl.LOCK_SH)


def leave() -> None:
    """Stop the servers that this process started, once nobody uses them."""
    while _joined:
        _joined.pop().close()
    with (Path(os.environ[FOLDER]) / "users").open("w") as users:
        if _started:
            fcntl.flock(users, fcntl.LOCK_EX)
    while _started:
        _started.pop().stop()


def create_database(server: str, name: str, template: str = "template1") -> str:
    """The URL of a fresh database `name` on `server`, a copy of `template`."""
    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        db.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.replace(f"/{DATABASE}?", f"/{name}?")


def embedded_server() -> str:
    """The URL of the run's embedded PostgreSQL."""
    return _shared("embedded", lambda home: start_postgres(home, settings=FAST))


def missing(what: str) -> NoReturn:
    """A program of the system's that tests need is not here: CI fails, and a person's run skips."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(what)


def debian_server() -> str:
    """The URL of the run's server from the system's PostgreSQL, where there is one."""
    if DEBIAN is None:
        missing("The store's tests want the system's PostgreSQL too. Install its `postgresql` package.")
    return _shared("debian", lambda home: start_postgres(home, binaries=DEBIAN, settings=FAST))


@pytest.fixture(scope="session")
def database_url(worker_id: str) -> str:
    """A fresh, empty database of this worker."""
    return create_database(embedded_server(), f"test_{worker_id}")


@pytest.fixture(scope="session")
def debian_database_url(worker_id: str) -> str:
    """The same on the system's PostgreSQL."""
    return create_database(debian_server(), f"test_{worker_id}")


@pytest.fixture(scope="module", params=["embedded", "debian"])
def any_database_url(request: pytest.FixtureRequest, worker_id: str) -> str:
    """A fresh, empty database for each module of tests on each PostgreSQL."""
    server = debian_server() if request.param == "debian" else embedded_server()
    module = request.node.name.rpartition("/")[2].removesuffix(".py")
    return create_database(server, f"any_{worker_id}_{module}")


@pytest.fixture(scope="module", params=REDIS)
def any_redis_url(request: pytest.FixtureRequest) -> str:
    """Each Redis: the system's, and the wheel's where there is one."""
    programs = list(REDIS[request.param]())
    if not programs:
        missing("Redis's tests want the system's too. Install its `redis-server` package.")
    return _shared(f"redis-{request.param}", lambda home: start_redis(home, programs=programs))


@pytest.fixture(scope="session")
def redis_url(worker_id: str) -> str:
    """A Redis database of this worker."""
    number = int(worker_id.removeprefix("gw") if worker_id != "master" else 0) % 16
    return _shared("redis", start_redis).replace("db=0", f"db={number}")


def _shared(name: str, start: Callable[[Path], Embedded]) -> str:
    """The URL of the server `name`, started by whoever comes first."""
    folder = Path(os.environ[FOLDER])
    folder.chmod(0o711)
    home = folder / name
    home.mkdir(mode=0o711, exist_ok=True)
    with (home / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        noted = home / "url"
        if not noted.exists():
            server = start(home)
            _started.append(server)
            noted.write_text(server.url)
        return noted.read_text()
