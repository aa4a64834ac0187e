"""An emulator in a process of its own: `python -m tests.whatsapp.serve`.

Its first line on stdout is JSON: `environment`, what a process is to have so that its client talks to it;
`url`, the page with the phones, and below it the HTTP interface (`control.py`). Later lines are wishes of
the page. On stdin it takes JSON lines `{"screen": {…}}`, what the product shows; it ends with its input.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.whatsapp.control import Body, Control
from tests.whatsapp.redirect import redirect
from tests.whatsapp.server import emulator

PHONES = 3


async def main(folder: Path) -> None:
    redirected = redirect(folder)
    async with emulator(redirected) as server:
        control = Control(server, _say)
        for _ in range(PHONES):
            control.add()
        runner, url = await control.start()
        _say({"environment": redirected.environment, "url": url})
        try:
            async for line in await _input():
                control.show(json.loads(line)["screen"])
        finally:
            await runner.cleanup()
    redirected.close()


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _say(line: Body) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="chatloom-whatsapp-") as place:
        asyncio.run(main(Path(place)))
