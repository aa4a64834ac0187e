"""What a conversation test cannot say: throttling, overflow, limits, late results, states of another version."""

import datetime as dt
import itertools
from dataclasses import replace
from typing import Any

from flows import sentences
from flows.compiled import Compiled
from flows.machine import advance
from flows.simulation import Simulation, said
from flows.state import State
from flows.turn import Limits, Turn
from flows.work import Work
from schemas import events as ev
from schemas.effects import CallWebhook, CancelTimer, EndRun, Note, Say, SetTimer
from schemas.messages import FromOwner, Reaction, Text
from tests.flows.talks import compiled_of, files_of
from tests.flows.universe import START, made_id, received, view

ASK = {
    "triggers": [{"message": {"words": ["go"]}}],
    "data": {"schema": {"type": "object", "properties": {"n": {"type": "integer", "title": "N"}}}},
    "steps": [
        {
            "id": "call",
            "action": "webhook",
            "with": {"url": "https://a.example"},
            "timeout": "1h",
            "then": {"timeout": "stop", "failed": "stop"},
        },
        {
            "id": "ask",
            "action": "wait",
            "with": {"message": True},
            "timeout": "1h",
            "then": {"timeout": "stop"},
        },
        {
            "id": "say",
            "action": "send",
            "with": {"text": "{{ message.text }} {{ contact.language }}"},
            "next": "ask",
        },
    ],
}


def bot(**flows: Any) -> Compiled:
    return compiled_of(files_of(flows or {"ask": ASK}, {"expire_after": "24h"}))


class Talk:
    """A conversation by hand."""

    def __init__(self, compiled: Compiled, limits: Limits | None = None) -> None:
        self.compiled, self.state, self.count = compiled, State(), itertools.count(1)
        self.view = replace(view(), limits=limits or Limits())

    def give(self, event: ev.Event) -> Turn:
        turn = advance(self.compiled, self.state, event, self.view)
        self.state, self.view = turn.state, turn.view
        return turn

    def says(self, text: str, **more: Any) -> Turn:
        return self.give(received(Text(text), next(self.count), **more))

    def done(self, turn: Turn) -> Turn:
        call = next(one for one in turn.effects if isinstance(one, CallWebhook))
        return self.give(ev.ActionDone(made_id(next(self.count)), START, call.id, call.visit, True))


def words(turn: Turn) -> list[str]:
    return [say.body.text for say in said(turn) if isinstance(say.body, Text)]


def test_throttled_messages_are_answered_once_and_not_fed() -> None:
    talk = Talk(bot())
    assert "faster than I can read" in words(talk.says("go", throttled="first"))[0]
    assert words(talk.says("go", throttled="more")) == []
    assert talk.state == State()


def test_the_oldest_of_too_many_waiting_messages_is_left_out_with_a_note() -> None:
    talk = Talk(bot(), Limits(backlog=3))
    began = talk.says("go")
    turns = [talk.says(f"m{number}") for number in range(5)]
    assert [len([one for one in turn.effects if isinstance(one, Note)]) for turn in turns] == [0, 0, 0, 1, 1]
    assert [text.split()[0] for text in words(talk.done(began))] == ["m2", "m3", "m4"]


def test_a_result_is_heard_once() -> None:
    talk = Talk(bot())
    began = talk.says("go")
    talk.done(began)
    before = talk.state
    turn = talk.done(began)
    assert turn.state is before
    assert turn.encoded == b""
    assert "nothing waits for" in turn.trace[0].note


def test_a_timer_of_an_earlier_visit_is_late() -> None:
    talk = Talk(bot())
    timer = next(
        one for one in talk.says("go").effects if isinstance(one, SetTimer) and one.timer != "expire"
    )
    talk.done(talk.give(ev.Restarted(made_id(90), START, "x")))
    turn = talk.give(ev.TimerFired(made_id(91), START, timer.timer, timer.visit))
    assert [one.note for one in turn.trace] == ["a late timer: timeout"]
    for name in ("timeout.9", "timeout.-1", "timeout.x", "nonsense", "timeout.²"):
        assert talk.give(ev.TimerFired(made_id(92), START, name, 1)).effects == ()


def test_an_early_expiry_is_put_off() -> None:
    talk = Talk(bot())
    talk.says("go")
    turn = talk.give(ev.TimerFired(made_id(93), START + dt.timedelta(days=2), "expire", 0))
    (timer,) = turn.effects
    assert isinstance(timer, SetTimer)
    assert timer.at == START + dt.timedelta(days=2, minutes=1)  # a result is awaited
    talk.give(ev.Ended(made_id(94), START, "x"))
    assert talk.give(ev.TimerFired(made_id(95), START, "expire", 0)).effects == ()


def test_a_state_that_grows_too_large_gives_the_run_up() -> None:
    talk = Talk(bot(), Limits(state_bytes=4000))
    talk.says("go")
    turn = talk.says("x" * 5000)
    assert "something went wrong" in words(turn)[0]
    (ended,) = [one for one in turn.effects if isinstance(one, EndRun)]
    assert (ended.how, "the limit is 4000" in ended.error) == ("failed", True)
    assert talk.state.run is None
    assert any(isinstance(one, CancelTimer) for one in turn.effects)


def test_a_state_at_a_step_that_is_gone_fails_visibly_whatever_happens() -> None:
    other = bot(else_={"steps": [{"id": "s", "action": "send", "with": {"text": "x"}}]})
    shorter = bot(ask={**ASK, "steps": ASK["steps"][1:]})
    for version, event in itertools.product(
        (other, shorter),
        (
            received(Text("hi"), 50),
            ev.ActionDone(made_id(51), START, made_id(0), 1, True),
            ev.TimerFired(made_id(52), START, "timeout.0", 1),
            ev.Returned(made_id(53), START, "x"),
            ev.TakenOver(made_id(54), START, "x"),
            ev.Restarted(made_id(55), START, "x", "gone", "gone"),
            ev.Posted(made_id(56), START, "e"),
            received(Text("restart"), 57),
        ),
    ):
        talk = Talk(bot())
        talk.says("go")
        talk.compiled = version
        run = talk.state.run
        assert run is not None
        if isinstance(event, ev.ActionDone):
            event = replace(event, call=run.call)
        talk.give(event)
        talk.give(ev.Undelivered(made_id(58), START, made_id(0), "1"))
    silenced = Talk(bot())
    silenced.says("go")
    silenced.give(ev.TakenOver(made_id(54), START, "x"))
    silenced.compiled = shorter
    silenced.give(ev.TimerFired(made_id(52), START, "timeout.0", 1))
    assert (
        "went wrong" in " ".join(words(silenced.give(ev.Returned(made_id(53), START, "x"))))
        or silenced.state.run
    )


def test_an_undelivered_message_of_an_earlier_run_is_noted() -> None:
    talk = Talk(bot())
    turn = talk.give(ev.Undelivered(made_id(58), START, made_id(0), "131026"))
    assert turn.trace[0].note == "a message of an earlier run could not be delivered (131026)"


def test_contact_changes_are_seen_by_the_next_event_of_a_batch() -> None:
    talk = Talk(bot())
    turn = talk.give(ev.ContactChanged(made_id(60), START, {"language": "it"}))
    assert turn.view.contact["language"] == "it"
    assert talk.state == State()


def test_nobody_who_opted_out_is_written_to_or_restarted() -> None:
    talk = Talk(bot())
    talk.says("stop")
    assert [type(one) for one in talk.give(ev.Replied(made_id(61), START, "x", Text("hi"))).effects] == [Note]
    assert [type(one) for one in talk.give(ev.Restarted(made_id(62), START, "x")).effects] == [Note]


def test_every_sentence_is_there_in_every_language_with_the_same_facts() -> None:
    for key, by_language in sentences.SENTENCES.items():
        facts = {
            language: sorted(part for part in text.split() if "{" in part)
            for language, text in by_language.items()
        }
        assert set(by_language) == {"en", "it"}, key
        assert len({len(one) for one in facts.values()}) == 1, key


def test_a_simulated_talk_is_always_the_same() -> None:
    def play() -> list[Say]:
        simulation = Simulation.begin(bot(), view().capabilities, START, seed="s")
        return [say for text in ("go", "x") for say in said(simulation.receive(Text(text)))]

    assert play() == play()


def test_what_the_owner_wrote_long_ago_makes_no_silence() -> None:
    talk = Talk(bot())
    ago = START - dt.timedelta(hours=2)
    late = FromOwner("own", ago, (), Text("hello"))
    talk.give(ev.OwnerWrote(made_id(50), START, late, 3600))
    assert talk.state.silence is None
    talk.give(ev.OwnerWrote(made_id(51), START, late, 10_800))
    assert talk.state.silence is not None
    assert talk.state.silence.until == START + dt.timedelta(hours=1)


def test_a_late_end_of_the_owners_silence_is_ignored() -> None:
    talk = Talk(bot())
    late = ev.TimerFired(made_id(50), START, "silence", 0)
    assert talk.give(late).trace[0].note == "a late timer: silence"
    talk.give(ev.OwnerWrote(made_id(51), START, FromOwner("own", START, (), Text("hello")), 60))
    talk.give(replace(late, id=made_id(52)))
    assert talk.state.silence is not None
    talk.give(ev.TimerFired(made_id(53), START + dt.timedelta(seconds=60), "silence", 0))
    assert talk.state.silence is None


TWO = {
    "triggers": [{"message": {"words": ["go"]}}],
    "steps": [
        {"id": "hi", "action": "send", "with": {"text": "Hi"}},
        {
            "id": "give",
            "action": "handoff",
            "with": {"team": "a"},
            "timeout": "1h",
            "then": {"timeout": "again", "undelivered": "stop"},
        },
        {
            "id": "again",
            "action": "handoff",
            "with": {"team": "b"},
            "timeout": "1h",
            "then": {"timeout": "stop"},
        },
    ],
}
GONE = {"triggers": [], "steps": [{"id": "x", "action": "send", "with": {"text": "x"}}]}


def timers(turn: Turn) -> list[SetTimer]:
    return [one for one in turn.effects if isinstance(one, SetTimer)]


def test_a_handoff_may_time_out_into_another_and_what_is_held_stays_held() -> None:
    talk = Talk(bot(two=TWO))
    (due,) = [one for one in timers(talk.says("go")) if one.timer.startswith("timeout")]
    talk.give(ev.Posted(made_id(70), START, "e"))
    talk.give(ev.TimerFired(made_id(71), due.at, due.timer, due.visit))
    assert talk.state.silence is not None
    assert talk.state.silence.team == "b"
    assert len(talk.state.held) == 1


def test_a_handoff_that_is_gone_waits_for_people_all_the_same() -> None:
    talk = Talk(bot(two=TWO))
    (due,) = [one for one in timers(talk.says("go")) if one.timer.startswith("timeout")]
    talk.compiled = bot(two={**TWO, "steps": GONE["steps"]})
    talk.give(ev.TimerFired(made_id(71), due.at, due.timer, due.visit))
    assert talk.state.silence is not None
    assert len(talk.state.held) == 1
    talk.give(ev.Returned(made_id(72), START, "x"))
    assert talk.state.run is None


def test_a_lost_message_of_a_flow_that_is_gone_ends_the_run() -> None:
    flow = {**ASK, "steps": [{"id": "hi", "action": "send", "with": {"text": "Hi"}}, ASK["steps"][1]]}
    talk = Talk(bot(ask=flow))
    say = said(talk.says("go"))[0]
    talk.compiled = bot(other=GONE)
    turn = talk.give(ev.Undelivered(made_id(73), START, say.id, "1"))
    assert [one.how for one in turn.effects if isinstance(one, EndRun)] == ["failed"]


def test_a_reaction_while_a_result_is_awaited_is_no_message() -> None:
    talk = Talk(bot())
    talk.says("go")
    talk.give(received(Reaction("👍", ""), 74))
    assert talk.state.backlog == ()


def test_a_burst_is_closed_by_its_own_timer_only() -> None:
    talk = Talk(compiled_of(files_of({"ask": ASK}, {"burst": "2s"})))
    (first,) = timers(talk.says("go"))
    (second,) = timers(talk.says("now"))
    talk.give(ev.TimerFired(made_id(75), first.at, "burst", first.visit))
    assert len(talk.state.burst) == 2
    talk.give(ev.TimerFired(made_id(76), second.at, "burst", second.visit))
    assert talk.state.burst == ()
    assert talk.state.run is not None


def test_what_was_posted_interrupts_when_the_result_is_in() -> None:
    loud = {"triggers": [{"event": {"name": "b"}, "interrupt": True}], "steps": [{"id": "s", "action": "send", "with": {"text": "B"}}]}  # fmt: skip
    talk = Talk(bot(ask=ASK, loud=loud))
    began = talk.says("go")
    for name in ("a", "b", "c"):
        talk.give(ev.Posted(made_id(ord(name)), START, name))
    assert words(talk.done(began))[0] == "B"
    assert [one.name for one in talk.state.posted] == ["a", "c"]
    ended = talk.give(ev.Ended(made_id(79), START, "x"))
    assert not said(ended)


def test_what_was_posted_and_no_flow_takes_is_noted_when_the_run_is_over() -> None:
    short = {**ASK, "steps": [ASK["steps"][0]]}
    talk = Talk(bot(ask=short))
    began = talk.says("go")
    talk.give(ev.Posted(made_id(80), START, "a"))
    assert "no flow takes the event a" in [one.note for one in talk.done(began).trace]


CALLER = {
    "triggers": [{"message": {"words": ["go"]}}],
    "steps": [{"id": "c", "action": "call", "with": {"flow": "inner"}}, {"id": "after", "action": "send", "with": {"text": "AFTER"}}],
}  # fmt: skip
INNER = {
    "steps": [
        {"id": "w", "action": "wait", "with": {"message": True}, "timeout": "1h", "then": {"timeout": "stop"}}
    ]
}
ASKING = {
    "triggers": [{"message": {"words": ["go"]}}],
    "steps": [
        {"id": "w", "action": "wait", "with": {"event": "e"}, "timeout": "1h", "then": {"timeout": "stop"}}
    ],
}
ASIDE = {"triggers": [{"message": {"words": ["aside"]}, "interrupt": True}], **INNER}


def ended(turn: Turn) -> list[str]:
    return [one.how for one in turn.effects if isinstance(one, EndRun)]


def test_a_flow_that_returns_to_what_is_no_call_any_more_fails() -> None:
    for steps in ([{"id": "c", "action": "send", "with": {"text": "x"}}], GONE["steps"]):
        talk = Talk(bot(caller=CALLER, inner=INNER))
        talk.says("go")
        talk.compiled = bot(caller={**CALLER, "steps": steps}, inner=INNER)
        assert ended(talk.says("back")) == ["failed"]


def test_an_interruption_of_a_step_that_is_gone_ends_the_run() -> None:
    talk = Talk(bot(asking=ASKING, aside=ASIDE))
    talk.says("go")
    talk.says("aside")
    talk.compiled = bot(asking={**ASKING, "steps": GONE["steps"]}, aside=ASIDE)
    assert ended(talk.says("back")) == ["failed"]


def test_timers_that_fell_due_in_a_silence_are_told_apart() -> None:
    talk = Talk(bot(asking=ASKING, aside=ASIDE))
    (below,) = [one for one in timers(talk.says("go")) if one.timer.startswith("timeout")]
    (top,) = [one for one in timers(talk.says("aside")) if one.timer.startswith("timeout")]
    talk.give(ev.TakenOver(made_id(81), START, "x"))
    for place, due in enumerate((below, replace(top, visit=top.visit))):
        talk.give(ev.TimerFired(made_id(82 + place), START, due.timer, due.visit))
    assert len(talk.state.held) == 2
    run = talk.state.run
    assert run is not None
    late = replace(talk.state.held[1], visit=99)  # of a visit that is over
    talk.state = replace(talk.state, held=(talk.state.held[0], late))  # type: ignore[arg-type]
    turn = talk.give(ev.Returned(made_id(85), START, "x"))
    assert [one.timer for one in timers(turn)] == [below.timer]
    assert talk.state.held == ()


def test_a_bot_may_let_runs_wait_for_ever() -> None:
    talk = Talk(compiled_of(files_of({"asking": ASKING}, {"expire_after": None})))
    assert [one.timer for one in timers(talk.says("go"))] == ["timeout.0"]
    assert ended(talk.give(ev.Ended(made_id(86), START, "x"))) == ["ended_by_person"]
    assert talk.give(ev.TimerFired(made_id(87), START, "expire", 0)).effects == ()


def test_setting_a_timer_again_keeps_the_others() -> None:
    talk = Talk(bot(asking=ASKING))
    talk.says("go")
    later = received(Text("x"), 88, START + dt.timedelta(minutes=10))
    work = Work(talk.compiled, talk.state, later, talk.view)
    work.set_timer("soon", dt.timedelta(minutes=1))
    work.set_timer("soon", dt.timedelta(minutes=2))
    visit = work.top.visit
    assert {one.timer: (one.at, one.visit) for one in work.timers.values() if isinstance(one, SetTimer)} == {
        "timeout.0": (START + dt.timedelta(hours=1), visit),
        "soon.0": (START + dt.timedelta(minutes=12), visit),
    }
    work.top.entered_at = START - dt.timedelta(hours=3)
    work.set_timer("soon", dt.timedelta(minutes=3))
    assert work.timers["timeout.0"].visit == visit  # type: ignore[union-attr]


BOTH = {
    "triggers": [{"message": {"words": ["go"]}}],
    "steps": [
        {
            "id": "w",
            "action": "wait",
            "with": {"event": "e", "for": "2h"},
            "timeout": "1h",
            "then": {"timeout": "stop"},
        }
    ],
}


def test_one_of_a_steps_timers_counts_anew_after_a_silence() -> None:
    talk = Talk(bot(both=BOTH))
    due = {one.timer: one for one in timers(talk.says("go"))}
    talk.give(ev.TakenOver(made_id(81), START, "x"))
    for place, name in enumerate(sorted(set(due) - {"expire"})):
        talk.give(ev.TimerFired(made_id(82 + place), START, name, due[name].visit))
    turn = talk.give(ev.Returned(made_id(85), START, "x"))
    assert {one.timer for one in timers(turn)} == set(due) - {"expire"}


def test_an_expiry_that_was_held_means_nothing_when_the_run_is_over() -> None:
    talk = Talk(bot(both=BOTH))
    talk.says("go")
    talk.give(ev.TakenOver(made_id(81), START, "x"))
    talk.give(ev.Posted(made_id(82), START, "e"))
    talk.give(ev.TimerFired(made_id(83), START + dt.timedelta(days=2), "expire", 0))
    assert len(talk.state.held) == 2
    turn = talk.give(ev.Returned(made_id(84), START, "x"))
    assert ended(turn) == ["done"]
    assert timers(turn) == []


def test_an_interruption_within_another_leaves_the_timers_below_held() -> None:
    more = {"triggers": [{"message": {"words": ["more"]}, "interrupt": True}], **INNER}
    asking = {"triggers": [{"message": {"words": ["aside"]}, "interrupt": True}], "steps": ASKING["steps"]}
    talk = Talk(bot(both=BOTH, aside=asking, more=more))
    (below, _) = [one for one in timers(talk.says("go")) if one.timer != "expire"]
    talk.says("aside")
    talk.says("more")
    talk.give(ev.TimerFired(made_id(81), below.at, below.timer, below.visit))
    late = ev.TimerFired(made_id(82), below.at, "timeout.1", 99)  # of a visit that is over
    talk.state = replace(talk.state, held=(*talk.state.held, late))
    talk.says("back")
    run = talk.state.run
    assert run is not None
    assert len(run.stack) == 2
    assert [getattr(one, "timer", "") for one in talk.state.held] == [below.timer]


def test_what_waited_for_a_result_is_the_peoples_when_they_get_the_floor() -> None:
    flow = {
        **ASK,
        "steps": [ASK["steps"][0], TWO["steps"][1] | {"then": {"timeout": "stop", "undelivered": "stop"}}],
    }
    talk = Talk(bot(ask=flow))
    began = talk.says("go")
    talk.says("hello?")
    assert len(talk.state.backlog) == 1
    turn = talk.done(began)
    assert talk.state.backlog == ()
    assert "people have the floor: what waited is theirs" in [one.note for one in turn.trace]


MORNING = {
    "triggers": [{"schedule": {"cron": "30 10 * * *"}}],
    "steps": [{"id": "say", "action": "send", "with": {"text": "Good morning."}}],
}


def timer_of(turn: Turn) -> SetTimer:
    return next(one for one in turn.effects if isinstance(one, SetTimer) and one.timer == "schedule")


def test_a_schedule_that_comes_hours_late_passes_and_the_next_is_set() -> None:
    talk = Talk(bot(morning=MORNING))
    due = timer_of(talk.says("hello"))
    late = talk.give(ev.TimerFired(made_id(50), due.at + dt.timedelta(hours=3), "schedule", due.visit))
    assert words(late) == []
    assert timer_of(late).at == due.at + dt.timedelta(days=1)


def test_a_schedule_fires_once() -> None:
    talk = Talk(bot(morning=MORNING))
    due = timer_of(talk.says("hello"))
    assert words(talk.give(ev.TimerFired(made_id(50), due.at, "schedule", due.visit))) == ["Good morning."]
    assert words(talk.give(ev.TimerFired(made_id(51), due.at, "schedule", due.visit))) == []


def test_schedules_are_set_anew_when_another_version_has_others_and_forgotten_when_it_has_none() -> None:
    talk = Talk(bot(morning=MORNING))
    first = timer_of(talk.says("hello"))
    assert not [one for one in talk.says("hello").effects if isinstance(one, SetTimer)]
    talk.compiled = bot(morning={**MORNING, "triggers": [{"schedule": {"cron": "30 11 * * *"}}]})
    assert timer_of(talk.says("hello")).at == first.at + dt.timedelta(hours=1)
    talk.compiled = bot()
    assert CancelTimer("schedule") in talk.says("go").effects
    assert talk.state.scheduled is None


def test_a_timer_that_was_lost_with_too_large_a_state_is_set_anew() -> None:
    talk = Talk(bot(morning=MORNING))
    due = timer_of(talk.says("hello"))
    later = talk.give(ev.Returned(made_id(50), due.at + dt.timedelta(hours=2), "Luca"))
    assert timer_of(later).at == due.at + dt.timedelta(days=1)
