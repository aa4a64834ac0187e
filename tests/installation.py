"""Chatloom as it is installed: its own PostgreSQL, `serve`, and number processes, all real, on loopback.

For the benchmark and the drills, which measure these processes, kill them and stop them. A process that the
kernel's SIGKILL ends leaves nothing behind but what is in the database.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg

from cli import folder
from cli.client import Client
from cli.settings import Settings
from store import migrate
from store.child import Embedded
from store.embedded_postgres import start_postgres, stop_left_postgres
from store.roles import logging_in
from tests.until import PATIENCE_S, until

ROOT = Path(__file__).parent.parent
APP = "bench"
SECRET = "an app's secret"
TOKEN = "an access token"
UNLIMITED = {"throttle": "off", "max_sends": "off", "pair_limit": "off"}
START_S = 60.0


def door_of(url: str) -> str:
    """Where a server takes webhooks."""
    return f"{url}/hooks/cloud_api/{APP}"


class Installation:
    """One home. `async with` starts PostgreSQL and the server; numbers are started by hand."""

    def __init__(
        self,
        home: Path,
        postgres: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        program: str = "cli.main",
    ) -> None:
        """`program`: the module that serves, `tests.cheap` where passwords are to be cheap."""
        self.home = home
        self._program = program
        self._postgres_settings = postgres
        self.server: subprocess.Popen[bytes] | None = None
        self.postgres: Embedded | None = None
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "CHATLOOM_HOME": str(home),
            "CHATLOOM_PORT": str(self.port),
            "CHATLOOM_RATE_LIMIT": "0",
            "CHATLOOM_LOG_FORMAT": "json",
            "PROMETHEUS_MULTIPROC_DIR": str(home / "metrics"),
            **(environment or {}),
        }
        self._processes: list[subprocess.Popen[bytes]] = []
        self._numbers: list[subprocess.Popen[bytes]] = []

    async def __aenter__(self) -> Self:
        (self.home / "metrics").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.home.chmod(0o700)
        try:
            self.start_postgres()
            migrate.upgrade(self.database, log_in=True)
            await self.start_server()
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything that was started."""
        self._end(self._processes)
        if self.postgres is not None:
            self.postgres.stop()
            self.postgres = None

    # Processes.

    def end_numbers(self) -> None:
        """End the numbers' processes, also those that are stopped, in good order."""
        self._end(self._numbers)

    async def mend(self) -> None:
        """Start again what a test that failed half-way left dead."""
        if self.postgres is None:
            self.start_postgres()
        if self.server is None or self.server.poll() is not None:
            await self.start_server()

    def _end(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in list(processes):
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._forget(process)

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        for known in (self._processes, self._numbers):
            if process in known:
                known.remove(process)

    @property
    def door(self) -> str:
        """Where webhooks go."""
        return door_of(self.url)

    def start_postgres(self) -> None:
        """Start the database of the home; one that was killed recovers."""
        self.postgres = start_postgres(self.home, settings=self._postgres_settings)
        self.database = self.postgres.url
        self._environment["DATABASE_URL"] = logging_in(self.database)

    def stop_postgres(self) -> None:
        """Stop it in good order."""
        assert self.postgres is not None
        self.postgres.stop()
        self.postgres = None

    def kill_postgres(self) -> None:
        """SIGKILL to the postmaster; its children see that and die. Nothing is flushed."""
        assert self.postgres is not None
        assert self.postgres.pid is not None
        os.kill(self.postgres.pid, signal.SIGKILL)
        self.postgres.stop()
        stop_left_postgres(self.home)
        self.postgres = None

    async def start_server(self) -> None:
        """Start `chatloom serve`, and wait until it can do its work."""
        self.server = self.start("server", "-m", self._program, "serve")
        await self._until_ready(self.server, "server", self.url)

    async def start_another_server(self, name: str, environment: Mapping[str, str]) -> str:
        """A `chatloom serve` beside the first, in another environment; its URL."""
        port = _free_port()
        more = {**environment, "CHATLOOM_PORT": str(port)}
        server = self.start(name, "-m", self._program, "serve", environment=more)
        url = f"http://127.0.0.1:{port}"
        await self._until_ready(server, name, url)
        return url

    async def _until_ready(self, server: subprocess.Popen[bytes], name: str, url: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            await until(partial(self._answers, client, server, name, url), START_S)

    async def _answers(
        self, client: httpx.AsyncClient, server: subprocess.Popen[bytes], name: str, url: str
    ) -> bool:
        if server.poll() is not None:
            raise RuntimeError(self.log(name)[-2000:])
        with contextlib.suppress(httpx.TransportError):
            return (await client.get(f"{url}/health/ready")).status_code == 200
        return False

    def start_number(self, number: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start the process of a number, as `chatloom number ID` does."""
        name = f"number-{number[-8:]}"
        process = self.start(name, "-m", "cli.number_process", number, environment=environment)
        self._numbers.append(process)
        return process

    def start_supervisor(self, numbers_per_process: int) -> subprocess.Popen[bytes]:
        """Start `chatloom supervise`: all numbers, in processes of so many."""
        share = str(numbers_per_process)
        return self.start("supervise", "-m", "cli.main", "supervise", "--numbers-per-process", share)

    def start(
        self, name: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """A Python process in this home's environment; what it says goes to `<home>/<name>.log`."""
        with (self.home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={**self._environment, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def call(self, *words: str) -> str:
        """What a command prints. Raises `CalledProcessError` where it fails."""
        command = [sys.executable, "-m", "cli.main", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self._environment, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL, and wait for the end."""
        process.kill()
        process.wait()
        self._forget(process)

    def log(self, name: str) -> str:
        """What processes of that name have said."""
        return (self.home / f"{name}.log").read_text(errors="replace")

    # What is in it.

    def client(self) -> Client:
        """The operator's client."""
        return Client.operators(Settings(home=self.home), self.url)

    def add_app(self) -> None:
        """The app whose secret signs webhooks."""
        with self.client() as api:
            secrets = {"secret": SECRET, "verify_token": "v"}
            api.post("/apps", {"name": APP, "channel": "cloud_api", "secrets": secrets})

    def add_bot(self, path: Path) -> str:
        """Push and publish a bot's folder; its name."""
        name = folder.bot_name(path)
        with self.client() as api:
            version = api.put(f"/bots/{name}", {"files": folder.read(path), "message": ""})
            api.post(f"/bots/{name}/versions/{version['version']}/publish")
        return name

    def add_number(self, account: str, base_url: str, bot: str, **settings: Any) -> str:
        """A number on the Cloud API whose Graph is at `base_url`; its id."""
        body = {
            "name": f"number {account}",
            "channel": "cloud_api",
            "account": account,
            "app": APP,
            "bot": bot,
            "settings": {"base_url": base_url, **UNLIMITED, **settings},
            "secrets": {"access_token": TOKEN},
        }
        with self.client() as api:
            return api.post("/numbers", body)["id"]

    # What can be seen.

    async def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """A query, as the database's administrator."""
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as db:
            return await (await db.execute(sql, params)).fetchall()  # type: ignore[arg-type]

    async def until(self, sql: str, *params: Any, timeout_s: float = PATIENCE_S) -> None:
        """Wait until a query's first value is true: other processes' commits are seen only by looking."""
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as db:

            async def holds() -> bool:
                row = await (await db.execute(sql, params)).fetchone()  # type: ignore[arg-type]
                return row is not None and bool(row[0])

            await until(holds, timeout_s)

    async def until_online(self, numbers: Sequence[str], timeout_s: float = START_S) -> None:
        """Wait until these numbers say that they are online."""
        await self.until(
            "SELECT count(*) = %s FROM numbers WHERE id::text = ANY(%s) AND state = 'online'",
            len(numbers),
            list(numbers),
            timeout_s=timeout_s,
        )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
