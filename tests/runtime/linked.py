"""A channel that is linked with a phone, without the phone: what it was asked is recorded, what it says is told."""

import asyncio
from collections import deque
from typing import Any, ClassVar

from pydantic import BaseModel

from schemas.capabilities import Capabilities
from schemas.messages import Inbound, Outbound, Text
from sessions.driver import Account, Health, Hosting, LoggedOut, OnMessage, OnReceipt, Sent
from sessions.settings import ChannelSettings


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
        self.hangs = False
        self.linked = True
        self.spool: list[Inbound] = []
        self.running = asyncio.Event()
        self.closed = 0

    def say(self, *args: Any, **facts: Any) -> None:
        """What the session says of itself."""
        assert self.hosting is not None
        self.hosting.on_health(Health(*args, **facts))

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
                line.say("logged_out", "You unlinked it here.")

            async def close(self) -> None:
                line.closed += 1

        return Pocket
