"""`chatloom up`: servers, schema, API, doors, jobs and numbers in one terminal, started and stopped in order.

This process serves HTTP and runs the jobs; a child supervises the numbers, each in a process of its own. The
child holds the reading end of a pipe: it drains and ends when we do, however that happens.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import uvloop

from cli import client, output, samples, serving, stopping
from cli.client import Client
from cli.settings import Settings
from keys.master import load_master_keys
from schemas.problems import Problem, Refused
from store import embedded, migrate
from store.roles import logging_in

DRAIN_S = 25.0


class HomeInUse(Refused):
    """Another `up` runs there, and does not answer."""

    code = "up.home_in_use"
    status = 409
    sentence = "Another `chatloom up` runs in {home}, and does not answer at {server}."


def run(settings: Settings) -> None:
    """Start everything and stay until Ctrl-C or SIGTERM."""
    settings = replace(settings, home=settings.home.absolute())
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.database_url and embedded.running(settings.home):
        _already(settings)
        return
    listener = serving.listen(settings.host, settings.port)
    url = serving.address(listener)
    output.say(f"Chatloom is starting at {url}")
    servers = None
    try:
        load_master_keys(settings.home, os.environ, create=True)
        if not settings.database_url:
            servers = embedded.attach_or_start(settings.home)
            if not servers.owner:
                _already(settings)
                return
            settings = _with(settings, servers)
        else:
            migrate.upgrade(settings.direct_url)
        client.note(settings.home, url)
        serving.metrics_folder(settings)
        with _Numbers(settings) as numbers:
            uvloop.run(_serve(settings, listener, url, numbers))
    finally:
        listener.close()
        if servers is not None:
            servers.stop()
    output.say("Stopped.")


def _with(settings: Settings, servers: embedded.Servers) -> Settings:
    """The settings with the embedded servers, whose roles log in by themselves once the schema is there."""
    migrate.upgrade(servers.database_url, log_in=True)
    url = logging_in(servers.database_url)
    redis = settings.redis_url or servers.redis_url
    return replace(settings, database_url=url, database_direct_url="", redis_url=redis)


def _already(settings: Settings) -> None:
    """Say where the running one is, with a fresh link."""
    with Client.of(settings) as api:
        try:
            link = api.post(f"/numbers/{samples.NUMBER}/simulator-links")
        except client.ServerUnreachable as problem:
            raise HomeInUse(home=settings.home, server=api.server) from problem
        except client.ServerRefused:
            link = None
    output.say(f"Chatloom runs already in {settings.home}, at {api.server}")
    if link:
        output.say(f"Chat with the sample bot: {link['url']}")


async def _serve(settings: Settings, listener: object, url: str, numbers: "_Numbers") -> None:
    from jobs.work import work

    stop = asyncio.Event()
    stopping.on_signals(stop)
    config = serving.api_config(settings)
    ready = asyncio.Event()
    tasks = [
        asyncio.create_task(serving.serve(config, listener, stop, ready.set)),  # type: ignore[arg-type]
        asyncio.create_task(_work(work, settings, config.masters, stop)),
        asyncio.create_task(_greet(settings, url, ready)),
        asyncio.create_task(numbers.watch(stop)),
    ]
    try:
        await asyncio.gather(*tasks)
    finally:
        stop.set()
        numbers.end()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _work(work: object, settings: Settings, masters: object, stop: asyncio.Event) -> None:
    from cli.number_process import database

    await work(database(settings), masters, stop)  # type: ignore[operator]


async def _greet(settings: Settings, url: str, ready: asyncio.Event) -> None:
    """Once requests are answered: the samples, and where to go."""
    await ready.wait()
    try:
        link = await asyncio.to_thread(_prepare, settings, url)
    except Problem as problem:
        output.say(f"The samples could not be set up: {problem}")
        link = ""
    output.say()
    if link:
        output.say(f"  Chat with the sample bot   {link}")
    output.say(f"  API                        {url}/api/v1   (key: {settings.home / 'operator.key'})")
    output.say("  Stop                       Ctrl-C")
    output.say()
    sys.stdout.flush()


def _prepare(settings: Settings, url: str) -> str:
    with Client.of(settings, url) as api:
        samples.install(api)
        if not any(number["name"] == samples.NUMBER for number in api.get("/numbers")):
            return ""
        return api.post(f"/numbers/{samples.NUMBER}/simulator-links")["url"]


class NumbersStopped(Refused):
    """The supervisor ended though nobody asked it to."""

    code = "up.numbers_stopped"
    status = 500
    sentence = "The process that keeps numbers running ended with status {status}."


class _Numbers:
    """The supervising child."""

    def __init__(self, settings: Settings) -> None:
        self._environment = _environment(settings)
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "_Numbers":
        # A session of its own: Ctrl-C in the terminal reaches only us.
        self._child = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "supervise", "--until-eof"],
            env=self._environment,
            stdin=subprocess.PIPE,
            start_new_session=True,
            cwd=Path(__file__).parent.parent,
        )
        return self

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

    def __exit__(self, *_: object) -> None:
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
    }
