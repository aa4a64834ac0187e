"""The premises: what all numbers of a process share, so that a further one costs little."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from runtime import slack
from runtime.clerk import Clerk
from runtime.keeper import Keeper
from runtime.settings import RuntimeSettings
from schemas.problems import Misuse
from store.live import Live
from store.pool import Pool, pool

log = logging.getLogger(__name__)

DESK_MOST = 8


class PremisesFell(Misuse):
    """A part that must not end has ended: the process does too, for another to begin anew."""

    code = "runtime.premises_fell"
    sentence = "What all numbers of the process share has ended: {why}. The log has the details."


@dataclass(frozen=True, slots=True)
class Premises:
    """Who keeps the leases, who commits; a few connections for what is read; the line to live views."""

    keeper: Keeper
    clerk: Clerk
    desk: Pool
    live: Live


@asynccontextmanager
async def premises(settings: RuntimeSettings) -> AsyncGenerator[Premises]:
    """Those of this process, while it serves numbers. Whoever serves them is cancelled, and hears why, if a part ends."""
    async with pool(settings.database, least=0, most=DESK_MOST, wait_s=settings.desk_s) as desk:
        here = Premises(Keeper(settings), Clerk(settings.database), desk, Live(settings.redis_url))
        tasks = [asyncio.create_task(one.run()) for one in (here.keeper, here.clerk, here.live)]
        tasks.append(asyncio.create_task(slack.give_back()))
        whoever = asyncio.current_task()
        ended: list[asyncio.Task[None]] = []

        def fell(task: asyncio.Task[None]) -> None:
            ended.append(task)
            if whoever is not None and len(ended) == 1:
                whoever.cancel()

        for task in tasks:
            task.add_done_callback(fell)
        try:
            yield here
        finally:
            for task in tasks:
                task.remove_done_callback(fell)
            if not ended:
                await here.live.settle()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if ended:
                error = None if ended[0].cancelled() else ended[0].exception()
                log.critical("a part that all numbers of this process share has ended", exc_info=error)
                raise PremisesFell(why=type(error).__name__) from error
