"""An installation with numbers that talk to a stub of Meta: what the tests of the whole stack share."""

import asyncio
import itertools
import subprocess
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.graph import Graph
from tests.installation import SECRET, Installation
from tests.webhooks import inbound_text, signed

_accounts = itertools.count(100_000_001)
_ids = itertools.count()


@dataclass(frozen=True)
class Served:
    """A number that is online, and its contacts."""

    installed: Installation
    stub: Graph
    number: str
    account: str
    door: str
    process: subprocess.Popen[bytes]

    async def post(self, body: bytes) -> None:
        """A webhook, as Meta signs it; taken when this returns."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(self.door, content=body, headers=signed(body, SECRET))
        assert answer.status_code == 200, answer.text

    async def say(self, contact: str, text: str, at: int | None = None) -> str:
        """A contact writes; the provider's id of it."""
        wamid = f"wamid.stack.{next(_ids)}"
        moment = int(time.time()) if at is None else at
        await self.post(inbound_text(self.account, contact, text, wamid, at=moment))
        return wamid

    async def heard(self, contact: str, count: int) -> list[str]:
        """What the contact was told, once it is so much."""
        await self.stub.until(lambda: len(self.stub.to(contact)) >= count)
        return [taken.text for taken in self.stub.to(contact)]

    async def ask(self, contact: str, text: str) -> list[str]:
        """Write, and wait for one message more; all that the contact was told."""
        before = len(self.stub.to(contact))
        await self.say(contact, text)
        return await self.heard(contact, before + 1)

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """A query whose parameter `%s` is the number."""
        return await self.installed.rows(sql, self.number)


def write_bot(folder: Path, name: str, *steps: str) -> Path:
    """The folder of a bot whose flow answers every message with these steps."""
    home = folder / name
    (home / "flows").mkdir(parents=True)
    (home / "bot.yaml").write_text(
        f"chatloom: bot/v1\nid: {name}\ntitle: {name}\nlanguages: [en]\nflows: [talk]\nfallback: talk\n"
    )
    lines = "\n".join(f"  - {step}" for step in steps)
    (home / "flows/talk.yaml").write_text(f"chatloom: flow/v1\nid: talk\ntitle: Talk\nsteps:\n{lines}\n")
    return home


@asynccontextmanager
async def served(
    installed: Installation,
    bot: Path | str,
    *,
    door: str = "",
    environment: Mapping[str, str] | None = None,
    **graph: Any,
) -> AsyncGenerator[Served]:
    """A new number with this bot, until the block ends. A message that fails once is a dead letter."""
    door = door or installed.door
    account = str(next(_accounts))
    async with Graph(**{"latency_s": 0.005, "door": door, "secret": SECRET, **graph}) as stub:
        name = bot if isinstance(bot, str) else installed.add_bot(bot)
        number = installed.add_number(account, stub.base_url, name)
        process = installed.start_number(number, **{"CHATLOOM_SEND_ATTEMPTS": "1", **(environment or {})})
        try:
            await installed.until_online([number])
            yield Served(installed, stub, number, account, door, process)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 20)
