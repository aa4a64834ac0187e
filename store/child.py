"""A server that runs beside us: started in a session of its own, waited for, stopped.

In its own session, so that Ctrl-C in the terminal reaches only us, and we stop the servers in order.
It inherits none of our environment, which may hold secrets.
"""

import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from schemas.problems import Outside

SUN_PATH_MAX = 107  # bytes of a Unix socket's path: unix(7)
LOG_MAX = 8 << 20
POLL_S = 0.005
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class ServerNotStarted(Outside):
    code = "store.server_not_started"
    status = 503
    title = "An embedded server did not start"
    sentence = "The embedded {server} did not start: {why}"


@dataclass(frozen=True)
class Account:
    """The user that a server runs as when we are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Embedded:
    """A running server: where it is, and how to stop it."""

    url: str
    pid: int | None
    stop: Callable[[], None]


def spawn(
    command: Sequence[str | Path], cwd: Path, log: Path, account: Account | None = None
) -> subprocess.Popen[bytes]:
    """Start a server in the folder `cwd`; what it prints goes to the end of `log`."""
    full = log.exists() and log.stat().st_size > LOG_MAX
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if full else 0), 0o600)
    try:
        return subprocess.Popen(  # noqa: S603
            command,
            cwd=cwd,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    finally:
        os.close(handle)


def wait_until(done: Callable[[], bool], timeout_s: float) -> bool:
    """Whether `done` came true in time."""
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def listener(path: Path) -> int | None:
    """The process that listens on a Unix socket; 0 if the system does not say, None if nobody does."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        if not hasattr(socket, "SO_PEERCRED"):
            return 0
        return struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def end(
    pid: int, steps: Sequence[tuple[signal.Signals, float]], child: subprocess.Popen[bytes] | None
) -> bool:
    """Ask a process to end, more firmly at each step. Whether it is gone."""

    def gone() -> bool:
        return not _runs(pid) if child is None else child.poll() is not None

    for asked, patience_s in steps:
        if gone():
            return True
        with suppress(ProcessLookupError):
            os.kill(pid, asked)
        if wait_until(gone, patience_s):
            return True
    return gone()


def _runs(pid: int) -> bool:
    """Whether a process that is not our child still runs. A zombie does not: nobody may ever reap it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1]
    except OSError:
        return not Path("/proc/self").exists()
    return state != b"Z"
