"""Waiting for what only looking shows: another process's commit, file or answer."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_S = 0.01


async def until(
    condition: Callable[[], bool] | Callable[[], Awaitable[bool]], deadline_s: float = 15
) -> None:
    """Look again and again until `condition` holds. Raises `TimeoutError` after `deadline_s` seconds."""
    async with asyncio.timeout(deadline_s):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(LOOK_S)
