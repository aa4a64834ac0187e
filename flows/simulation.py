"""A conversation with no runtime: state, timers and open calls in memory, the clock moved by hand.

The test runner, the terminal chat and the draft simulator are this one mechanism with different ears. The
time comes from the caller; ids follow from a seed, so that a simulated talk is always the same.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flows.compiled import Compiled
from flows.machine import advance, enter
from flows.state import State
from flows.turn import Trace, Turn, View
from schemas import events as ev
from schemas.capabilities import Capabilities
from schemas.effects import (
    AddNote,
    CallWebhook,
    CancelTimer,
    Effect,
    EndRun,
    HandOff,
    OpenTask,
    Say,
    SetTimer,
)
from schemas.ids import event_id
from schemas.messages import Content, Identity, Inbound


@dataclass(slots=True)
class Simulation:
    """One simulated conversation. `effects` are those of the last event; `trace` is of all of them.

    `ended`, `handed_off`, `noted` and `opened` are the latest of their kind.
    """

    compiled: Compiled
    view: View
    now: dt.datetime
    seed: str = ""
    state: State = field(default_factory=State)
    timers: dict[str, SetTimer] = field(default_factory=dict[str, SetTimer])
    calls: dict[UUID, CallWebhook] = field(default_factory=dict[UUID, CallWebhook])
    trace: list[Trace] = field(default_factory=list[Trace])
    ended: EndRun | None = None
    handed_off: HandOff | None = None
    noted: AddNote | None = None
    opened: OpenTask | None = None
    count: int = 0

    @classmethod
    def begin(
        cls,
        compiled: Compiled,
        capabilities: Capabilities,
        now: dt.datetime,
        contact: Mapping[str, Any] | None = None,
        seed: str = "",
    ) -> "Simulation":
        """A new conversation on a channel, with what is known of the contact."""
        known = {"id": "simulated", "language": "", **(contact or {})}
        view = View(contact=known, number={"id": "simulated", "name": "Simulator"}, capabilities=capabilities)
        return cls(compiled, view, now, seed)

    def next_id(self) -> UUID:
        """The id of the next event: from the clock, the seed and a counter."""
        self.count += 1
        random = hashlib.sha256(f"{self.seed}\0{self.count}".encode()).digest()
        return event_id(int(self.now.timestamp() * 1000), random)

    def receive(self, content: Content) -> Turn:
        """The contact sends something."""
        message = Inbound(
            provider_id=f"simulated-{self.count + 1}",
            sent_at=self.now,
            identities=(Identity("phone", str(self.view.contact.get("phone") or "10000000000")),),
            content=content,
            profile_name=str(self.view.contact.get("name") or ""),
        )
        return self.give(ev.Received(self.next_id(), self.now, message))

    def give(self, event: ev.Event) -> Turn:
        """Anything happens. Timers and calls of the turn are kept for later."""
        return self._taken(advance(self.compiled, self.state, event, self.view))

    def enter(self, flow: str, step: str, data: dict[str, Any]) -> Turn:
        """The talk begins at a step, empty: the first, of a flow that holds `data`."""
        event = ev.Restarted(self.next_id(), self.now, "author", flow, step)
        return self._taken(enter(self.compiled, event, self.view, data))

    def _taken(self, turn: Turn) -> Turn:
        self.state, self.view = turn.state, turn.view
        self.trace.extend(turn.trace)
        for effect in turn.effects:
            self._keep(effect)
        return turn

    def answer(self, call: UUID, ok: bool, result: dict[str, Any], error: str = "") -> Turn:
        """An open call gets its result."""
        made = self.calls.pop(call)
        return self.give(ev.ActionDone(self.next_id(), self.now, call, made.visit, ok, result, error))

    def pass_time(self, until: dt.datetime) -> Iterator[Turn]:
        """The clock moves on; what falls due on the way happens, in order."""
        while self.timers:
            name = min(self.timers, key=lambda one: self.timers[one].at)
            timer = self.timers[name]
            if timer.at > until:
                break
            del self.timers[name]
            self.now = max(self.now, timer.at)
            yield self.give(ev.TimerFired(self.next_id(), self.now, timer.timer, timer.visit))
        self.now = max(self.now, until)

    def _keep(self, effect: Effect) -> None:
        match effect:
            case SetTimer():
                self.timers[effect.timer] = effect
            case CancelTimer():
                self.timers.pop(effect.timer, None)
            case CallWebhook():
                self.calls[effect.id] = effect
            case EndRun():
                self.ended = effect
            case HandOff():
                self.handed_off = effect
            case AddNote():
                self.noted = effect
            case OpenTask():
                self.opened = effect
            case _:
                pass


def said(turn: Turn) -> list[Say]:
    """The messages of a turn."""
    return [effect for effect in turn.effects if isinstance(effect, Say)]
