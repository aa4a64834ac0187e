"""A job that somebody ordered, as the kind that does it sees it."""

from dataclasses import dataclass
from typing import Any

from jobs.job import Desk
from store.jobs import Claimed, Outcome

Done = Outcome  # what a kind's `do` returns


class Stopped(Exception):
    """The work shall end now: it is to be cancelled, somebody else has it, or the worker stops."""


@dataclass(slots=True)
class Work:
    """A job that we hold. `progress` of `total` is what people see; it is written down now and then."""

    desk: Desk
    job: Claimed
    progress: int = 0
    total: int | None = None
    stopped: str = ""

    def go_on(self, more: int = 0) -> None:
        """So much more is done. Raises `Stopped`: leave nothing behind, and let it through."""
        self.progress += more
        if self.total is not None:
            self.total = max(self.total, self.progress)
        if self.stopped:
            raise Stopped(self.stopped)

    @property
    def args(self) -> Any:
        """What was ordered, JSON."""
        return self.job.args
