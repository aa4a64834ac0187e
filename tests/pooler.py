"""A transaction pooler before a test's PostgreSQL: the system's PgBouncer, on loopback."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from store.child import Account, end, spawn, wait_until
from store.embedded_postgres import DATABASE, FAST_STOP
from store.roles import ROLES
from tests.servers import missing

CONFIG = """\
[databases]
* = host={socket_folder}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = 4
"""


def program() -> str:
    """Where PgBouncer is; as root on Debian it is installed."""
    path = f"{os.defpath}:/usr/sbin:{os.environ.get('PATH', '')}"
    if not shutil.which("pgbouncer", path=path) and os.geteuid() == 0 and shutil.which("apt-get"):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            install = ["apt-get", "install", "-y", "--no-install-recommends", "pgbouncer"]
            subprocess.run(install, capture_output=True, timeout=300, check=False)
    found = shutil.which("pgbouncer", path=path)
    if not found:
        missing("The pooler's test needs PgBouncer. Install the system's `pgbouncer` package.")
    return found


@contextmanager
def pooled(home: Path) -> Iterator[str]:
    """The URL of a pooler before the PostgreSQL of `home`, for role `owner`, until the block ends.

    It runs as the server's user, in the server's folder: so it may use the socket there.
    """
    data = home / "postgres"
    owner = data.stat()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        users, config = folder / "users", folder / "pgbouncer.ini"
        users.write_text("".join(f'"chatloom_{role}" ""\n' for role in ROLES))
        config.write_text(CONFIG.format(socket_folder="/proc/self/cwd", port=port, users=users))
        account = Account("postgres", owner.st_uid, owner.st_gid) if os.geteuid() == 0 else None
        child = spawn([program(), str(config)], data, folder / "log", account)
        try:
            assert wait_until(lambda: _listens(port) or child.poll() is not None, 30)
            assert child.poll() is None, (folder / "log").read_text()
            yield f"postgresql://chatloom_owner@127.0.0.1:{port}/{quote(DATABASE)}"
        finally:
            end(child.pid, FAST_STOP, child)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
