"""A lane: one conversation's messages on their way, and how fast they may follow one another."""

import asyncio
import datetime as dt
import math
from collections import deque
from dataclasses import dataclass, field
from uuid import UUID

from runtime.owner import clock
from runtime.settings import Pace
from schemas.messages import Identity, Outgoing

MOST_IN_ONE_MARK = 8

_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(slots=True, eq=False)
class Letter:
    """One message on its way. `marked`: a commit says that it may be sent from now on.

    `doubtful`: it may have been sent before. `settled`: a report says that the channel has it. `heard` and
    `heard_at`: the contact's last message before it. `held`: by which rule of the policy it waits.
    """

    id: UUID
    conversation_id: UUID
    to: tuple[Identity, ...]
    body: Outgoing
    reply_to: str = ""
    priority: int = 0
    attempt: int = 0
    created_at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    marked: bool = False
    doubtful: bool = False
    settled: bool = False
    typing_for: str = ""
    by_person: bool = False
    heard: str = ""
    heard_at: dt.datetime | None = None
    zone: str = ""
    held: str = ""
    fresh_at: dt.datetime = _LONG_AGO


@dataclass(slots=True, eq=False)
class Lane:
    """One conversation's messages. At most one of `flying`, `marking`, `ready`, or waiting for a moment.

    `polite`: it waits because of the policy, which the contact's next word may change.
    """

    id: UUID
    letters: deque[Letter] = field(default_factory=deque[Letter])
    busy: bool = False  # holds a slot: claimed, marking or flying
    ready: bool = False
    wait_until: float = 0.0
    wake: asyncio.TimerHandle | None = None
    pair_at: float = 0.0  # GCRA: when the pair's allowance is full again
    polite: bool = False
    sent_at: float = -math.inf
    heard_at: dt.datetime | None = None
    answered: str = ""  # the contact's message that was answered last

    def waits(self) -> bool:
        """Whether something is here that nobody has taken in hand."""
        return bool(self.letters) and not self.busy and not self.ready and self.wake is None

    def spent(self, spacing: float) -> bool:
        """Whether nothing of the lane is left to remember. `spacing`: seconds between two messages."""
        now = clock()
        idle = not self.letters and not self.busy and self.wake is None
        return idle and self.pair_at <= now and self.sent_at + spacing <= now

    def allowance(self, pace: Pace) -> int:
        """How many messages the limit of the pair lets go now."""
        if pace.pair_interval_s is None:
            return MOST_IN_ONE_MARK
        used = max(0.0, self.pair_at - clock()) / pace.pair_interval_s
        return int(pace.pair_burst - used + 1e-6)

    def allowed_in(self, pace: Pace) -> float:
        """Seconds until the limit of the pair lets the next go."""
        interval = pace.pair_interval_s or 0.0
        return max(0.001, self.pair_at - clock() - interval * (pace.pair_burst - 1))

    def spend(self, pace: Pace) -> None:
        """Count a message to the limit of the pair."""
        if pace.pair_interval_s is not None:
            self.pair_at = max(clock(), self.pair_at) + pace.pair_interval_s
