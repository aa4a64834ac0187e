"""A worker for tests: what `chatloom work` works with, in this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from jobs.job import Desk
from store.directory import SealerShelf
from store.notify import Notifier
from store.pool import Database, pool
from store.roles import url_for
from tests.live import MASTERS, Live


@asynccontextmanager
async def worker(server: Live) -> AsyncGenerator[Desk]:
    """Beside a server, with its home."""
    async with pool(Database(url_for(server.config.database_url, "runtime")), least=0, most=2) as connections:
        notifier = Notifier(connections)
        yield Desk(connections, SealerShelf(MASTERS), notifier, MASTERS, server.config.exports.parent)
        await notifier.close()
