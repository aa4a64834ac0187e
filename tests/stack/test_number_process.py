"""`chatloom number ID`, as a container runs it: how it ends says what to do."""

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from tests.installation import Installation
from tests.stack.stage import write_bot

SAY = '{id: say, action: send, with: {text: "You said: {{ message.text }}"}}'


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        ("not-an-id", 2, "usage: chatloom number ID"),
        ("01990000-0000-7000-8000-000000000000", 5, "is not there"),
    ],
)
def test_what_cannot_be_run_says_why(installed: Installation, word: str, code: int, said: str) -> None:
    process = installed.start_number(word)
    assert process.wait(30) == code
    assert said in installed.log(f"number-{word[-8:]}")


def test_it_tells_its_metrics_and_sigterm_drains_it(installed: Installation, tmp_path: Path) -> None:
    bot = installed.add_bot(write_bot(tmp_path, "drained", SAY))
    number = installed.add_number("100000900", "http://127.0.0.1:9", bot)

    async def scene() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        process = installed.start_number(number, CHATLOOM_METRICS_PORT=port)
        await installed.until_online([number])
        async with httpx.AsyncClient(trust_env=False) as client:
            page = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
        assert f'chatloom_lease_held{{number="{number}"}} 1.0' in page
        process.terminate()
        assert await asyncio.to_thread(process.wait, 20) == 0
        rows = await installed.rows(
            "SELECT state, (SELECT expires_at < now() FROM leases WHERE number_id = id) FROM numbers WHERE id = %s",
            number,
        )
        assert rows == [("stopped", True)]

    asyncio.run(scene())
