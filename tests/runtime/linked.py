"""A channel that is linked with a phone, without the phone: what it was asked is recorded, what it says is told."""

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from pydantic import BaseModel

from keys.master import MasterKeys
from runtime.process import run_number
from runtime.settings import RuntimeSettings
from schemas.capabilities import Capabilities
from schemas.messages import Inbound, Outbound, Text
from schemas.reasons import Reason
from sessions import registry
from sessions.driver import (
    Account,
    Health,
    Hosting,
    LoggedOut,
    OnMessage,
    OnReceipt,
    Sent,
    SessionState,
    Throttled,
)
from sessions.settings import ChannelSettings
from store.pool import Database
from store.roles import url_for
from tests.runtime.house import ECHO, QUICK


class LinkedSettings(ChannelSettings):
    """As the linked device's, as far as the runtime looks."""

    after_owner_wrote: int | None = 3600


class Line:
    """One number's session, over the lives of its driver. `fails` is what `run` raises, one a life."""

    def __init__(self) -> None:
        self.hosting: Hosting | None = None
        self.asked: list[tuple[str, ...]] = []
        self.sent: list[str] = []
        self.fails: deque[Exception] = deque()
        self.refuses: Exception | None = None
        self.throttles: list[Throttled] = []
        self.hangs = False
        self.linked = True
        self.spool: list[Inbound] = []
        self.running = asyncio.Event()
        self.closed = 0

    def say(self, state: SessionState, why: str = "", **facts: Any) -> None:
        """What the session says of itself."""
        assert self.hosting is not None
        self.hosting.on_health(Health(state, Reason(why), **facts))

    def driver(self, _: str) -> type[Any]:
        line = self

        class Pocket:
            channel: ClassVar[str] = "pocket"
            capabilities: ClassVar[Capabilities] = Capabilities("pocket", tracker=True)
            settings_model: ClassVar[type[BaseModel]] = LinkedSettings
            secret_names: ClassVar[tuple[str, ...]] = ()

            def __init__(self, account: Account) -> None:
                self.account = account

            @property
            def spool_depth(self) -> int:
                return len(line.spool)

            def attach(self, hosting: Hosting) -> None:
                line.hosting = hosting

            async def run(self, on_message: OnMessage, on_receipt: OnReceipt) -> None:
                if line.fails:
                    raise line.fails.popleft()
                line.say("online" if line.linked else "unlinked", account="491700000001")
                line.running.set()
                try:
                    while True:
                        while line.spool:
                            await on_message(line.spool[0])
                            line.spool.pop(0)
                        await asyncio.sleep(0.01)
                finally:
                    line.running.clear()

            async def send(self, message: Outbound) -> Sent:
                if not line.linked:
                    raise LoggedOut("the phone removed us")
                if line.throttles:
                    raise line.throttles.pop()
                assert isinstance(message.body, Text)
                line.sent.append(message.body.text)
                return Sent(f"p:{message.id}")

            async def pair(self, phone: str = "") -> None:
                line.asked.append(("pair", phone))
                if line.hangs:
                    await asyncio.Event().wait()
                if line.refuses:
                    raise line.refuses
                line.say("pairing", "Scan the code.", qr="2@secret-of-the-code")

            async def stop_pairing(self) -> None:
                line.asked.append(("stop_pairing",))
                line.say("unlinked")

            async def restart(self) -> None:
                line.asked.append(("restart",))
                raise RuntimeError("the restart broke")

            async def log_out(self) -> None:
                line.asked.append(("log_out",))
                line.linked = False
                asyncio.get_running_loop().call_soon(line.say, "logged_out", "You unlinked it here.")

            async def close(self) -> None:
                line.closed += 1

        return Pocket


def pocket(monkeypatch: pytest.MonkeyPatch) -> Line:
    """Let servers of this process know a channel `pocket`, which is linked with a phone."""
    line, real = Line(), registry.driver
    monkeypatch.setattr(
        registry, "driver", lambda name: line.driver(name) if name == "pocket" else real(name)
    )
    return line


class Process:
    """A number's process as a thread, for tests that call from outside. `do` runs something in it."""

    def __init__(self, database_url: str, home: Path, masters: MasterKeys, number: UUID, line: Line) -> None:
        self._settings = RuntimeSettings(
            database=Database(url_for(database_url, "runtime")),
            home=home,
            sessions=home / "sessions",
            sessions_live=home / "live",
            **QUICK,
        )
        self._masters = masters
        self._number = number
        self._line = line
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        serving = run_number(self._settings, self._masters, self._number, ECHO, self._stop, self._line.driver)
        self._loop.run_until_complete(serving)

    def do(self, act: Any, *args: Any, **facts: Any) -> None:
        self._loop.call_soon_threadsafe(lambda: act(*args, **facts))

    @contextmanager
    def running(self) -> Iterator["Process"]:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._line.running.wait(), self._loop).result(20)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(30)
            self._loop.close()
