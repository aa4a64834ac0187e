"""A way to the database that can be cut: a socket in front of the server's."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

SOCKET = ".s.PGSQL.5432"


class Cut:
    """`url` leads to the database of another URL while the way is `open`."""

    def __init__(self, url: str, folder: Path) -> None:
        parts = conninfo_to_dict(url)
        self._there = Path(str(parts["host"])) / f".s.PGSQL.{parts.get('port', '5432')}"
        self.url = make_conninfo(**{**parts, "host": str(folder), "port": "5432"})
        self._folder = folder
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._carry, self._folder / SOCKET)

    async def cut(self) -> None:
        """Whoever is connected is cut off, and nobody gets through."""
        assert self._server is not None
        self._server.close()
        (self._folder / SOCKET).unlink()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        there_reader, there_writer = await asyncio.open_unix_connection(self._there)
        try:
            ways = [_pump(reader, there_writer), _pump(there_reader, writer)]
            _, left = await asyncio.wait(
                map(asyncio.ensure_future, ways), return_when=asyncio.FIRST_COMPLETED
            )
            for one in left:
                one.cancel()
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()
            there_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def cuttable(url: str) -> AsyncGenerator[Cut]:
    """A way that is open at first."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # a socket's path is short
        cut = Cut(url, Path(folder))
        await cut.open()
        try:
            yield cut
        finally:
            await cut.cut()
