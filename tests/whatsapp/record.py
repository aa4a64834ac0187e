"""What happened, in order, and waiting for what has not happened yet."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
DEADLINE_S = 15.0


class Record(Generic[T]):
    """A list that only grows; `wait` looks at each entry once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.all: list[T] = []
        self._seen = 0
        self._grown = asyncio.Event()

    def add(self, entry: T) -> None:
        self.all.append(entry)
        self._grown.set()

    async def wait(self, wanted: Callable[[T], bool] = lambda _: True, within_s: float = DEADLINE_S) -> T:
        """The next entry that is wanted, from after the last one returned; those between are passed over.

        Raises AssertionError at the deadline, with what came instead.
        """
        first = self._seen
        try:
            async with asyncio.timeout(within_s):
                while True:
                    while self._seen < len(self.all):
                        self._seen += 1
                        if wanted(self.all[self._seen - 1]):
                            return self.all[self._seen - 1]
                    self._grown.clear()
                    await self._grown.wait()
        except TimeoutError:
            raise AssertionError(f"{self.name}: not within {within_s} s; came: {self.all[first:]}") from None
