"""The embedded servers: started, shared, killed in every way, and started again with their data."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from store import embedded_postgres, embedded_redis
from store.child import ServerNotStarted, end, listener
from store.embedded import Servers, attach_or_start, start_postgres, start_redis
from store.embedded_postgres import PostgresOfAnother, PostgresVersionUnknown
from tests.conftest import NetReached

OTHER_PROCESS = """
import json, os, sys, signal
from pathlib import Path
import psycopg
from store.embedded import attach_or_start
home, uid, then = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if uid:
    os.setgroups([]); os.setgid(uid); os.setuid(uid)
servers = attach_or_start(home)
note = home / "servers.json"
try:
    print(json.dumps({"database_url": servers.database_url, "redis_url": servers.redis_url,
        "owner": servers.owner, "pids": json.loads(note.read_text())}), flush=True)
    if then == "wait":
        sys.stdin.read()
except KeyboardInterrupt:
    with psycopg.connect(servers.database_url) as db:
        print(db.execute("SELECT 'still here'").fetchone()[0], flush=True)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has been started once and holds a row."""
    home = tmp_path_factory.mktemp("embedded") / "data"
    with attach_or_start(home) as servers:
        assert servers.owner
        with psycopg.connect(servers.database_url) as db:
            db.execute("CREATE TABLE kept AS SELECT 'kept' AS word")
        assert noted(home)["owner"] == os.getpid()
    return home


@pytest.fixture
def servers(home: Path) -> Iterator[Servers]:
    with attach_or_start(home) as servers:
        yield servers


def kept(url: str) -> str:
    with psycopg.connect(url) as db:
        row = db.execute("SELECT word FROM kept").fetchone()
    assert row
    return row[0]


def noted(home: Path) -> dict[str, int]:
    return json.loads((home / "servers.json").read_text())


def gone(pid: int) -> bool:
    return end(pid, (), None)


def other_process(home: Path, then: str, uid: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(home), str(uid), then],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def said(process: subprocess.Popen[str]) -> dict:
    assert process.stdout
    return json.loads(process.stdout.readline())


def test_home_and_its_files_are_private(home: Path) -> None:
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "postgres").stat().st_mode & 0o777 == 0o700
    for entry in home.glob("*.l*"):
        assert entry.stat().st_mode & 0o777 == 0o600


def test_warm_start_has_the_data_and_the_settings(servers: Servers) -> None:
    assert kept(servers.database_url) == "kept"
    with psycopg.connect(servers.database_url) as db:
        for name, value in (("max_connections", "300"), ("fsync", "on"), ("jit", "off"), ("TimeZone", "UTC")):
            assert db.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,)
        assert db.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    with redis.Redis.from_url(servers.redis_url) as client:
        assert client.ping()
        assert client.config_get("save") == {"save": ""}


def test_stop_leaves_nothing_behind(home: Path) -> None:
    servers = attach_or_start(home)
    pids = noted(home)
    servers.stop()
    servers.stop()
    assert gone(pids["postgres"])
    assert gone(pids["redis"])
    assert not (home / "servers.json").exists()
    assert listener(home / "postgres" / ".s.PGSQL.5432") is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(servers.database_url)


def test_second_in_the_same_process_attaches(home: Path, servers: Servers) -> None:
    second = attach_or_start(home)
    assert (second.owner, second.database_url, second.redis_url) == (
        False,
        servers.database_url,
        servers.redis_url,
    )
    second.stop()
    assert kept(servers.database_url) == "kept"


def test_second_process_attaches_and_does_not_stop(home: Path, servers: Servers) -> None:
    with other_process(home, "leave") as second:
        answer = said(second)
    assert (answer["owner"], answer["database_url"]) == (False, servers.database_url)
    assert kept(servers.database_url) == "kept"


def test_owner_that_ends_stops_its_servers(home: Path) -> None:
    with other_process(home, "leave") as owner:
        answer = said(owner)
    assert answer["owner"]
    assert gone(answer["pids"]["postgres"])
    assert gone(answer["pids"]["redis"])


def test_killed_owner_has_an_heir(home: Path) -> None:
    with other_process(home, "wait") as owner:
        left = said(owner)["pids"]
        owner.kill()
    assert not gone(left["postgres"])
    with attach_or_start(home) as servers:
        assert servers.owner
        assert kept(servers.database_url) == "kept"
        assert gone(left["postgres"])
        assert gone(left["redis"])


def test_ctrl_c_leaves_the_servers_to_the_owner(home: Path) -> None:
    with other_process(home, "wait") as owner:
        pids = said(owner)["pids"]
        os.killpg(owner.pid, signal.SIGINT)
        assert owner.stdout
        assert owner.stdout.read() == "still here\n"
    assert owner.returncode == 0
    assert gone(pids["postgres"])
    assert gone(pids["redis"])


def test_killed_postmaster_starts_again(home: Path) -> None:
    first = start_postgres(home)
    assert first.pid
    with psycopg.connect(first.url) as db:
        os.kill(first.pid, signal.SIGKILL)
        second = start_postgres(home)
        assert kept(second.url) == "kept"
        with pytest.raises(psycopg.OperationalError):
            db.execute("SELECT 1")
    first.stop()
    second.stop()


def test_server_left_running_is_replaced(home: Path) -> None:
    first, first_redis = start_postgres(home), start_redis(home)
    second, second_redis = start_postgres(home), start_redis(home)
    assert (kept(second.url), first.url) == ("kept", second.url)
    for server in (second, second_redis, first, first_redis):
        server.stop()
        assert server.pid
        assert gone(server.pid)


def test_stale_notes_that_name_a_stranger_are_ignored(home: Path) -> None:
    owner = (home / "postgres").stat()
    stranger = subprocess.Popen(["sleep", "60"], user=owner.st_uid if os.geteuid() == 0 else None)
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        note = home / "postgres" / name
        note.write_text(f"{stranger.pid}\n{home / 'postgres'}\n1700000000\n5432\n.\n\n\nready\n")
        os.chown(note, owner.st_uid, owner.st_gid)
    (home / "servers.json").write_text(
        json.dumps({"owner": stranger.pid, "database_url": "", "redis_url": "", "reach": "/tmp/nowhere"})
    )
    (home / "postgres.new-torn").mkdir()
    with attach_or_start(home) as servers:
        assert kept(servers.database_url) == "kept"
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_moved_home_keeps_its_data(home: Path) -> None:
    moved = home.with_name("moved")
    home.rename(moved)
    with attach_or_start(moved) as servers:
        assert kept(servers.database_url) == "kept"
        assert "moved" in servers.database_url
    moved.rename(home)


def test_long_home_is_reached_by_a_short_link(home: Path) -> None:
    deep = home.parent / ("long-" * 30) / "data"
    deep.parent.mkdir()
    home.rename(deep)
    with attach_or_start(deep) as servers:
        assert kept(servers.database_url) == "kept"
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.ping()
        link = Path(str(noted(deep)["reach"]))
        assert link.parent.stat().st_mode & 0o777 == 0o700
        assert not attach_or_start(deep).owner
    assert not link.parent.exists()
    deep.rename(home)


def test_works_for_an_ordinary_user(tmp_path_factory: pytest.TempPathFactory) -> None:
    uid = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else 0
    home = Path(os.environ["CHATLOOM_TEST_SERVERS"]) / "ordinary"
    home.parent.chmod(0o711)
    home.mkdir(mode=0o700)
    if uid:
        os.chown(home, uid, uid)
    with other_process(home, "leave", uid) as owner:
        answer = said(owner)
    assert answer["owner"]
    assert owner.returncode == 0
    assert (home / "postgres").stat().st_uid == (uid or os.geteuid())
    assert gone(answer["pids"]["postgres"])
    with attach_or_start(home) as servers, psycopg.connect(servers.database_url) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
    assert (home / "postgres").stat().st_uid == (uid or os.geteuid())


def test_data_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "postgres").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(PostgresOfAnother, match="CHATLOOM_HOME"):
        start_postgres(tmp_path)


def test_data_of_an_unknown_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresVersionUnknown, match="PostgreSQL 9,"):
        attach_or_start(tmp_path)
    assert not (tmp_path / "servers.json").exists()


def test_server_that_cannot_start_says_why(home: Path) -> None:
    with pytest.raises(ServerNotStarted, match="max_connections"):
        start_postgres(home, settings={"max_connections": "none"})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up being root")
def test_programs_out_of_reach_are_copied_and_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(os.environ["CHATLOOM_TEST_SERVERS"])
    folder.chmod(0o711)
    monkeypatch.setattr(embedded_postgres, "COPIES", folder / "copies")
    install = embedded_postgres._bundled(tmp_path / "none").parent
    package = tmp_path / "private" / install.parent.name
    shutil.copytree(install, package / install.name, symlinks=True)
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, package.with_name(libraries.name), symlinks=True)
    (tmp_path / "private").chmod(0o700)
    (package / install.name / "bin" / "postgres").chmod(0o700)
    (tmp_path / "home").mkdir()
    server = start_postgres(tmp_path / "home", binaries=package / install.name / "bin")
    with psycopg.connect(server.url) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
    assert Path(f"/proc/{server.pid}/exe").readlink().is_relative_to(folder / "copies")
    server.stop()


def test_without_any_redis_an_imitation_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(embedded_redis, "_programs", lambda: ["/bin/false"])
    server = start_redis(tmp_path)
    with redis.Redis.from_url(server.url) as client:
        client.set("a", "1")
        assert client.get("a") == b"1"
    server.stop()
    assert "does not start here" in caplog.text
    assert "imitation" in caplog.text


def test_server_that_does_not_listen_to_reason_is_killed() -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-S", "-c", deaf], stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        assert end(child.pid, ((signal.SIGTERM, 0.05), (signal.SIGKILL, 5.0)), child)


def test_each_postgres_of_this_machine_serves(any_database_url: str) -> None:
    with psycopg.connect(any_database_url) as db:
        assert db.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
        assert db.info.server_version >= 150000


def test_each_redis_of_this_machine_serves(any_redis_url: str) -> None:
    with redis.Redis.from_url(any_redis_url) as client:
        assert client.ping()


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com"])
def test_net_is_out_of_reach(host: str) -> None:
    with pytest.raises(NetReached, match="loopback only"):
        socket.create_connection((host, 80), timeout=1)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(NetReached):
        client.connect((host, 80))
