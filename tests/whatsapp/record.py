"""What happened, in order, and waiting for what has not happened yet."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
DEADLINE_S = 60.0  # only what hangs reaches it, also on a busy machine


class Record(Generic[T]):
    """A list that only grows, and `wait`, which gives out each entry at most once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.all: list[T] = []
        self._waiting: list[T] = []
        self._grown = asyncio.Event()
        self._ended = False

    def add(self, entry: T) -> None:
        self.all.append(entry)
        self._waiting.append(entry)
        self._grown.set()

    def end(self) -> None:
        """Nothing more can come."""
        self._ended = True
        self._grown.set()

    async def wait(self, wanted: Callable[[T], bool] = lambda _: True, within_s: float = DEADLINE_S) -> T:
        """The first entry that is wanted and was not given out yet; the others stay for later waits.

        Raises AssertionError at the deadline, with what came instead.
        """
        try:
            async with asyncio.timeout(within_s):
                while True:
                    for index, entry in enumerate(self._waiting):
                        if wanted(entry):
                            return self._waiting.pop(index)
                    if self._ended:
                        raise AssertionError(f"{self.name}: ended; came: {self._waiting}")
                    self._grown.clear()
                    await self._grown.wait()
        except TimeoutError:
            raise AssertionError(f"{self.name}: not within {within_s} s; came: {self._waiting}") from None


class Changes:
    """Counts changes, and wakes who waits for the next."""

    def __init__(self) -> None:
        self.count = 0
        self._next = asyncio.Event()

    def tell(self) -> None:
        self.count += 1
        self._next.set()
        self._next = asyncio.Event()

    async def after(self, count: int) -> None:
        """Until there were more than `count`."""
        while self.count == count:
            await self._next.wait()
