"""The premises: what all numbers of a process share, so that a further one costs little."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from runtime.clerk import Clerk
from runtime.keeper import Keeper
from runtime.settings import RuntimeSettings
from store.live import Live
from store.pool import Pool, pool

DESK_S = 5.0  # how long whoever asks waits for a connection
DESK_MOST = 8


@dataclass(frozen=True, slots=True)
class Premises:
    """Who keeps the leases, who commits; a few connections for what is read; the line to live views."""

    keeper: Keeper
    clerk: Clerk
    desk: Pool
    live: Live


@asynccontextmanager
async def premises(settings: RuntimeSettings) -> AsyncGenerator[Premises]:
    """Those of this process, while it serves numbers."""
    async with pool(settings.database, least=0, most=DESK_MOST, wait_s=DESK_S) as desk:
        here = Premises(Keeper(settings), Clerk(settings.database), desk, Live(settings.redis_url))
        tasks = [asyncio.create_task(one.run()) for one in (here.keeper, here.clerk, here.live)]
        try:
            yield here
        finally:
            await here.live.settle()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
