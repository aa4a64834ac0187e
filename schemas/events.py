"""Events: what happened to a conversation. Past participles, frozen, each with an id and a time.

Everything that reaches the engine is one of these, from the inbox, exactly once and in order: messages,
timers, action results, posted events, and what people do (reply, take over, give back, end, restart).
`codec` reads and writes any of them as JSON.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from schemas.messages import FromOwner, Identity, Inbound, JsonValue, Outgoing


@dataclass(frozen=True, slots=True)
class Received:
    """A contact wrote. `throttled`: he writes too fast; the engine speaks at `first` and is silent at `more`.

    `parts` are the texts of a burst that the engine read as one message; nobody else fills it.
    """

    id: UUID
    at: dt.datetime
    message: Inbound
    throttled: Literal["first", "more"] | None = None
    parts: tuple[str, ...] = ()
    kind: Literal["received"] = "received"


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer fell due. `visit` is the wait that set it: the engine ignores a late one."""

    id: UUID
    at: dt.datetime
    timer: str
    visit: int
    kind: Literal["timer_fired"] = "timer_fired"


@dataclass(frozen=True, slots=True)
class ActionDone:
    """An action call ended. `ok` false: it failed for good, `error` says why. `call` is the effect's id."""

    id: UUID
    at: dt.datetime
    call: UUID
    visit: int
    ok: bool
    result: dict[str, JsonValue] = field(default_factory=dict[str, Any])
    error: str = ""
    kind: Literal["action_done"] = "action_done"


@dataclass(frozen=True, slots=True)
class Posted:
    """An integration posted a named event. `to` names a contact who may have no conversation yet."""

    id: UUID
    at: dt.datetime
    name: str
    data: dict[str, JsonValue] = field(default_factory=dict[str, Any])
    to: tuple[Identity, ...] = ()
    kind: Literal["posted"] = "posted"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that a step said could not be delivered, for good. `message` is the effect's id."""

    id: UUID
    at: dt.datetime
    message: UUID
    code: str
    why: str = ""
    kind: Literal["undelivered"] = "undelivered"


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A person took the conversation: the bot is silent until it is given back."""

    id: UUID
    at: dt.datetime
    by: str
    kind: Literal["taken_over"] = "taken_over"


@dataclass(frozen=True, slots=True)
class OwnerWrote:
    """The number's owner wrote to the contact on his phone: a person has the floor until it is given back, or
    `silent_s` seconds have passed (None: without end)."""

    id: UUID
    at: dt.datetime
    message: FromOwner
    silent_s: int | None = None
    kind: Literal["owner_wrote"] = "owner_wrote"


@dataclass(frozen=True, slots=True)
class Returned:
    """A person gave the conversation back to the bot."""

    id: UUID
    at: dt.datetime
    by: str
    kind: Literal["returned"] = "returned"


@dataclass(frozen=True, slots=True)
class Replied:
    """A person of the team wrote to the contact."""

    id: UUID
    at: dt.datetime
    by: str
    body: Outgoing
    kind: Literal["replied"] = "replied"


@dataclass(frozen=True, slots=True)
class Ended:
    """A person ended the run."""

    id: UUID
    at: dt.datetime
    by: str
    kind: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True)
class Restarted:
    """A person, or a publish, began the run again at a step of a flow; empty: at the flow's first step."""

    id: UUID
    at: dt.datetime
    by: str
    flow: str = ""
    step: str = ""
    kind: Literal["restarted"] = "restarted"


@dataclass(frozen=True, slots=True)
class Migrated:
    """A publish asked the run to go on with another version of the bot. It stays on its own if it does not fit."""

    id: UUID
    at: dt.datetime
    by: str
    version: int
    kind: Literal["migrated"] = "migrated"


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A person marked the contact as not to be written to (`opted_out` false: took that back)."""

    id: UUID
    at: dt.datetime
    by: str
    opted_out: bool = True
    kind: Literal["opted_out"] = "opted_out"


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """The contact's profile changed elsewhere: in another conversation, or by a person."""

    id: UUID
    at: dt.datetime
    fields: dict[str, JsonValue]
    by: str = ""
    kind: Literal["contact_changed"] = "contact_changed"


Event = Annotated[
    Received
    | TimerFired
    | ActionDone
    | Posted
    | Undelivered
    | TakenOver
    | OwnerWrote
    | Returned
    | Replied
    | Ended
    | Restarted
    | Migrated
    | OptedOut
    | ContactChanged,
    Field(discriminator="kind"),
]

codec: TypeAdapter[Event] = TypeAdapter(Event)
