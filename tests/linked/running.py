"""The test's side of `host.py`: starts the process with the driver, gives orders, waits for what becomes of them."""

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from schemas.ids import derived_id
from tests.whatsapp.nursery import Born
from tests.whatsapp.record import DEADLINE_S, Record
from tests.whatsapp.redirect import Redirected

NUMBER = UUID(int=77)


def message_id(name: str) -> str:
    """An outbox id of ours."""
    return str(derived_id(NUMBER, name))


class Driven:
    """A running process with the driver in it."""

    def __init__(self, process: Born, number: "Number") -> None:
        self._process = process
        self._number = number
        self.events: Record[dict[str, Any]] = Record("driver")
        self._reading = asyncio.create_task(self._read())

    async def event(self, name: str, within_s: float = DEADLINE_S, /, **wanted: Any) -> dict[str, Any]:
        return await self.events.wait(
            lambda event: (
                event["event"] == name and all(event[key] == value for key, value in wanted.items())
            ),
            within_s,
        )

    def happened(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events.all if event["event"] == name]

    @property
    def states(self) -> list[str]:
        return [event["state"] for event in self.happened("health")]

    async def health(self, state: str) -> dict[str, Any]:
        return await self.event("health", state=state)

    async def text(self, text: str) -> dict[str, Any]:
        """The next message with this text."""
        return await self.events.wait(
            lambda event: event["event"] == "message" and event["content"].get("text") == text
        )

    async def do(self, order: str, **more: Any) -> None:
        self._process.stdin.write(json.dumps({"do": order, **more}).encode() + b"\n")
        await self._process.stdin.drain()

    async def send(
        self, to: str, body: dict[str, Any] | str, name: str = "m", kind: str = "phone", **more: Any
    ) -> str:
        """Send to a phone's digits, or to a group; our id of the message."""
        whole = {"kind": "text", "text": body} if isinstance(body, str) else body
        identities = [{"kind": kind, "value": to}]
        message = {"id": message_id(name), "to": identities, "body": whole, **more}
        await self.do("send", message=message)
        return message["id"]

    async def stop(self) -> None:
        """Leave in good order."""
        await self.do("stop")
        await self.event("stopped")
        await self._process.wait()
        await self._reading

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        async for line in self._process.stdout:
            event = json.loads(line)
            if event["event"] == "mark":
                self._number.mark = (event["generation"], event["records"])
            self.events.add(event)


@dataclass
class Number:
    """A number between processes: its vault's volume, its key, the database's mark."""

    redirected: Redirected
    home: Path
    live: Path
    mark: tuple[int, int] | None = None
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    key: bytes = field(default_factory=lambda: os.urandom(32))

    @asynccontextmanager
    async def process(self) -> AsyncGenerator[Driven]:
        """A process with the driver; killed at the end, whatever happened, and its memory lost."""
        given = {
            "home": str(self.home),
            "live": str(self.live),
            "number": str(NUMBER),
            "mark": self.mark,
            "settings": self.settings,
            "key": base64.b64encode(self.key).decode(),
        }
        with (self.home / "log").open("a") as log:
            process = await self.redirected.nursery.bear(
                "tests.linked.host", json.dumps(given), cwd=self.home, log=log
            )
        driven = Driven(process, self)
        try:
            yield driven
        finally:
            await driven.kill()
            shutil.rmtree(self.live, ignore_errors=True)
