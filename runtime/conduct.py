"""The conduct of a number: its send policy, asked about each message with what is counted of number and contact.

The rules themselves are in `runtime.policy`, and pure. What is counted here goes to the database with the commit
that marks a message, and comes back from there.
"""

import asyncio
import datetime as dt
import random
from collections.abc import Awaitable, Callable
from uuid import UUID

from runtime import metrics
from runtime.lane import Lane, Letter
from runtime.ledger import Ledger
from runtime.owner import clock, rest
from runtime.policy import Facts, Go, Refuse, Wait, answers, decide, is_new, manners
from schemas.messages import plain_text
from sessions.budget import day_of
from sessions.driver import Throttled
from sessions.settings import SendPolicy
from store.policies import Explained, Introduced, Standing

HELD_S = 6 * 3600.0  # no messages to new contacts, where the channel does not say for how long

Show = Callable[[str], Awaitable[None]]


class Conduct:
    """One number's. `on_seen` and `on_typing` show the contact of a message that it was read, and typing."""

    def __init__(
        self, rules: SendPolicy, ledger: Ledger, channel: str, on_seen: Show | None, on_typing: Show | None
    ) -> None:
        self._rules = rules
        self._ledger = ledger
        self._channel = channel
        self._on_seen = on_seen
        self._on_typing = on_typing
        self._standing = Standing()

    @property
    def spacing(self) -> float:
        """Seconds between two messages to one contact."""
        return self._rules.spacing

    @property
    def known_for(self) -> dt.timedelta:
        """How long a contact is known after he wrote: what was counted before is over."""
        return dt.timedelta(days=self._rules.known_days)

    def stand(self, standing: Standing) -> None:
        """What the database counts of the policy: at a start, and now and then. What is counted here since stays."""
        standing.introduced |= {one.conversation_id: one.at for one in self._ledger.page.introduced}
        standing.warm_since = standing.warm_since or self._standing.warm_since
        standing.held_until = later(standing.held_until, self._standing.held_until)
        self._standing = standing

    def ask(self, lane: Lane, letter: Letter, now: dt.datetime) -> Go | Wait | Refuse:
        """Whether a message may go. What is refused is counted."""
        decision = decide(self._rules, self._facts(lane, letter, now))
        if isinstance(decision, Refuse):
            self._count(decision.code)
        return decision

    def introduce(self, conversation_id: UUID, now: dt.datetime) -> None:
        """Count a new contact, with the commit that marks the message to him."""
        self._standing.introduced[conversation_id] = now
        self._standing.warm_since = self._standing.warm_since or now
        self._ledger.page.introduced.append(Introduced(conversation_id, now))

    def explain(self, letter: Letter, wait: Wait) -> None:
        """Say once why a message waits."""
        if letter.held != wait.code and wait.code != "policy.spacing":
            letter.held = wait.code
            self._count(wait.code)
            self._ledger.page.explained.append(Explained(letter.id, wait.code, wait.why))
            self._ledger.touch()

    def is_to_new(self, letter: Letter) -> bool:
        """Whether a message goes to a contact who is new."""
        return is_new(self._rules, letter.heard_at, dt.datetime.now(dt.UTC))

    def hold_new(self, problem: Throttled) -> float:
        """The channel takes no messages to new contacts for a while: how long they wait."""
        pause = problem.retry_in_s if problem.retry_in_s is not None else HELD_S
        until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=pause)
        self._standing.held_until = until
        self._ledger.page.held_until.append(until)
        self._count(problem.code)
        return pause

    async def behave(self, lane: Lane, letter: Letter, closes: asyncio.Event) -> None:
        """Before a reply: read what it answers, pause, and type as long as the text takes. Not beyond `closes`."""
        if self._rules.manners != "on" or not letter.heard or closes.is_set():
            return
        if self._on_seen is None or self._on_typing is None:
            return
        if not letter.by_person and not answers(letter.heard_at, letter.created_at):
            return
        first = lane.answered != letter.heard
        way = manners(len(plain_text(letter.body)), first, random.uniform)
        if first:
            lane.answered = letter.heard
            await self._on_seen(letter.heard)
        await rest(closes, way.pause_s)
        await self._on_typing(letter.heard)
        await rest(closes, way.typing_s)

    def _facts(self, lane: Lane, letter: Letter, now: dt.datetime) -> Facts:
        standing, rules = self._standing, self._rules
        heard_at = later(letter.heard_at, lane.heard_at)
        wrote_since = lane.heard_at is not None and lane.heard_at > letter.created_at
        introduced = standing.introduced.get(lane.id)
        spent = 0
        if is_new(rules, heard_at, now):
            today = day_of(rules, now)
            spent = sum(day_of(rules, at) == today for at in standing.introduced.values())
        return Facts(
            now,
            heard_at,
            letter.by_person or wrote_since or answers(letter.heard_at, letter.created_at),
            letter.zone,
            clock() - lane.sent_at,
            introduced is not None and now - introduced < self.known_for,
            spent,
            standing.warm_since,
            standing.held_until,
        )

    def _count(self, why: str) -> None:
        metrics.policy.labels(self._channel, why).inc()


def later(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    """The later of two moments that may be unknown."""
    return max((at for at in (one, other) if at is not None), default=None)
