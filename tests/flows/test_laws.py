"""The engine's laws, on any sequence of events: total, deterministic, bounded, and its state is a value."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import answers, bot, compiler, fit, form, words
from flows.compiled import Compiled
from flows.machine import advance
from flows.state import State, decode, encode, position
from flows.testing import run_test
from flows.turn import Turn
from schemas import effects as fx
from schemas import events as ev
from schemas.capabilities import Capabilities, utf16_length
from schemas.effects import CallWebhook, Say, SetTimer
from schemas.flow import ConversationTest
from schemas.messages import Choice, FromOwner, Text
from tests.flows import universe
from tests.flows.talks import CHANNELS, compiled_of, talks
from tests.flows.universe import START, contents, made_id, objects, received, texts, view

Files = dict[str, bytes | str]

BOTS = Path(__file__).parents[2] / "bots"
QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def sample_files() -> dict[str, Files]:
    """The bots that are shipped, and the first of each file of conversations."""
    found: dict[str, Files] = {}
    for folder in sorted(path.parent for path in BOTS.glob("*/bot.yaml")):
        found[folder.name] = {
            str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()
        }
    for talk in talks():
        found.setdefault(talk.name.partition(":")[0], talk.files)
    return found


SAMPLES = sample_files()


@cache
def sample(name: str) -> Compiled:
    """One of them, compiled where it is used: each worker collects all tests, and runs some."""
    return compiler.compile(bot.load(SAMPLES[name]))


class Conversation:
    """A conversation that draws what happens from what could happen."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled, self.state, self.view = compiled, State(), view()
        self.now, self.count = START, 0
        self.timers: list[SetTimer] = []
        self.calls: list[CallWebhook] = []
        self.said: list[Say] = []

    def event(self, draw: Any) -> ev.Event:
        self.count += 1
        self.now += dt.timedelta(seconds=draw(st.integers(0, 4000)))
        made, at = made_id(self.count, self.now), self.now
        taps = [row.id for say in self.said for row in getattr(say.body, "buttons", ())]
        kinds: list[Any] = [
            contents.map(lambda content: received(content, self.count, at)),
            universe.words.map(lambda text: received(Text(text), self.count, at)),
            st.sampled_from(["first", "more"]).map(
                lambda how: received(Text("x"), self.count, at, throttled=how)
            ),
            st.builds(
                ev.Posted, st.just(made), st.just(at), texts | st.sampled_from(["paid", "lead", "e"]), objects
            ),
            st.just(ev.TakenOver(made, at, "Luca")),
            st.builds(
                ev.OwnerWrote,
                st.just(made),
                st.just(at),
                st.builds(FromOwner, texts, st.just(at), st.just(()), contents),
                st.none() | st.integers(0, 9000),
            ),
            st.just(ev.Returned(made, at, "Luca")),
            st.just(ev.Replied(made, at, "Luca", Text("hello"))),
            st.just(ev.Ended(made, at, "Luca")),
            st.builds(ev.Restarted, st.just(made), st.just(at), texts, texts, texts),
            st.builds(ev.OptedOut, st.just(made), st.just(at), texts, st.booleans()),
            st.builds(
                ev.ContactChanged, st.just(made), st.just(at), st.dictionaries(texts, texts, max_size=2)
            ),
            st.builds(ev.TimerFired, st.just(made), st.just(at), texts, st.integers(0, 9)),
        ]
        if taps:
            kinds.append(st.sampled_from(taps).map(lambda i: received(Choice(i, "x"), self.count, at)))
        if self.timers:
            fired = st.sampled_from(self.timers)
            kinds.append(fired.map(lambda timer: ev.TimerFired(made, at, timer.timer, timer.visit)))
        if self.calls:
            made_calls = st.tuples(st.sampled_from(self.calls), st.booleans(), objects)
            kinds.append(
                made_calls.map(lambda one: ev.ActionDone(made, at, one[0].id, one[0].visit, one[1], one[2]))
            )
        if self.said:
            lost = st.sampled_from(self.said)
            kinds.append(lost.map(lambda say: ev.Undelivered(made, at, say.id, "131026")))
        return draw(st.one_of(kinds))

    def give(self, event: ev.Event) -> Turn:
        turn = advance(self.compiled, self.state, event, self.view)
        self.state, self.view = turn.state, turn.view
        for effect in turn.effects:
            match effect:
                case SetTimer():
                    self.timers.append(effect)
                case CallWebhook():
                    self.calls.append(effect)
                case Say():
                    self.said.append(effect)
                case _:
                    pass
        return turn


@pytest.mark.parametrize("name", SAMPLES)
@QUICK
@given(data=st.data())
def test_any_events_give_a_turn_that_is_always_the_same(name: str, data: st.DataObject) -> None:
    talk = Conversation(sample(name))
    for _ in range(data.draw(st.integers(1, 12))):
        event = talk.event(data.draw)
        before, seen = talk.state, talk.view
        turn = talk.give(event)

        assert advance(talk.compiled, before, event, seen) == turn
        assert ev.codec.validate_json(ev.codec.dump_json(event)) == event
        assert fx.codec.validate_json(fx.codec.dump_json(turn.effects)) == turn.effects
        assert len(turn.effects) < 2 * seen.limits.steps + 2 * seen.limits.backlog
        assert decode(encode(turn.state)) == turn.state
        assert turn.encoded == (b"" if turn.state is before else encode(turn.state))
        ids = [effect.id for effect in turn.effects if isinstance(effect, Say | CallWebhook | fx.HandOff)]
        assert len(set(ids)) == len(ids)
        if before.opted_out and turn.state.opted_out:
            assert not [one for one in turn.effects if isinstance(one, Say)]
        if before.silence and turn.state.silence and not isinstance(event, ev.Replied | ev.TimerFired):
            assert not [one for one in turn.effects if isinstance(one, Say)]
        assert position(turn.state).opted_out == turn.state.opted_out
        if turn.state.silence and not before.silence:
            after = [one for one in turn.effects if isinstance(one, Say | fx.HandOff)]
            assert not isinstance(event, ev.TakenOver | ev.OwnerWrote) or not after
            assert not [one for one in after if isinstance(one, fx.HandOff)] or isinstance(
                after[-1], fx.HandOff
            )


@QUICK
@given(answers=st.lists(texts, max_size=80))
def test_a_form_always_reaches_an_outcome(answers: list[str]) -> None:
    compiled = compiled_of(next(one.files for one in talks() if one.name.startswith("forms: reads")))
    state, seen = State(), view()
    said = ["go", *answers, *["stop" if not answers else "?!" for _ in range(40)]]
    asked = 0
    for count, text in enumerate(said):
        turn = advance(compiled, state, received(Text(text), count), seen)
        if turn.state.run is not None:
            asked += 1
            assert any(isinstance(effect, Say) for effect in turn.effects)
        state = turn.state
    assert state.run is None or asked <= len(said)


@QUICK
@given(text=texts, name=texts)
def test_no_answer_is_evaluated(text: str, name: str) -> None:
    compiled = compiled_of(next(one.files for one in talks() if "never evaluates" in one.name))
    state, seen = State(), view(name=name)
    state = advance(compiled, state, received(Text("go"), 1), seen).state
    turn = advance(compiled, state, received(Text(f"{{{{ {text} }}}}"), 2), seen)

    said = [one.body.text for one in turn.effects if isinstance(one, Say) and isinstance(one.body, Text)]
    answer = f"{{{{ {text} }}}}".strip().replace("\0", "\ufffd")
    assert (
        not said
        or not said[0].startswith("Hi ")
        or said[0].replace("\0", "\ufffd").startswith(f"Hi {answer}")
    )


@QUICK
@given(
    answer=st.text(max_size=60), tapped=st.text(max_size=5), titles=st.lists(st.text(max_size=30), max_size=8)
)
def test_matching_is_total(answer: str, tapped: str, titles: list[str]) -> None:
    shown = [words.Shown(str(place), f"s.{place}", title) for place, title in enumerate(titles)]
    assert words.match_choice(answer, tapped, shown) in {None, *(one.key for one in shown)}
    words.contains_words(answer, tapped)
    words.is_one_of(answer, titles)


@QUICK
@given(
    text=st.text(max_size=300),
    titles=st.lists(st.tuples(st.text(max_size=30), st.text(max_size=80), st.text(max_size=30)), max_size=14),
    limit=st.integers(1, 100),
    how=st.sampled_from(["auto", "buttons", "list", "text"]),
    page=st.integers(0, 5),
)
def test_what_is_shown_fits_the_channel(
    text: str, titles: list[tuple[str, str, str]], limit: int, how: fit.As, page: int
) -> None:
    small = Capabilities("small", text=limit)
    for piece in fit.fit_text(text, small):
        assert utf16_length(piece.text) <= limit or len(piece.text) == 1
    options = [fit.Option(str(i), f"s.{i}", *one) for i, one in enumerate(titles)]
    more = fit.Option("", "s.more", "More")
    fitted = fit.fit_menu(text, options, CHANNELS["cloud_api"], how=how, more=more, page=page)
    for message in fitted.messages:
        rows = [row for section in getattr(message, "sections", ()) for row in section.rows]
        assert len(rows) <= 10
        assert len(getattr(message, "buttons", ())) <= 3


FIELDS = form.fields_of(
    {
        "properties": {
            "t": {"type": "string"},
            "n": {"type": "number"},
            "i": {"type": "integer"},
            "b": {"type": "boolean"},
            "e": {"type": "string", "format": "email"},
            "d": {"type": "string", "format": "date"},
            "c": {"enum": ["x"]},
            "h": {"type": "string", "format": "time"},
            "m": {"type": "string", "format": "date-time"},
            "p": {"type": "string", "format": "phone"},
            "u": {"type": "string", "format": "uri"},
            "l": {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
        }
    },
    {},
)


SPOKEN = ["in", "tra", "fra", "9999", "12", "31", "days", "mesi", "years", "hours", "ago", "fa", "domani", "next", "monday", "mar", "3", "13", "99", "alle", "at", "half", "past", "quarter", "to", "e", "meno", "mezza", "five", "cinque", "midnight", "24", "am", "pm", "sera", "29", "febbraio", "febbraio", "1/1/0001", "31/12/9999", "2:60", "25:00", "minus", "zero", "mila", "mille", "thousand", "and", "hundred", ",", ".", ";", "-", "²"]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(
    kind=st.sampled_from(sorted(FIELDS)),
    text=st.text(max_size=60)
    | st.from_regex(r"[-+]?[0-9][0-9.,' ]{0,20}|\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}", fullmatch=True)
    | st.emails()
    | st.lists(st.sampled_from(SPOKEN), max_size=7).map(" ".join),
)
def test_reading_an_answer_is_total(kind: str, text: str) -> None:
    one = FIELDS[kind]
    value = answers.read_answer(one, text, answers.Here(START))
    assert isinstance(value, answers.Wrong) or one.takes(value) or kind == "c"


@QUICK
@given(
    line=st.dictionaries(
        st.sampled_from(
            [
                "user",
                "bot",
                "webhook",
                "after",
                "event",
                "returned",
                "taken_over",
                "owner",
                "team",
                "ended",
                "restarted",
                "opted_out",
                "contact",
                "undelivered",
                "x",
            ]
        ),
        universe.json_values,
        min_size=1,
        max_size=2,
    ),
    at=texts,
    expect=objects,
)
def test_a_test_that_cannot_be_played_fails_and_does_not_raise(line: Any, at: str, expect: Any) -> None:
    test = ConversationTest(
        test="t", at=at if len(at) % 3 else "2026-01-01", talk=[{"user": "go"}, line], expect=expect
    )
    result = run_test(sample("hello"), "t", test, CHANNELS)
    assert result.passed == (not result.failure)
