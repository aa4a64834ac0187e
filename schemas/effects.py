"""Effects: what a turn asks the runtime to do. Imperatives, frozen, committed with the turn.

`id` is derived from the event and the effect's place in the turn (the machine stamps it, with `step`), so a
turn computed twice asks for the same things. `step` names `flow.step` for the transcript. `codec` reads and writes a list of them as JSON.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from schemas.messages import JsonValue, Outgoing

UNSET_ID = UUID(int=0)  # actions leave it so; the machine stamps the derived id


@dataclass(frozen=True, slots=True)
class Say:
    """Send a message to the contact. `priority`: higher goes first across conversations."""

    body: Outgoing
    priority: int = 0
    reply_to: str = ""
    typing: bool = False
    by: str = ""
    id: UUID = UNSET_ID
    step: str = ""
    kind: Literal["say"] = "say"


@dataclass(frozen=True, slots=True)
class SecretRef:
    """A secret by name, resolved by the runtime when the request is made. Never holds the value."""

    secret: str


Chunk = str | SecretRef


@dataclass(frozen=True, slots=True)
class Retry:
    """When to try again: the pause doubles from `backoff_s` to at most `max_pause_s`, with jitter."""

    attempts: int = 5
    backoff_s: float = 2.0
    max_pause_s: float = 300.0
    give_up_after_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class Cache:
    """Whether an answer may be used again: for `ttl_s`, and for `stale_if_error_s` more when the host fails."""

    ttl_s: float
    stale_if_error_s: float = 0.0


@dataclass(frozen=True, slots=True)
class CallWebhook:
    """Make a signed HTTP request and bring its answer back as `ActionDone`.

    `url` and each header value are chunks, since they may hold secrets (which are percent-encoded in a `url`,
    but for one that it begins with); `json` is a JSON value in which
    `{"$secret": [chunk, …]}` stands for a text with secrets. `limit_s` bounds one try.

    With `action` it calls that custom action: `json` is its input, its URL and secret are looked up when the request
    is made, and the result is `{outcome, data}`, which may come later, until `answer_by`.
    """

    method: str
    url: tuple[Chunk, ...]
    headers: tuple[tuple[str, tuple[Chunk, ...]], ...] = ()
    json: JsonValue = None
    has_body: bool = False
    limit_s: float = 10.0
    retry: Retry = field(default_factory=Retry)
    cache: Cache | None = None
    action: str = ""
    answer_by: dt.datetime | None = None
    id: UUID = UNSET_ID
    step: str = ""
    visit: int = 0
    kind: Literal["call_webhook"] = "call_webhook"


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Fire `timer` at `at`. One timer of a name lives in a conversation: setting it again moves it."""

    timer: str
    at: dt.datetime
    visit: int
    kind: Literal["set_timer"] = "set_timer"


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Forget the timer of that name, if there is one."""

    timer: str
    kind: Literal["cancel_timer"] = "cancel_timer"


@dataclass(frozen=True, slots=True)
class HandOff:
    """Give the conversation to a team. A person's `Returned` ends it."""

    team: str
    note: str = ""
    id: UUID = UNSET_ID
    step: str = ""
    kind: Literal["hand_off"] = "hand_off"


@dataclass(frozen=True, slots=True)
class ChangeContact:
    """Write fields of the contact's profile; `None` clears one."""

    fields: dict[str, JsonValue]
    kind: Literal["change_contact"] = "change_contact"


@dataclass(frozen=True, slots=True)
class TagContact:
    """Put tags on the contact, and take others off. No tag is in both."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    kind: Literal["tag_contact"] = "tag_contact"


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write a note beside the conversation, for the team."""

    text: str
    id: UUID = UNSET_ID
    step: str = ""
    kind: Literal["add_note"] = "add_note"


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Give people something to do about the conversation.

    `team` is a name, `person` an address of the workspace; nobody is meant by an empty text, or by one that the
    workspace does not know.
    """

    title: str
    team: str = ""
    person: str = ""
    due: dt.datetime | None = None
    id: UUID = UNSET_ID
    step: str = ""
    kind: Literal["open_task"] = "open_task"


@dataclass(frozen=True, slots=True)
class StartRun:
    """A run began. `id` names it."""

    id: UUID
    flow: str
    version: int
    trigger: str
    kind: Literal["start_run"] = "start_run"


@dataclass(frozen=True, slots=True)
class MoveRun:
    """A run goes on with another version of the bot."""

    id: UUID
    version: int
    kind: Literal["move_run"] = "move_run"


@dataclass(frozen=True, slots=True)
class EndRun:
    """A run ended. `how`: `done`, `stopped`, `failed`, `expired`, `restarted`, `ended_by_person`, `opted_out`.

    `result` is what a `stop` step named; `error` is for people, with the place; `data` what was collected.
    """

    id: UUID
    flow: str
    how: str
    result: str = ""
    error: str = ""
    data: dict[str, JsonValue] = field(default_factory=dict[str, Any])
    kind: Literal["end_run"] = "end_run"


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the transcript that people see and the contact does not."""

    text: str
    kind: Literal["note"] = "note"


Effect = Annotated[
    Say
    | CallWebhook
    | SetTimer
    | CancelTimer
    | HandOff
    | ChangeContact
    | TagContact
    | AddNote
    | OpenTask
    | StartRun
    | MoveRun
    | EndRun
    | Note,
    Field(discriminator="kind"),
]

codec: TypeAdapter[tuple[Effect, ...]] = TypeAdapter(tuple[Effect, ...])
