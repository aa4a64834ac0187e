"""A job: something that is done again and again beside the numbers. One file each in this folder, as `JOB`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from keys.master import MasterKeys
from store.directory import SealerShelf
from store.live import Live
from store.notify import Notifier
from store.pool import Pool


@dataclass(frozen=True, slots=True)
class Desk:
    """What a job works with: connections of role `runtime`, keys, and the bell of numbers' owners.

    `home`: where media and exports are. `allow_private`: whether webhooks may call private addresses. `live`: the line to live views. `stop`: a job that lasts ends soon after.
    """

    pool: Pool
    shelf: SealerShelf
    notifier: Notifier
    masters: MasterKeys
    home: Path
    allow_private: bool = False
    live: Live = field(default_factory=lambda: Live(""))
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def exports(self) -> Path:
        """The folder of files to download, which `serve` reads too."""
        return self.home / "exports"


@dataclass(frozen=True, slots=True)
class Job:
    """`do` is called every `every_s` seconds, and again at once while it returns True (there is more)."""

    name: str
    every_s: float
    do: Callable[[Desk], Awaitable[bool]]
