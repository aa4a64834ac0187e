"""The test runner: what a bot's test may not say, and how it says what differs."""

from typing import Any

import pytest

from flows.testing import coverage, run_test
from schemas.flow import ConversationTest
from tests.flows.talks import CHANNELS, compiled_of, files_of

BOT = compiled_of(
    files_of(
        {
            "f": {
                "triggers": [{"message": {"words": ["go"]}}],
                "steps": [
                    {"id": "hi", "action": "send", "with": {"text": "Hello"}},
                    {"id": "off", "action": "send", "with": {"text": "never"}, "disabled": True},
                    {
                        "id": "ask",
                        "action": "menu",
                        "with": {"text": "Well?", "choices": {"yes": "Yes", "no": "No"}},
                        "then": {"other": "stop", "timeout": "stop"},
                        "timeout": "1h",
                    },
                    {
                        "id": "call",
                        "action": "webhook",
                        "with": {
                            "url": "https://a.example/x",
                            "json": {"a": 1},
                            "headers": {"K": "{{ secret('k') }}"},
                        },
                        "then": {"failed": "stop"},
                    },
                    {"id": "tick", "action": "wait", "with": {"for": "1s"}, "next": "tick"},
                ],
            }
        }
    )
)


def played(*talk: dict[str, Any], expect: dict[str, Any] | None = None, **more: Any) -> Any:
    test = ConversationTest.model_validate({"test": "t", "talk": list(talk), "expect": expect or {}, **more})
    return run_test(BOT, "tests/t.yaml", test, CHANNELS)


GO = ({"user": "go"}, {"user": "yes"})


@pytest.mark.parametrize(
    ("talk", "says"),
    [
        ([{"user": "go", "bot": "x"}], "a line is one of"),
        ([{"sing": "la"}], "this one has sing"),
        ([{"user": {"choose": "Maybe"}}], "no choice 'Maybe' was shown; shown were none"),
        ([{"user": "go"}, {"user": {"choose": "Maybe"}}], "shown were yes, no"),
        ([{"user": {"smell": "roses"}}], "not 'smell'"),
        ([{"user": {"location": {"latitude": 1}}}], "cannot be read"),
        ([{"user": "go"}, {"bot": "nothing"}], "should say nothing, but says 'Hello'"),
        ([{"user": "go"}, {"bot": "Good evening"}], "but says\n  'Hello'"),
        ([{"user": "go"}, {"bot": {"sounds": "x"}}], "no check 'sounds'"),
        ([{"bot": "x"}], "but says\n  nothing"),
        ([{"webhook": "call"}], "under way: none"),
        ([*GO, {"webhook": {"step": "other"}}], "under way: f.call"),
        ([*GO, {"webhook": {"step": "call", "json": {"a": 2}}}], "the call's json should be"),
        ([*GO, {"webhook": {"step": "call", "headers": {"K": "k"}}}], "'…'"),
        ([*GO, {"webhook": {"method": "GET"}}], "but is\n  'POST'"),
        ([{"after": "soon"}], "is not a duration"),
        ([*GO, {"webhook": {}}, {"after": "1h"}], "more than 1000 timers"),
        ([{"undelivered": "x"}], "no message of this run"),
        ([{"owner": {"text": "x", "silent": "soon"}}], "is not a duration"),
    ],
    ids=lambda one: str(one)[-60:],
)
def test_a_line_that_does_not_hold(talk: list[dict[str, Any]], says: str) -> None:
    result = played(*talk)
    assert not result.passed
    assert says in result.failure
    assert result.line == len(talk) - 1


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"channel": "pigeon"}, "no channel 'pigeon'"),
        ({"at": "noon"}, "is not a time"),
        ({"at": "0001-01-01T00:00:00Z"}, "not in our times"),
        ({"expect": {"mood": "good"}}, "no key 'mood'"),
        ({"expect": {"ended": "f"}}, "expect.ended should be"),
    ],
    ids=str,
)
def test_what_surrounds_the_talk(more: dict[str, Any], says: str) -> None:
    result = played({"user": "go"}, **more)
    assert says in result.failure
    assert result.line is None


@pytest.mark.parametrize(
    "talk",
    [
        [{"user": {"reaction": "👍"}}, {"bot": "nothing"}],
        [{"user": {"image": "a picture"}}, {"user": {"image": {"mime": "image/png"}}}],
        [{"user": {"location": {"latitude": 1, "longitude": 2}}}],
        [*GO, {"webhook": {"step": "call", "fails": "no answer"}}],
        [*GO, {"webhook": {"step": "call", "returns": {"status": 500}}}],
        [{"user": "go"}, {"bot": {"contains": ["Hel", "lo"]}}, {"bot": {"matches": "^Well", "choices": ["Yes", "No"]}}],
        [{"taken_over": {"by": "Luca"}}, {"returned": {}}, {"taken_over": ""}, {"ended": "x"}, {"restarted": {"by": "y"}}],
        [{"event": {"name": "e", "data": {"n": 1}}}],
    ],
    ids=lambda talk: str(talk)[:60],
)  # fmt: skip
def test_what_may_happen_in_a_talk(talk: list[dict[str, Any]]) -> None:
    result = played(*talk, at="2026-01-01T10:00:00")
    assert result.passed, result.failure


def test_coverage_leaves_out_what_is_disabled() -> None:
    found = coverage(BOT, [played({"user": "go"})])
    assert (found.steps, found.missed_steps) == (4, ("f.call", "f.tick"))
    assert "f.ask:yes" in found.missed_outcomes
