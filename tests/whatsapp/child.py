"""The test's side of `client.py`: starts the process, sends commands, waits for events."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.whatsapp.record import Record
from tests.whatsapp.redirect import Redirected

SCRIPT = Path(__file__).with_name("client.py")
NOWHERE = "http://127.0.0.1:9"  # whatever the client would fetch elsewhere fails at once


class Client:
    """A running process with the real client in it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
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
        if self._process.returncode is None:
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
    async with running_with(redirected.environment, session) as client:
        yield client


@asynccontextmanager
async def running_with(environment: dict[str, str], session: Path) -> AsyncGenerator[Client]:
    """The same, with an environment that redirects it."""
    environment = {
        "PATH": os.environ["PATH"],
        **environment,
        "HTTPS_PROXY": NOWHERE,
        "HTTP_PROXY": NOWHERE,
    }
    with session.with_suffix(".log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(SCRIPT),
            str(session),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env=environment,
            cwd=session.parent,
        )
    client = Client(process)
    try:
        yield client
    except BaseException as error:
        error.add_note(f"the client's log ends with:\n{session.with_suffix('.log').read_text()[-2000:]}")
        raise
    finally:
        await client.kill()
