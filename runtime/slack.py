"""What a process no longer uses goes back to the system.

After a rush glibc keeps freed memory for the next one: 3 to 4 MB of a number's process, for as long as it lives.
`malloc_trim` (malloc_trim(3)) gives whole free pages back, in well under a millisecond for such a heap.
"""

import asyncio
import ctypes
from collections.abc import Callable

EVERY_S = 10.0


async def give_back() -> None:
    """Give back now and then, until cancelled."""
    trim = _trimmer()
    while True:
        await asyncio.sleep(EVERY_S)
        trim()


def _trimmer() -> Callable[[], object]:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:  # not glibc
        return lambda: None
    return lambda: trim(0)
