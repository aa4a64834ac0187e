"""A conversation's state: what the engine needs to know of the past, as one small frozen value.

It holds at most one run (a stack of frames, one a flow), who has the floor, what waits to be heard, and
nothing else. `encode` and `decode` are its only wire form; the runtime treats the bytes as opaque.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from schemas.events import ActionDone, Posted, Received, TimerFired, Undelivered

OWNER = "owner"  # by whom a message or a silence is that the number's owner began on his phone


@dataclass(frozen=True, slots=True)
class Frame:
    """One flow under way.

    `visit` numbers its current wait; `memory` is the waiting action's own notebook; `timers` are those it
    set, with their spans in seconds; `interrupts` says that the frame below goes on by asking again.
    """

    flow: str
    step: str
    visit: int
    entered_at: dt.datetime
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    memory: dict[str, Any] = field(default_factory=dict[str, Any])
    result: dict[str, Any] | None = None
    event: dict[str, Any] | None = None
    timers: tuple[tuple[str, float], ...] = ()
    interrupts: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of the bot. The last frame of `stack` is the one that speaks.

    `call` is the action call whose result is awaited, if any. `visits` only grows, so a late timer or
    result is recognized. `said` are the latest messages with the step that said each, for `undelivered`.
    `message` is the last inbound message as expressions see it. `lost` counts messages in a row that could not
    be delivered, with nothing else between.
    """

    id: UUID
    version: int
    started_at: dt.datetime
    active_at: dt.datetime
    stack: tuple[Frame, ...]
    visits: int = 0
    call: UUID | None = None
    said: tuple[tuple[UUID, str], ...] = ()
    message: dict[str, Any] | None = None
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Silence:
    """People have the floor. `how`: a step handed over, or a person took the conversation.

    `until` is set where the number's owner wrote on his phone: then the bot has the floor again by itself.
    """

    how: Literal["handed_off", "taken_over"]
    since: dt.datetime
    by: str = ""
    team: str = ""
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The bot's next scheduled moment in this conversation. `key` tells of which schedules and time zone."""

    due: dt.datetime
    key: str


@dataclass(frozen=True, slots=True)
class State:
    """The whole of it. `State()` is that of a contact who never wrote.

    `backlog`: messages that wait for an action's result. `posted`: events that no step took yet. `burst`:
    texts that will be read as one. `held`: what happened while people had the floor.
    """

    run: Run | None = None
    silence: Silence | None = None
    opted_out: bool = False
    backlog: tuple[Received, ...] = ()
    posted: tuple[Posted, ...] = ()
    burst: tuple[Received, ...] = ()
    burst_visit: int = 0
    held: tuple[TimerFired | ActionDone | Posted | Undelivered, ...] = ()
    scheduled: Scheduled | None = None


_codec: TypeAdapter[State] = TypeAdapter(State)


def encode(state: State) -> bytes:
    """The state as JSON bytes."""
    try:
        return orjson.dumps(state)
    except TypeError:  # an integer beyond 64 bits in what a webhook answered
        return _codec.dump_json(state)


def decode(raw: bytes) -> State:
    """The state from `encode`'s bytes."""
    return _codec.validate_json(raw)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a conversation stands, for the columns that people filter by."""

    status: Literal["idle", "running", "handed_off"]
    flow: str
    step: str
    version: int | None
    run_id: UUID | None
    team: str
    opted_out: bool


def position(state: State) -> Position:
    """Where this state stands."""
    run = state.run
    top = run.stack[-1] if run else None
    return Position(
        status="handed_off" if state.silence else "running" if run else "idle",
        flow=top.flow if top else "",
        step=top.step if top else "",
        version=run.version if run else None,
        run_id=run.id if run else None,
        team=state.silence.team if state.silence else "",
        opted_out=state.opted_out,
    )
