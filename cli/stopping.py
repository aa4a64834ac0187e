"""How long-running commands are asked to stop: SIGTERM, SIGINT, or the end of a pipe that their parent holds."""

import asyncio
import signal
import sys


def on_signals(stop: asyncio.Event) -> None:
    """Set `stop` at the first SIGTERM or Ctrl-C."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)


def on_end_of_input(stop: asyncio.Event) -> None:
    """Set `stop` when standard input ends: the parent that holds its other end is gone."""
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()

    def readable() -> None:
        if not sys.stdin.buffer.raw.read(1024):  # type: ignore[attr-defined]
            loop.remove_reader(descriptor)
            stop.set()

    loop.add_reader(descriptor, readable)
