"""The line to live views breaks: who may have missed something is told to look for himself."""

import asyncio

import pytest

from schemas.ids import new_event_id
from store.live import Live, stream
from tests.until import PATIENCE_S


def test_a_connection_that_breaks_is_a_gap_for_all_whom_it_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.live.RETRY_S", 0.05)
    first, second = new_event_id(), new_event_id()
    heard: list[bytes] = []
    lines: list[asyncio.StreamWriter] = []
    some = asyncio.Condition()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer)
        place = len(heard)
        heard.append(b"")
        while chunk := await reader.read(65_536):
            async with some:
                heard[place] += chunk
                some.notify_all()

    async def until_told(connection: int, text: str) -> None:
        async with asyncio.timeout(PATIENCE_S), some:
            await some.wait_for(lambda: len(heard) > connection and text.encode() in heard[connection])

    async def scene() -> None:
        async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
            live = Live(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            running = asyncio.create_task(live.run())
            live.tell(first, "jobs", "made")
            await until_told(0, stream(first))
            live.tell(second, "jobs", "made")
            await until_told(0, stream(second))
            lines[0].close()
            await lines[0].wait_closed()
            live.tell(second, "jobs", "made")
            await until_told(1, stream(first))
            await until_told(1, "reset")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            lines[1].close()

    asyncio.run(scene())
