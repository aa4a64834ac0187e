"""Freed memory goes back to the system: in a process of its own, whose heap nobody else touches."""

import subprocess
import sys

PROGRAM = """
import asyncio, sys
from pathlib import Path
from runtime import slack

def resident_kb():
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

async def main():
    slack.EVERY_S = 0.01
    blocks = [bytes(60_000) for _ in range(1_000)]  # of the heap: mappings of their own begin at 128 kB
    pinned = blocks[::50]
    full = resident_kb()
    del blocks
    giving = asyncio.create_task(slack.give_back())
    while full - resident_kb() < 40_000:
        await asyncio.sleep(0.01)
    assert len(pinned) == 20
    giving.cancel()

asyncio.run(main())
"""


def test_what_a_rush_left_free_between_what_is_still_used_goes_back() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=60)
