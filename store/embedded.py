"""The servers of a home folder: PostgreSQL and Redis of our own, where none is configured.

A home has one owner: the process that holds `<home>/servers.lock`. It starts the servers, writes where
they are to `<home>/servers.json`, and stops them. Others on the same home read that file and attach. The
lock goes with its process, however that ends, so the next one to come owns the home; if the last was
killed and its servers still run, they are stopped and started anew.

    <home>/postgres   data        <home>/servers.lock   held by the owner
    <home>/*.log      their logs  <home>/servers.json   URLs and process ids, while they run
"""

import atexit
import fcntl
import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from store import embedded_postgres, embedded_redis
from store.child import POLL_S, SUN_PATH_MAX, Embedded, ServerNotStarted
from store.embedded_postgres import start_postgres
from store.embedded_redis import start_redis

__all__ = ["Embedded", "Servers", "attach_or_start", "start_postgres", "start_redis", "stop_left"]

ATTACH_TIMEOUT_S = 150.0


@dataclass
class Servers:
    """Where the servers of a home are. The owner's `stop` stops them; everybody else's does nothing."""

    database_url: str
    redis_url: str
    owner: bool
    _ours: "_Ours | None" = field(default=None, repr=False)

    def stop(self) -> None:
        if self._ours and self._ours.process == os.getpid():
            ours, self._ours = self._ours, None
            ours.stop()
            atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def attach_or_start(home: Path) -> Servers:
    """The servers of `home`: those that run, or new ones, which then end with this process."""
    home = home.absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(home / "servers.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + ATTACH_TIMEOUT_S
    try:
        while not _taken(lock):
            if (found := _noted(home)) and _lives(found["owner"]):
                os.close(lock)
                return Servers(found["database_url"], found["redis_url"], owner=False)
            if time.monotonic() > deadline:
                raise ServerNotStarted(server="PostgreSQL", why=f"the owner of {home} does not come up")
            time.sleep(POLL_S)
        return _start(home, lock)
    except BaseException:
        with suppress(OSError):
            os.close(lock)
        raise


def running(home: Path) -> Servers | None:
    """The servers of `home` that somebody runs at this moment, to attach to; None when nobody does."""
    found = _noted(home.absolute())
    if found is None or not _lives(found["owner"]):
        return None
    return Servers(found["database_url"], found["redis_url"], owner=False)


def stop_left(home: Path) -> None:
    """Stop what runs in `home` though its owner is gone."""
    noted = _noted(home)
    (home / "servers.json").unlink(missing_ok=True)
    reach = _reach(home)
    try:
        embedded_redis.stop_left_redis(home, reach)
        embedded_postgres.stop_left_postgres(home, reach)
    finally:
        _forget(home, reach)
        if noted:
            _forget(home, Path(noted["reach"]))


@dataclass
class _Ours:
    process: int
    home: Path
    reach: Path
    lock: int
    servers: list[Embedded]

    def stop(self) -> None:
        """Redis first, PostgreSQL last; the note before both, the lock after."""
        (self.home / "servers.json").unlink(missing_ok=True)
        try:
            for server in reversed(self.servers):
                server.stop()
        finally:
            _forget(self.home, self.reach)
            os.close(self.lock)


def _start(home: Path, lock: int) -> Servers:
    stop_left(home)
    ours = _Ours(os.getpid(), home, _reach(home), lock, [])
    try:
        ours.servers.append(start_postgres(home, reach=ours.reach))
        ours.servers.append(start_redis(home, reach=ours.reach))
        postgres, redis = ours.servers
        _note(
            home,
            {
                "database_url": postgres.url,
                "redis_url": redis.url,
                "owner": ours.process,
                "postgres": postgres.pid,
                "redis": redis.pid,
                "reach": str(ours.reach),
            },
        )
    except BaseException:
        ours.stop()
        raise
    servers = Servers(postgres.url, redis.url, owner=True, _ours=ours)
    atexit.register(servers.stop)
    return servers


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _note(home: Path, facts: dict[str, Any]) -> None:
    draft = home / "servers.json.new"
    draft.write_text(json.dumps(facts, indent=1))
    draft.replace(home / "servers.json")


def _noted(home: Path) -> dict[str, Any] | None:
    try:
        return json.loads((home / "servers.json").read_bytes())
    except FileNotFoundError:
        return None


def _lives(pid: int) -> bool:
    """Whether a noted owner can be the one that holds the lock, rather than one before it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _reach(home: Path) -> Path:
    """The home, or if its path is too long for a socket, a link to it from a short private folder."""
    longest = home / "postgres" / embedded_postgres.SOCKET
    if len(os.fsencode(longest)) <= SUN_PATH_MAX:
        return home
    link = Path(tempfile.mkdtemp(prefix="chatloom-", dir="/tmp")) / "home"
    link.symlink_to(home, target_is_directory=True)
    return link


def _forget(home: Path, reach: Path) -> None:
    if reach != home and reach.is_symlink() and reach.readlink() == home:
        shutil.rmtree(reach.parent, ignore_errors=True)
