"""Effects become rows: what a turn asks for, as one transaction writes it."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from flows.turn import Turn
from runtime.conversations import Conversation
from runtime.lane import Letter
from runtime.media import Fetch
from schemas.effects import (
    AddNote,
    CallWebhook,
    CancelTimer,
    ChangeContact,
    EndRun,
    HandOff,
    MoveRun,
    Note,
    OpenTask,
    Say,
    SetTimer,
    StartRun,
    TagContact,
)
from schemas.events import Event
from schemas.ids import derived_id
from schemas.messages import Text, outgoing_codec
from store import contacts
from store.action_calls import CallRow
from store.contacts import ContactChange
from store.messages import MessageRow
from store.notes import NoteRow, TaskRow
from store.runs import RunEnded, RunMoved, RunStarted
from store.timers import TimerRow
from store.turns import TurnRows

call_codec: TypeAdapter[CallWebhook] = TypeAdapter(CallWebhook)


@dataclass(slots=True)
class Work:
    """A batch that was computed and is not committed: its rows, and what follows from the commit."""

    rows: TurnRows = field(default_factory=TurnRows)
    letters: dict[UUID, list[Letter]] = field(default_factory=dict[UUID, list[Letter]])
    calls: list[tuple[UUID, CallWebhook, dt.datetime]] = field(
        default_factory=list[tuple[UUID, CallWebhook, dt.datetime]]
    )
    fetches: list[tuple[Fetch, dt.datetime]] = field(default_factory=list[tuple[Fetch, dt.datetime]])
    touched: dict[UUID, Conversation] = field(default_factory=dict[UUID, Conversation])
    changed: dict[UUID, set[str]] = field(default_factory=dict[UUID, set[str]])  # and how, for live views
    encoded: dict[UUID, bytes] = field(default_factory=dict[UUID, bytes])
    last_in: dict[UUID, dt.datetime] = field(default_factory=dict[UUID, dt.datetime])
    erased: list[UUID] = field(default_factory=list[UUID])
    moved: list[UUID] = field(default_factory=list[UUID])  # conversations that became another contact's


def record(
    work: Work, conversation: Conversation, event: Event, turn: Turn, version: int | None, now: dt.datetime
) -> None:
    """Add what a turn asks for to the batch. `now` is when its messages are made."""
    rows = work.rows
    for place, effect in enumerate(turn.effects):
        match effect:
            case Say():
                _say(work, conversation, effect, version, place, now)
            case SetTimer():
                key = (conversation.id, effect.timer)
                rows.timers_cancelled.discard(key)
                rows.timers_set[key] = TimerRow(
                    conversation.id,
                    effect.timer,
                    derived_id(event.id, f"timer:{place}"),
                    effect.at,
                    effect.visit,
                )
            case CancelTimer():
                key = (conversation.id, effect.timer)
                rows.timers_set.pop(key, None)
                rows.timers_cancelled.add(key)
            case CallWebhook():
                flow, _, step = effect.step.rpartition(".")
                rows.calls.append(
                    CallRow(
                        effect.id,
                        conversation.id,
                        effect.kind,
                        flow,
                        step,
                        effect.visit,
                        call_codec.dump_json(effect),
                        now,
                    )
                )
                work.calls.append((conversation.id, effect, now))
            case ChangeContact():
                at = contacts.after(conversation.written, effect.fields, event.at)
                conversation.change(effect.fields, at)
                rows.contact_changes.append(
                    ContactChange(
                        derived_id(event.id, f"contact:{place}"),
                        conversation.contact_id,
                        conversation.id,
                        orjson.dumps(effect.fields),
                        at,
                    )
                )
            case TagContact():
                tags = dict.fromkeys(effect.add, True) | dict.fromkeys(effect.remove, False)
                rows.contact_changes.append(
                    ContactChange(
                        derived_id(event.id, f"contact:{place}"),
                        conversation.contact_id,
                        conversation.id,
                        b"{}",
                        event.at,
                        tags,
                    )
                )
            case AddNote():
                by = _flow_of(effect.step)
                rows.notes.append(NoteRow(effect.id, conversation.id, effect.text, by, now))
                work.changed.setdefault(conversation.id, set()).add("note")
            case OpenTask():
                by = _flow_of(effect.step)
                facts = effect.team, effect.person, effect.due
                rows.tasks.append(TaskRow(effect.id, conversation.id, effect.title, by, now, *facts))
                work.changed.setdefault(conversation.id, set()).add("task")
            case StartRun():
                rows.runs_started.append(
                    RunStarted(
                        effect.id, conversation.id, effect.version, effect.flow, effect.trigger, event.at
                    )
                )
            case MoveRun():
                rows.runs_moved.append(RunMoved(effect.id, effect.version))
            case EndRun():
                rows.runs_ended.append(
                    RunEnded(
                        effect.id,
                        event.at,
                        effect.how,
                        effect.result,
                        effect.error,
                        orjson.dumps(effect.data),
                    )
                )
            case HandOff():
                if effect.note:
                    _note(work, conversation, effect.id, effect.note, effect.step, version, place, now)
            case Note():
                note_id = derived_id(event.id, f"note:{place}")
                _note(work, conversation, note_id, effect.text, "", version, place, now)


def trace_lines(turn: Turn) -> str:
    """The trace of a turn as JSON: steps, outcomes and hand-overs, without values."""
    lines: list[dict[str, object]] = []
    for one in turn.trace:
        line: dict[str, object] = {"flow": one.flow, "step": one.step}
        if one.outcome:
            line["outcome"] = one.outcome
        if one.note:
            line["note"] = one.note
        if one.unset:
            line["unset"] = one.unset
        lines.append(line)
    for effect in turn.effects:
        match effect:
            case HandOff():
                lines.append({"hand_off": effect.team, "step": effect.step})
            case _:
                pass
    return orjson.dumps(lines).decode()


def _flow_of(step: str) -> str:
    """How transcripts name a flow that wrote something for people."""
    return f"flow {step.partition('.')[0]}"


def _say(
    work: Work, conversation: Conversation, say: Say, version: int | None, place: int, now: dt.datetime
) -> None:
    flow, _, step = say.step.rpartition(".")
    work.rows.messages.append(
        MessageRow(
            say.id,
            conversation.id,
            "out",
            say.body.kind,
            outgoing_codec.dump_json(say.body),
            "queued",
            "",
            flow,
            step,
            version,
            say.by,
            place,
            now,
        )
    )
    letter = Letter(
        say.id,
        conversation.id,
        conversation.identities,
        say.body,
        say.reply_to,
        say.priority,
        created_at=now,
        typing_for=conversation.last_provider_id if say.typing else "",
        by_person=bool(say.by),
        heard=conversation.last_provider_id,
        heard_at=conversation.last_in,
        zone=conversation.zone,
    )
    work.letters.setdefault(conversation.id, []).append(letter)


def _note(
    work: Work,
    conversation: Conversation,
    note_id: UUID,
    text: str,
    place_name: str,
    version: int | None,
    place: int,
    now: dt.datetime,
) -> None:
    """A line for people: a message of kind `note` that is never sent, since it may hold a contact's words."""
    flow, _, step = place_name.rpartition(".")
    body = outgoing_codec.dump_json(Text(text))
    work.rows.messages.append(
        MessageRow(
            note_id, conversation.id, "out", "note", body, "note", "", flow, step, version, "", place, now
        )
    )
