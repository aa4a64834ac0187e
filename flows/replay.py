"""Replay: what really happened in a run, let happen again to another version of its bot, and what differs.

A run is walked twice. First by the version that made it, event by event as they were kept, so that it says what it
said, and from a contact as it was then. Then by the draft: what the contact and people did happens to it at the same
times, its webhooks and custom actions are answered as they were, step by step, and its timers fire when they fall due.
A timer that both have fires for both when it really did. Nothing is sent.

What the draft asks that was not asked then has no answer: there the walk ends, and says so.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any, Literal
from uuid import UUID

import orjson

from flows.compiled import Compiled
from flows.expected import shown_text
from flows.simulation import Simulation, said
from flows.talk import Spoken, spoken_for_team, written
from flows.turn import Trace, Turn, View
from schemas import events as ev
from schemas.effects import AddNote, CallWebhook, EndRun, OpenTask, SetTimer, StartRun
from schemas.ids import derived_id, event_id
from schemas.messages import OpenForm, plain_text

Verdict = Literal["same", "wording", "path", "failed", "ended"]
VERDICTS: tuple[Verdict, ...] = ("same", "wording", "path", "failed", "ended")

MOST_TURNS = 2000  # of one walk: a draft whose timers go round is left there
_BURST = "burst"
_NUMBERED = 4  # runs that one event may begin


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run as it was kept: its events in the order in which they were processed, each with the path that it took;
    of one that went on with another version, those before. `version` is the one that it began with.

    `contacts` are what may have been known of the contact when it began, the likeliest first.
    """

    run: UUID
    conversation: UUID
    version: int
    events: tuple[ev.Event, ...]
    paths: tuple[tuple[str, ...], ...]
    contacts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Two lines side by side; None where one side has none."""

    before: Spoken | None
    after: Spoken | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a run. `faithful`: the version that made it did again exactly what it had done.

    `why` says more of a verdict, for people. `rows` are empty where nothing differs.
    """

    run: UUID
    conversation: UUID
    version: int
    verdict: Verdict
    why: str
    faithful: bool
    rows: tuple[Row, ...]


class NotReplayable(Exception):
    """The run cannot be walked again; the text says why."""


def beginning(events: Sequence[ev.Event], run: UUID) -> int:
    """The place of the first event that matters to a run. Raises `NotReplayable`: its beginning is not there."""
    made = {place for place, event in enumerate(events) if _began(event, run)}
    if not made:
        raise NotReplayable("how it began is not kept any more")
    place = min(made)
    event = events[place]
    if isinstance(event, ev.TimerFired) and event.timer == _BURST:
        while place and isinstance(events[place - 1], ev.Received):
            place -= 1
    return place


def _began(event: ev.Event, run: UUID) -> bool:
    same_time = event.id.int >> 80 == run.int >> 80
    return same_time and any(derived_id(event.id, f"run{n}") == run for n in range(1, _NUMBERED + 1))


def replay(made_by: Compiled, draft: Compiled, recorded: Recorded, view: View) -> Replayed:
    """Walk a run by both versions. `view` is the number's; the contact is the run's. Raises `NotReplayable`."""
    record, faithful = as_it_was(made_by, recorded, view)
    after = _Draft(draft, record, recorded.run)
    stopped = after.walk()
    failed = after.walked.ended is not None and after.walked.ended.how == "failed"
    same_path = record.path == after.walked.path
    same_lines = record.lines == after.walked.lines
    verdict: Verdict
    if failed and not (record.ended is not None and record.ended.how == "failed" and same_path):
        verdict, why = "failed", after.walked.ended.error if after.walked.ended else ""
    elif stopped:
        verdict, why = "path", stopped
    elif after.early:
        verdict, why = "ended", f"the run ends {after.left} events before it did"
    elif not same_path:
        verdict, why = "path", _parting(record.path, after.walked.path)
    elif not same_lines:
        verdict, why = "wording", ""
    else:
        verdict, why = "same", ""
    rows = () if verdict == "same" else side_by_side(record.lines, after.walked.lines)
    return Replayed(recorded.run, recorded.conversation, recorded.version, verdict, why, faithful, rows)


def side_by_side(before: Sequence[Spoken], after: Sequence[Spoken]) -> tuple[Row, ...]:
    """Two transcripts, so that what is the same in both stands in one row."""
    rows: list[Row] = []
    for how, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        left, right = before[a:b], after[c:d]
        if how == "equal":
            rows.extend(Row(one, one) for one in left)
            continue
        for place in range(max(len(left), len(right))):
            rows.append(
                Row(left[place] if place < len(left) else None, right[place] if place < len(right) else None)
            )
    return tuple(rows)


@dataclass(slots=True)
class Walked:
    """One side: a simulated conversation, and what it said and did. `calls` are all that it made, by id."""

    simulation: Simulation
    lines: list[Spoken] = field(default_factory=list[Spoken])
    path: list[str] = field(default_factory=list[str])
    calls: dict[UUID, CallWebhook] = field(default_factory=dict[UUID, CallWebhook])
    said_by: dict[UUID, str] = field(default_factory=dict[UUID, str])
    last_said: dict[str, UUID] = field(default_factory=dict[str, UUID])
    started: bool = False
    ended: EndRun | None = None

    def give(self, event: ev.Event) -> Turn:
        """Let an event happen, and keep what it causes."""
        self.simulation.now = event.at
        turn = self.simulation.give(event)
        self._heard(event)
        for effect in turn.effects:
            match effect:
                case StartRun():
                    self.started = True
                case EndRun() if self.ended is None and self.started:
                    self.ended = effect
                case CallWebhook():
                    self.calls[effect.id] = effect
                    self.lines.append(Spoken("calls", _asked(effect)))
                case AddNote() | OpenTask():
                    self.lines.append(spoken_for_team(effect))
                case _:
                    pass
        for say in said(turn):
            body = replace(say.body, token="") if isinstance(say.body, OpenForm) else say.body
            self.lines.append(Spoken("team" if say.by else "bot", shown_text(body)))
            self.said_by[say.id] = say.step
            self.last_said[say.step] = say.id
        self.path.extend(path_of(turn.trace))
        return turn

    def _heard(self, event: ev.Event) -> None:
        match event:
            case ev.Received():
                content = event.message.content
                self.lines.append(Spoken("user", plain_text(content) or f"({content.kind})"))
            case ev.ActionDone() if (call := self.calls.get(event.call)) is not None:
                said = f"failed: {event.error}" if not event.ok else _json(event.result)
                self.lines.append(Spoken("answers", f"{call.step}: {said}"))
            case ev.Posted():
                self.lines.append(Spoken("event", event.name))
            case ev.TakenOver() | ev.Returned() | ev.Ended() | ev.Restarted() | ev.OptedOut():
                self.lines.append(Spoken(event.kind, event.by))
            case ev.OwnerWrote():
                self.lines.append(Spoken("owner", plain_text(event.message.content)))
            case ev.Undelivered():
                self.lines.append(Spoken("undelivered", event.code))
            case _:  # a person's reply is said; the rest is not heard
                pass


def path_of(trace: Iterable[Trace]) -> tuple[str, ...]:
    """The steps that a trace went through, as `flow.step`, with the outcome that each was left by."""
    return tuple(
        f"{one.flow}.{one.step}:{one.outcome}" if one.outcome else f"{one.flow}.{one.step}"
        for one in trace
        if one.step and (one.outcome or not one.note)
    )


@dataclass(slots=True)
class Record(Walked):
    """The side that was: which timers waited before each event and which calls after it, and with which event its run
    was over."""

    events: tuple[ev.Event, ...] = ()
    began_with: Mapping[str, Any] = field(default_factory=dict[str, Any])
    timers: list[dict[str, SetTimer]] = field(default_factory=list[dict[str, SetTimer]])
    open_calls: list[set[str]] = field(default_factory=list[set[str]])
    over_at: int | None = None
    paths: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])


def as_it_was(made_by: Compiled, recorded: Recorded, view: View) -> tuple[Record, bool]:
    """The run by the version that made it, from the contact with whom it does what it did; else from the likeliest."""
    first: Record | None = None
    for contact in recorded.contacts:
        record = _walk_record(made_by, recorded, replace(view, contact=contact))
        if tuple(record.paths) == recorded.paths[: len(record.paths)] and record.started:
            return record, True
        first = first or record
    if first is None or not first.started:
        raise NotReplayable("it did not begin by what was kept")
    return first, False


def _walk_record(made_by: Compiled, recorded: Recorded, view: View) -> Record:
    here = Simulation(made_by, view, recorded.events[0].at)
    record = Record(here, events=recorded.events, began_with=view.contact)
    for place, event in enumerate(recorded.events):
        record.timers.append(dict(here.timers))
        if isinstance(event, ev.TimerFired):
            here.timers.pop(event.timer, None)
        if isinstance(event, ev.ActionDone):
            here.calls.pop(event.call, None)
        record.paths.append(path_of(record.give(event).trace))
        record.open_calls.append({call.step for call in here.calls.values()})
        if record.ended is not None:
            record.over_at = place
            break
    return record


class _Stopped(Exception):
    """The draft cannot be walked on; the text says why."""


@dataclass(slots=True)
class _Draft:
    """The side that may be: what happened, happening to the draft. `early`: its run was over before the record's."""

    compiled: Compiled
    record: Record
    run: UUID
    walked: Walked = field(init=False)
    answers: dict[str, list[ev.ActionDone]] = field(default_factory=dict[str, list[ev.ActionDone]])
    turns: int = 0
    count: int = 0
    early: bool = False
    left: int = 0

    def walk(self) -> str:
        """Until the end; why it could not go on to there, or nothing."""
        view = replace(self.record.simulation.view, contact=self.record.began_with)
        self.walked = Walked(Simulation(self.compiled, view, self.record.events[0].at))
        last = len(self.record.events) if self.record.over_at is None else self.record.over_at + 1
        for event in self.record.events[:last]:
            if isinstance(event, ev.ActionDone) and (call := self.record.calls.get(event.call)):
                self.answers.setdefault(call.step, []).append(event)
        for place, event in enumerate(self.record.events[:last]):
            try:
                self._fire_own(place, event.at)
                self._happen(event)
                self._ask_what_was_not(place)
            except _Stopped as why:
                return str(why)
            if self.walked.ended is not None:
                self.left = sum(map(self._still_to_come, self.record.events[place + 1 : last]))
                self.early = self.left > 0 or self.record.ended is None
                return ""
        if not self.walked.started:
            return "no flow of the draft begins"
        run = self.walked.simulation.state.run
        if self.record.ended is not None and run is not None:
            return f"the run goes on at {run.stack[-1].flow}.{run.stack[-1].step}, where it was over"
        return ""

    def _still_to_come(self, event: ev.Event) -> bool:
        if isinstance(event, ev.ActionDone):
            return any(event in answers for answers in self.answers.values())
        return True

    def _give(self, event: ev.Event) -> None:
        self.turns += 1
        if self.turns > MOST_TURNS:
            raise _Stopped(f"more than {MOST_TURNS} turns")
        self.walked.give(event)

    def _fire_own(self, place: int, until: dt.datetime) -> None:
        """Fire what falls due before an event, but for timers that the record has too: it says when those fire."""
        shared = self.record.timers[place]
        while self.walked.ended is None:
            own = [
                timer
                for name, timer in self.walked.simulation.timers.items()
                if timer.at <= until and not (name in shared and shared[name].at == timer.at)
            ]
            if not own:
                return
            due = min(own, key=lambda timer: timer.at)
            del self.walked.simulation.timers[due.timer]
            at = max(due.at, self.walked.simulation.now)
            self._give(ev.TimerFired(self._next_id(at), at, due.timer, due.visit))

    def _happen(self, event: ev.Event) -> None:
        """What happened then happens to the draft, where it has a place for it."""
        here = self.walked.simulation
        match event:
            case _ if self.walked.ended is not None:
                return
            case ev.TimerFired():
                timer = here.timers.get(event.timer)
                if timer is not None and timer.at <= event.at:
                    del here.timers[event.timer]
                    self._give(replace(event, visit=timer.visit))
            case ev.ActionDone():
                call = self.record.calls.get(event.call)
                made = next((one for one in here.calls.values() if call and one.step == call.step), None)
                if made is not None and event in self.answers[made.step]:
                    self._answer(made, event, event.at, event.id)
            case ev.Undelivered():
                step = self.record.said_by.get(event.message, "")
                if message := self.walked.last_said.get(step):
                    self._give(replace(event, message=message))
            case _:
                self._give(event)

    def _ask_what_was_not(self, place: int) -> None:
        """Calls that the record does not have at this place are answered as they were elsewhere in it."""
        while self.walked.ended is None:
            awaited = self.record.open_calls[place]
            new = [one for one in self.walked.simulation.calls.values() if one.step not in awaited]
            if not new:
                return
            answers = self.answers.get(new[0].step)
            if not answers:
                raise _Stopped(f"{new[0].step} asks what was not asked then: {_asked(new[0])}")
            at = self.walked.simulation.now
            self._answer(new[0], answers[0], at, self._next_id(at))

    def _answer(self, call: CallWebhook, given: ev.ActionDone, at: dt.datetime, key: UUID) -> None:
        self.answers[call.step].remove(given)
        del self.walked.simulation.calls[call.id]
        self._give(replace(given, id=key, at=at, call=call.id, visit=call.visit))

    def _next_id(self, at: dt.datetime) -> UUID:
        self.count += 1
        random = hashlib.sha256(f"{self.run}\0{self.count}".encode()).digest()
        return event_id(int(at.timestamp() * 1000), random)


def _asked(call: CallWebhook) -> str:
    what = call.action or f"{call.method} {written(call.url)}"
    return f"{call.step}: {what}{f' {_json(call.json)}' if call.has_body else ''}"


def _json(value: Any) -> str:
    return orjson.dumps(
        value, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS, default=str
    ).decode()


def _parting(before: Sequence[str], after: Sequence[str]) -> str:
    """Where two paths part."""
    for one, other in zip(before, after, strict=False):
        if one != other:
            return f"{other}, not {one}"
    if len(after) > len(before):
        return f"it goes on to {after[len(before)]}"
    return f"it stops before {before[len(after)]}"
