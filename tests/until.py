"""Waiting for what only looking shows: another process's commit, file or answer."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_S = 0.01
PATIENCE_S = 60.0  # only what hangs waits so long: a machine may be busy


async def until(
    condition: Callable[[], bool] | Callable[[], Awaitable[bool]], deadline_s: float = PATIENCE_S
) -> None:
    """Look again and again until `condition` holds. Raises `TimeoutError` after `deadline_s` seconds."""
    async with asyncio.timeout(deadline_s):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(LOOK_S)
