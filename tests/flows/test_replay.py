"""Replay: runs that were kept, walked again by another version of the bot."""

import datetime as dt
from typing import Any

import pytest

from flows.compiled import Compiled
from flows.replay import NotReplayable, Recorded, Replayed, beginning, path_of, replay
from flows.simulation import Simulation
from schemas import events as ev
from schemas.effects import StartRun
from schemas.ids import derived_id, event_id
from schemas.messages import Content, FromOwner, Identity, Inbound, Text
from tests.flows.talks import CHANNELS, compiled_of, files_of

AT = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
SEND = {"action": "send"}
ASK = {
    "id": "ask",
    "action": "menu",
    "with": {"text": "Well?", "choices": {"yes": "Yes", "no": "No"}},
    "timeout": "1h",
    "then": {"other": "ask", "timeout": "late", "no": "stop"},
}
CALL = {
    "id": "call",
    "action": "webhook",
    "with": {"url": "https://a.example/x", "json": {"a": 1}, "save": {"id": "result.json.id"}, "returns": {"type": "object", "properties": {"id": {"type": "string"}}}},
    "then": {"failed": "late"},
}  # fmt: skip
HI = {"id": "hi", **SEND, "with": {"text": "Hi {{ contact.name }}"}}
THANKS = {"id": "thanks", **SEND, "with": {"text": "Number {{ data.id }}"}, "next": "stop"}
LATE = {"id": "late", **SEND, "with": {"text": "Too late"}}
STEPS: list[dict[str, Any]] = [HI, ASK, CALL, THANKS, LATE]


def bot(*steps: dict[str, Any], **more: Any) -> Compiled:
    flow = {
        "triggers": [{"message": {"words": ["go"]}}],
        "data": {"schema": {"type": "object", "properties": {"id": {"type": "string"}}}},
        "steps": list(steps),
    }
    return compiled_of(files_of({"f": flow}, more))


def changed(step: dict[str, Any], **changes: Any) -> Compiled:
    return bot(*({**one, **changes} if one is step else one for one in STEPS))


MADE_BY = bot(*STEPS)


class Recorder:
    """A run as the runtime would keep it."""

    def __init__(self, compiled: Compiled = MADE_BY, **contact: Any) -> None:
        self.contact = {"id": "c", "name": "Ana", "language": "en", **contact}
        self.talk = Simulation.begin(compiled, CHANNELS["plain"], AT, self.contact, seed="r")
        self.events: list[ev.Event] = []
        self.paths: list[tuple[str, ...]] = []
        self.runs: list[Any] = []

    def give(self, event: ev.Event) -> None:
        if isinstance(event, ev.ActionDone):
            self.talk.calls.pop(event.call, None)
        turn = self.talk.give(event)
        self.events.append(event)
        self.paths.append(path_of(turn.trace))
        self.runs += [one.id for one in turn.effects if isinstance(one, StartRun)]

    def say(self, text: str) -> "Recorder":
        return self.send(Text(text))

    def send(self, content: Content) -> "Recorder":
        message = Inbound(f"m{len(self.events)}", self.talk.now, (Identity("web", "x"),), content)
        self.give(ev.Received(self.talk.next_id(), self.talk.now, message))
        return self

    def answer(self, ok: bool = True, **json: Any) -> "Recorder":
        [call] = self.talk.calls.values()
        result = {"status": 200, "json": json, "text": ""}
        self.give(ev.ActionDone(self.talk.next_id(), self.talk.now, call.id, call.visit, ok, result))
        return self

    def wait(self, late_s: float = 0.3, **span: float) -> "Recorder":
        """Time passes; timers fire a little late, as they do."""
        until = self.talk.now + dt.timedelta(**span)
        while due := [timer for timer in self.talk.timers.values() if timer.at <= until]:
            timer = min(due, key=lambda one: one.at)
            del self.talk.timers[timer.timer]
            self.talk.now = timer.at + dt.timedelta(seconds=late_s)
            self.give(ev.TimerFired(self.talk.next_id(), self.talk.now, timer.timer, timer.visit))
        self.talk.now = max(self.talk.now, until)
        return self

    def happen(self, kind: Any, *more: Any) -> "Recorder":
        self.give(kind(self.talk.next_id(), self.talk.now, *more))
        return self

    def recorded(self, *contacts: dict[str, Any]) -> Recorded:
        first = beginning(self.events, self.runs[0])
        return Recorded(
            self.runs[0],
            event_id(1, bytes(10)),
            1,
            tuple(self.events[first:]),
            tuple(self.paths[first:]),
            contacts or (self.contact,),
        )


def again(recorder: Recorder, draft: Compiled, made_by: Compiled = MADE_BY) -> Replayed:
    return replay(made_by, draft, recorder.recorded(), recorder.talk.view)


def whole() -> Recorder:
    return Recorder().say("go").wait(minutes=5).say("yes").wait(seconds=2).answer(id="L-7")


def late() -> Recorder:
    return Recorder().say("go").wait(hours=2)


@pytest.mark.parametrize("recorder", [whole, late])
def test_the_version_that_made_it_does_the_same(recorder: Any) -> None:
    found = again(recorder(), MADE_BY)
    assert (found.verdict, found.why, found.faithful, found.rows) == ("same", "", True, ())


BYE = {"id": "bye", **SEND, "with": {"text": "Bye"}}


@pytest.mark.parametrize(
    ("recorder", "draft", "verdict", "why"),
    [
        (whole, changed(HI, **{"with": {"text": "Hello {{ contact.name }}"}}), "wording", ""),
        (whole, changed(CALL, **{"with": {**CALL["with"], "json": {"a": 2}}}), "wording", ""),
        (whole, bot(HI, BYE, ASK, CALL, THANKS, LATE), "path", "f.bye, not f.ask"),
        (whole, changed(ASK, then={**ASK["then"], "yes": "stop"}), "ended", "ends 1 events before"),
        (whole, changed(ASK, then={**ASK["then"], "yes": "ask"}), "path", "goes on at f.ask"),
        (whole, bot(HI, LATE), "ended", "ends 2 events before"),
        (whole, changed(CALL, **{"with": {**CALL["with"], "save": {"id": "result.json.id + result.json.id"}}}), "wording", ""),
        (whole, changed(CALL, id="other"), "path", "f.other asks what was not asked then: f.other: POST https://a.example/x"),
        (whole, bot(CALL, HI, ASK, THANKS, LATE), "path", "f.call, not f.hi"),
        (late, changed(ASK, timeout="90m"), "path", "goes on at f.ask, where it was over"),
        (late, changed(ASK, timeout="30m"), "same", ""),
        (late, changed(ASK, timeout="3h"), "path", "goes on at f.ask"),
        (late, changed(LATE, **{"with": {"text": "Over"}}), "wording", ""),
        (late, bot(HI, ASK, CALL, THANKS, LATE, BYE), "path", "it goes on to f.bye"),
        (late, changed(ASK, then={**ASK["then"], "timeout": "stop"}), "path", "it stops before f.late"),
    ],
)  # fmt: skip
def test_what_differs_is_told(recorder: Any, draft: Compiled, verdict: str, why: str) -> None:
    found = again(recorder(), draft)
    assert (found.verdict, why in found.why) == (verdict, True), found
    assert found.faithful


def test_a_run_that_fails_now_is_told_with_its_error() -> None:
    found = again(whole(), changed(HI, next="hi"))
    assert (found.verdict, "More than 100 steps" in found.why) == ("failed", True), found.why
    loop = changed(HI, next="hi")
    assert again(Recorder(loop).say("go"), loop, loop).verdict == "same"


def test_both_transcripts_stand_side_by_side() -> None:
    rows = again(whole(), bot(HI, BYE, ASK, CALL, THANKS, LATE)).rows
    shown = [(row.before and row.before.text, row.after and row.after.text) for row in rows]
    assert shown[:4] == [("go", "go"), ("Hi Ana", "Hi Ana"), (None, "Bye"), ("Well?\n\n1. Yes\n2. No",) * 2]
    assert ("answers", True) in [(row.before.who, row.after == row.before) for row in rows if row.before]


def test_what_people_did_happens_again() -> None:
    owner = FromOwner("o", AT, (), Text("I am here"))
    recorder = Recorder().say("go").happen(ev.TakenOver, "Luca").say("hm").happen(ev.OwnerWrote, owner, None)
    recorder.happen(ev.Returned, "Luca").happen(ev.ContactChanged, {"name": "Anna"}, "Luca")
    recorder.happen(ev.Replied, "Luca", Text("Hello")).happen(ev.Posted, "paid", {}).say("no")
    assert again(recorder, MADE_BY).verdict == "same"
    ended = Recorder().say("go").happen(ev.Ended, "Luca")
    assert again(ended, MADE_BY).verdict == "same"
    asks_first = again(ended, bot(ASK, HI, CALL, THANKS, LATE))
    assert (asks_first.verdict, asks_first.why) == ("path", "f.ask, not f.hi")


def test_a_message_that_could_not_be_delivered_is_one_of_the_same_step() -> None:
    steps = [{**HI, "then": {"undelivered": "late"}}, *STEPS[1:]]
    made_by = bot(*steps)
    recorder = Recorder(made_by).say("go")
    message = recorder.talk.state.run.said[0][0]  # pyright: ignore[reportOptionalMemberAccess]
    recorder.happen(ev.Undelivered, message, "131026")
    found = again(recorder, bot({**BYE, "id": "first"}, *steps), made_by)
    assert [row.after.text for row in found.rows if row.after][-1] == "Too late"
    assert again(recorder, bot(*STEPS[1:]), made_by).verdict == "path"


def test_a_burst_belongs_to_the_run_that_it_began() -> None:
    made_by = bot(*STEPS, burst="2s")
    recorder = (
        Recorder(made_by).say("go").wait(seconds=1).say("please").wait(seconds=5).say("no").wait(seconds=9)
    )
    found = again(recorder, made_by, made_by)
    assert (found.verdict, len(recorder.recorded().events)) == ("same", 5)
    assert again(recorder, bot(*STEPS, burst="1500ms"), made_by).verdict in ("same", "path")


def test_answers_are_taken_from_wherever_the_record_has_them() -> None:
    found = again(whole(), bot(CALL, HI, ASK, THANKS, LATE))
    assert [row.after.text for row in found.rows if row.after][-1] == "Number L-7"


def test_a_contact_is_as_he_was_then() -> None:
    steps = [
        {
            "id": "know",
            "action": "branch",
            "with": {"cases": {"new": "contact.city == ''"}},
            "then": {"new": "hi"},
        },
        LATE,
        HI,
    ]
    fields = {"contact": {"fields": {"city": {"type": "string"}}}}
    made_by = bot(*steps, **fields)
    recorder = Recorder(made_by, city="").say("go")
    now, then = {**recorder.contact, "city": "Rome"}, recorder.contact
    found = replay(made_by, made_by, recorder.recorded(now, then), recorder.talk.view)
    assert (found.verdict, found.faithful) == ("same", True)
    found = replay(made_by, made_by, recorder.recorded(now), recorder.talk.view)
    assert (found.verdict, found.faithful) == ("same", False)


def test_what_cannot_be_walked_again_says_why() -> None:
    recorder = whole()
    silent = compiled_of(files_of({"g": {"triggers": [{"message": {"words": ["x"]}}], "steps": [HI]}}))
    with pytest.raises(NotReplayable, match="how it began is not kept"):
        beginning(recorder.events[1:], recorder.runs[0])
    with pytest.raises(NotReplayable, match="did not begin by what was kept"):
        again(recorder, MADE_BY, silent)
    found = again(recorder, silent)
    assert (found.verdict, found.why) == ("path", "no flow of the draft begins")


def test_an_open_run_is_walked_as_far_as_it_went() -> None:
    recorder = Recorder().say("go").say("yes")
    assert again(recorder, MADE_BY).verdict == "same"
    assert again(recorder, changed(ASK, then={**ASK["then"], "yes": "stop"})).verdict == "ended"
    assert again(Recorder().say("go"), bot(HI, LATE)).verdict == "ended"


def test_an_answer_that_nothing_waits_for_is_passed_over() -> None:
    recorder = Recorder().say("go").happen(ev.ActionDone, event_id(1, bytes(10)), 1, True, {}).say("no")
    assert again(recorder, MADE_BY).verdict == "same"


def test_a_draft_whose_timers_go_round_is_left() -> None:
    tick = {"id": "tick", "action": "wait", "with": {"for": "1s"}, "next": "tick"}
    found = again(late(), bot(HI, tick))
    assert (found.verdict, found.why) == ("path", "more than 2000 turns")


def test_ids_of_a_run_follow_from_the_event_that_began_it() -> None:
    recorder = whole()
    assert recorder.runs == [derived_id(recorder.events[0].id, "run1")]


def test_what_the_team_gets_stands_in_the_transcripts() -> None:
    note = {"id": "note", "action": "note", "with": {"text": "Call Ana"}, "next": "hi"}
    rows = again(whole(), bot(note, *STEPS)).rows
    assert [row.after.text for row in rows if row.after and row.before is None] == ["Call Ana"]
