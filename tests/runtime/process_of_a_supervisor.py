"""Run by tests as a process of its own: a host's supervisor, until SIGTERM."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

from keys.master import MasterKeys
from runtime.settings import RuntimeSettings
from runtime.supervisor import supervise
from store.pool import Database
from tests.runtime.house import QUICK


async def serve(given: dict[str, Any]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    home = Path(given["home"])
    settings = RuntimeSettings(
        Database(given["url"]), home, home / "sessions", home / "live", **{**QUICK, **given["settings"]}
    )
    masters = MasterKeys(given["key_id"], {given["key_id"]: bytes.fromhex(given["key"])})
    await supervise(settings, masters, stop, numbers_per_process=given["share"])


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
