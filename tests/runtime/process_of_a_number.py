"""Run by tests as a process of its own: serves one number, appends what it sends to a file."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from keys.master import MasterKeys
from runtime.process import run_number
from runtime.settings import RuntimeSettings
from schemas.messages import Outbound, Text
from sessions.driver import Sent
from store.pool import Database
from tests.runtime.house import ECHO, QUICK, Channel


async def serve(given: dict[str, Any]) -> int:
    channel = Channel(**given["capabilities"])
    sent = os.open(given["sent"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    class Appends(channel.driver("")):
        async def send(self, message: Outbound) -> Sent:
            assert isinstance(message.body, Text)
            line = {
                "to": message.to[0].value,
                "text": message.body.text,
                "id": message.id,
                "pid": os.getpid(),
            }
            os.write(sent, json.dumps(line).encode() + b"\n")
            await asyncio.sleep(given["send_s"])
            return Sent(f"p:{message.id}")

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    home = Path(given["home"])
    settings = RuntimeSettings(
        Database(given["url"]), home, home / "sessions", home / "live", **{**QUICK, **given["settings"]}
    )
    masters = MasterKeys(given["key_id"], {given["key_id"]: bytes.fromhex(given["key"])})
    ending = await run_number(settings, masters, UUID(given["number"]), ECHO, stop, lambda _: Appends)
    print(ending, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(json.loads(sys.argv[1]))))
