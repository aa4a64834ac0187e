"""The test's side of `client.py`: starts the process, sends commands, waits for events."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.whatsapp.nursery import Born
from tests.whatsapp.record import Record
from tests.whatsapp.redirect import NOWHERE, Redirected

SCRIPT = Path(__file__).with_name("client.py")


class Client:
    """A running process with the real client in it."""

    def __init__(self, process: asyncio.subprocess.Process | Born) -> None:
        self._process = process
        self.events: Record[dict[str, Any]] = Record("client")
        self._reading = asyncio.create_task(self._read())

    async def event(self, name: str, **wanted: Any) -> dict[str, Any]:
        """The next event of that name with these values."""
        return await self.events.wait(
            lambda event: event["event"] == name and all(event[key] == value for key, value in wanted.items())
        )

    def happened(self, name: str) -> list[dict[str, Any]]:
        """All events of that name so far."""
        return [event for event in self.events.all if event["event"] == name]

    async def do(self, command: str, **more: Any) -> None:
        stdin = self._process.stdin
        if stdin is None:
            raise RuntimeError("the client has no stdin")
        stdin.write(json.dumps({"do": command, **more}).encode() + b"\n")
        await stdin.drain()

    async def stop(self) -> None:
        """Leave in good order."""
        await self.do("stop")
        await self._process.wait()

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        if self._process.stdout is not None:
            async for line in self._process.stdout:
                self.events.add(json.loads(line))
        self.events.end()


@asynccontextmanager
async def running(redirected: Redirected, session: Path) -> AsyncGenerator[Client]:
    """A client with the session in that file; killed at the end, whatever happened."""
    with session.with_suffix(".log").open("a") as log:
        born = await redirected.nursery.bear(
            "tests.whatsapp.client",
            str(session),
            cwd=session.parent,
            log=log,
        )
    async with _watched(Client(born), session) as client:
        yield client


@asynccontextmanager
async def running_with(environment: dict[str, str], session: Path) -> AsyncGenerator[Client]:
    """The same, executed, with an environment that redirects it."""
    with session.with_suffix(".log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(SCRIPT),
            str(session),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={"PATH": os.environ["PATH"], **environment, "HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE},
            cwd=session.parent,
        )
    async with _watched(Client(process), session) as client:
        yield client


@asynccontextmanager
async def _watched(client: Client, session: Path) -> AsyncGenerator[Client]:
    try:
        yield client
    except BaseException as error:
        error.add_note(f"the client's log ends with:\n{session.with_suffix('.log').read_text()[-2000:]}")
        raise
    finally:
        await client.kill()
