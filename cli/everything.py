"""`chatloom up`: servers, schema, API, doors, jobs and numbers in one terminal, started and stopped in order.

This process serves HTTP and runs the jobs; a child supervises the numbers, each in a process of its own. The
child holds the reading end of a pipe: it drains and ends when we do, however that happens.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cli import client, output, samples, stopping
from cli.client import Client
from cli.listening import address, listen
from cli.metrics_folder import share_metrics
from cli.settings import Settings
from keys.master import load_master_keys
from schemas.problems import Problem, Refused

if TYPE_CHECKING:
    from store.embedded import Servers

DRAIN_S = 25.0


class HomeInUse(Refused):
    """Another `up` runs there, and does not answer."""

    code = "up.home_in_use"
    status = 409
    sentence = "Another `chatloom up` runs in {home}, and does not answer at {server}."


class Welcome(NamedTuple):
    """What is set up once requests are answered: `prepare` gives the link that is printed after `label`."""

    label: str
    prepare: Callable[[Settings, str], str]


def run(settings: Settings, welcome: Welcome | None = None) -> None:
    """Start everything and stay until Ctrl-C or SIGTERM. `welcome` stands in for the samples.

    The servers start in a thread, and then the child that runs the numbers, while this one imports the API.
    """
    settings = replace(settings, home=settings.home.absolute())
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.database_url and (settings.home / "servers.json").exists():
        from store import embedded

        if embedded.running(settings.home):
            _already(settings)
            return
    listener = listen(settings.host, settings.port)
    url = address(listener)
    output.say(f"Chatloom is starting at {url}")
    sys.stdout.flush()
    ground = _Ground(settings)
    try:
        load_master_keys(settings.home, os.environ, create=True)
        with ThreadPoolExecutor(1, "ground") as threads:
            laid = threads.submit(ground.lay)
            share_metrics(settings)
            import uvloop

            ready = laid.result()
        if ready is None:
            _already(settings)
            return
        client.note(settings.home, url)
        uvloop.run(_serve(ready, listener, url, ground.numbers, welcome or SAMPLES))
    finally:
        listener.close()
        ground.clear()
    output.say("Stopped.")


class _Ground:
    """What everything else stands on: the servers, the schema, the child that runs the numbers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.servers: Servers | None = None
        self.numbers = _Numbers()

    def lay(self) -> Settings | None:
        """The settings with what was started; None: somebody else was quicker on this home."""
        from store import embedded
        from store.roles import logging_in

        settings = self.settings
        if settings.database_url:
            _upgrade(settings.direct_url, log_in=False)
        else:
            self.servers = embedded.attach_or_start(settings.home)
            if not self.servers.owner:
                return None
            _upgrade(self.servers.database_url, log_in=True)
            settings = replace(
                settings,
                database_url=logging_in(self.servers.database_url),
                database_direct_url="",
                redis_url=settings.redis_url or self.servers.redis_url,
            )
        self.numbers.start(_environment(settings))
        return settings

    def clear(self) -> None:
        """The child first, the servers last."""
        self.numbers.wait()
        if self.servers is not None:
            self.servers.stop()


def _upgrade(url: str, log_in: bool) -> None:
    from store import schema

    if not schema.is_current(url):
        from store import migrate

        migrate.upgrade(url, log_in=log_in)


def _already(settings: Settings) -> None:
    """Say where the running one is, with a fresh link."""
    with Client.operators(settings, client.noted(settings.home) or settings.server_url) as api:
        try:
            link = api.post(f"/numbers/{samples.NUMBER}/simulator-links")
        except client.ServerUnreachable as problem:
            raise HomeInUse(home=settings.home, server=api.server) from problem
        except client.ServerRefused:
            link = None
    output.say(f"Chatloom runs already in {settings.home}, at {api.server}")
    if link:
        output.say(f"Chat with the sample bot: {link['url']}")


async def _serve(
    settings: Settings, listener: socket.socket, url: str, numbers: "_Numbers", welcome: Welcome
) -> None:
    from cli import serving
    from cli.database import database
    from jobs.work import work

    stop = asyncio.Event()
    stopping.on_signals(stop)
    config = serving.api_config(settings)
    private = settings.allow_private_webhooks
    ready = asyncio.Event()
    tasks = [
        asyncio.create_task(serving.serve(config, listener, stop, ready.set)),
        asyncio.create_task(
            work(database(settings, "runtime"), config.masters, settings.home, stop, private)
        ),
        asyncio.create_task(_greet(settings, url, ready, welcome)),
        asyncio.create_task(numbers.watch(stop)),
    ]
    try:
        await asyncio.gather(*tasks)
    finally:
        stop.set()
        numbers.end()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _greet(settings: Settings, url: str, ready: asyncio.Event, welcome: Welcome) -> None:
    """Once requests are answered: the samples, and where to go."""
    await ready.wait()
    try:
        link = await asyncio.to_thread(welcome.prepare, settings, url)
    except Problem as problem:
        output.say(f"The samples could not be set up: {problem}")
        link = ""
    output.say()
    if link:
        output.say(f"  {welcome.label:<27}{link}")
    if admin := await asyncio.to_thread(_first_admin, settings, url):
        output.say(f"  Become the first admin     {admin}")
    else:
        output.say(f"  Sign in                    {url}")
    output.say(f"  API                        {url}/api/v1   (key: {settings.home / 'operator.key'})")
    output.say("  Stop                       Ctrl-C")
    output.say()
    sys.stdout.flush()


def _prepare(settings: Settings, url: str) -> str:
    with Client.operators(settings, url) as api:
        samples.install(api)
        if not any(number["name"] == samples.NUMBER for number in api.pages("/numbers")):
            return ""
        return api.post(f"/numbers/{samples.NUMBER}/simulator-links")["url"]


def _first_admin(settings: Settings, url: str) -> str:
    """A link that lets the first admin in; empty once there is one."""
    with Client.operators(settings, url) as api:
        try:
            return api.post("/first-admin/links")["url"]
        except client.ServerRefused as refused:
            if refused.said.get("code") != "first_admin.there":
                raise
            return ""


SAMPLES = Welcome("Chat with the sample bot", _prepare)


class NumbersStopped(Refused):
    """The supervisor ended though nobody asked it to."""

    code = "up.numbers_stopped"
    status = 500
    sentence = "The process that keeps numbers running ended with status {status}."


class _Numbers:
    """The supervising child."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it, in a session of its own: Ctrl-C in the terminal reaches only us."""
        self._child = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "supervise", "--until-eof"],
            env=environment,
            stdin=subprocess.PIPE,
            start_new_session=True,
            cwd=Path(__file__).parent.parent,
        )

    async def watch(self, stop: asyncio.Event) -> None:
        """Until `stop`; raises `NumbersStopped` if the child ends before."""
        child = self._child
        assert child is not None
        while not stop.is_set():
            if child.poll() is not None:
                raise NumbersStopped(status=child.returncode)
            try:
                await asyncio.wait_for(stop.wait(), 0.5)
            except TimeoutError:
                continue

    def end(self) -> None:
        """Ask it to drain."""
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)

    def wait(self) -> None:
        """Until it has drained."""
        child = self._child
        if child is None:
            return
        self.end()
        try:
            child.wait(DRAIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        assert child.stdin is not None
        child.stdin.close()


def _environment(settings: Settings) -> Mapping[str, str]:
    """What the children need to find the same servers."""
    return {
        **os.environ,
        "CHATLOOM_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
        "DATABASE_DIRECT_URL": settings.database_direct_url,
        "REDIS_URL": settings.redis_url,
        "CHATLOOM_LOG_LEVEL": settings.log_level,
        "CHATLOOM_LOG_FORMAT": settings.log_format,
    }
