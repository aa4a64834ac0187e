"""The test runner: what a bot's test may not say, and how it says what differs."""

from typing import Any

import pytest

from flows import bot, compiler
from flows.coverage import coverage, short
from flows.testing import line_of, run_test, run_tests
from flows.updating import updated
from flows.yaml_text import inline
from schemas.flow import ConversationTest, CoverageDocument
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
        ([{"until": "2025-12-31"}], "is over: it is 2026-01-01T09:00:00+00:00"),
        ([{"until": "soon"}], "'soon' is not a time"),
        ([*GO, {"webhook": {"step": "call", "json": {"a": [1]}}}], "a: should be [1], but is 1"),
        ([*GO, {"webhook": {"step": "call", "json": {"b": 1}}}], "b: should be 1, but is not there"),
        ([*GO, {"webhook": {"step": "call", "json": [1]}}], "but is\n  {'a': 1}"),
        ([{"owner": {"text": "x", "silent": "soon"}}], "is not a duration"),
    ],
    ids=lambda one: str(one)[-60:],
)
def test_a_line_that_does_not_hold(talk: list[dict[str, Any]], says: str) -> None:
    result = played(*talk)
    assert not result.passed
    assert says in result.failure
    assert result.line == len(talk) - 1


KEEPING = compiled_of(
    files_of(
        {
            "f": {
                "triggers": [{"message": {"words": ["go"]}}],
                "steps": [
                    {"id": "jot", "action": "note", "with": {"text": "Look at it"}},
                    {"id": "do", "action": "task", "with": {"title": "Call", "team": "sales"}},
                ],
            }
        }
    )
)


@pytest.mark.parametrize(
    ("talk", "says"),
    [
        ([{"user": "go"}, {"note": "Call"}], "should write the note\n  'Call'\nbut writes\n  'Look at it'"),
        ([{"user": "go"}, {"note": {"sounds": "x"}}], "note has no check 'sounds'"),
        ([{"user": "go"}, {"note": "Look at it"}, {"note": "Look at it"}], "but writes\n  nothing"),
        ([{"user": "go"}, {"task": {"team": "ops"}}], "but opens\n  {'title': 'Call', 'team': 'sales'}"),
        ([{"task": "Call"}], "but opens\n  none"),
    ],
    ids=lambda one: str(one)[-60:],
)
def test_notes_and_tasks_that_are_not_as_expected(talk: list[dict[str, Any]], says: str) -> None:
    test = ConversationTest.model_validate({"test": "t", "talk": talk})
    assert says in run_test(KEEPING, "tests/t.yaml", test, CHANNELS).failure


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


STUBS = {"call": {"returns": {"json": {"id": 7}}}}


def test_a_stub_answers_a_call() -> None:
    wait = {"at": "f.tick"}
    assert played(*GO, expect=wait, stubs=STUBS).passed
    assert played(*GO, expect={"ended": "f"}, stubs={"f.call": {"fails": "no"}}).passed
    assert played(*GO, expect={"ended": "f"}, stubs={"call": {"returns": {"status": 500}}}).passed
    spoken = played(*GO, stubs=STUBS).transcript
    assert [(line.who, line.text) for line in spoken][-1] == ("webhook", "f.call answers 200")
    own = [*GO, {"webhook": {"step": "call", "fails": "no"}}]
    assert played(*own, expect={"ended": "f"}, stubs=STUBS).passed


def test_a_stub_takes_its_time_as_the_clock_moves() -> None:
    slow = {"call": {"after": "20s", "returns": {"status": 500}}}
    assert played(*GO, {"after": "19s"}, expect={"at": "f.call"}, stubs=slow).passed
    assert played(*GO, {"after": "20s"}, expect={"ended": "f"}, stubs=slow).passed
    assert played(*GO, {"until": "2026-01-01T09:00:20"}, expect={"ended": "f"}, stubs=slow).passed
    answered = played(*GO, {"webhook": "call"}, {"after": "1s"}, stubs=slow)
    assert [line.text for line in answered.transcript if line.who == "webhook"] == ["f.call answers 200"]
    broken = played(*GO, stubs={"call": {"after": "soon"}})
    assert "stubs.call: 'soon' is not a duration" in broken.failure


def test_a_call_that_a_line_answers_is_the_stubs_no_more() -> None:
    slow = {"call": {"after": "20s", "returns": {"status": 500}}}
    talk = [*GO, {"after": "1s"}, {"webhook": "call"}, {"after": "1s"}]
    assert played(*talk, expect={"at": "f.tick"}, stubs=slow).passed


def test_lists_are_compared_item_by_item() -> None:
    test = [{"user": "go"}]
    contact = {"tags": ["a", "b"]}
    assert played(*test, contact=contact, expect={"contact": {"tags": ["a", "b"]}}).passed
    failure = played(*test, contact=contact, expect={"contact": {"tags": ["a"]}}).failure
    assert "tags: should have 1 items, but has 2" in failure
    failure = played(*test, contact=contact, expect={"contact": {"tags": ["a", "c"]}}).failure
    assert "tags[1]: should be 'c', but is 'b'" in failure


def test_where_a_test_failed_is_a_line_of_its_file() -> None:
    text = "test: t\ntalk:\n  - user: go\n  - bot: Hallo\n"
    [(_, read)] = bot.load({"tests/t.yaml": text}).tests
    assert line_of(read.source, run_test(BOT, "t", read.document, CHANNELS)) == 4
    [(_, read)] = bot.load({"tests/t.yaml": "test: t\nexpect: {ended: f}\n"}).tests
    assert line_of(read.source, run_test(BOT, "t", read.document, CHANNELS)) == 2
    [(_, read)] = bot.load({"tests/t.yaml": "test: t\nchannel: pigeon\n"}).tests
    assert line_of(read.source, run_test(BOT, "t", read.document, CHANNELS)) == 1


def test_stubs_answer_one_call_after_the_other() -> None:
    looped = compiled_of(
        files_of(
            {
                "f": {
                    "triggers": [{"message": {"words": ["go"]}}],
                    "steps": [
                        {
                            "id": "call",
                            "action": "webhook",
                            "with": {"url": "https://a.example/x", "json": {}},
                            "then": {"failed": "call", "done": "thanks"},
                        },
                        {"id": "thanks", "action": "send", "with": {"text": "Thanks"}},
                    ],
                }
            }
        )
    )

    def told(stubs: Any) -> Any:
        test = {"test": "t", "talk": [{"user": "go"}, {"bot": "Thanks"}], "stubs": stubs}
        return run_test(looped, "t", ConversationTest.model_validate(test), CHANNELS)

    assert told({"call": [{"fails": "once"}, {"returns": {}}]}).passed
    assert "stubs answered 1000 calls in a row" in told({"call": {"fails": "always"}}).failure


def test_what_differs_is_marked_in_the_nearest_message() -> None:
    failure = played({"user": "go"}, {"bot": "Hallo"}).failure
    assert "- Hallo" in failure
    assert "+ Hello" in failure
    assert "?  ^" in failure
    assert "difference" not in played({"user": "go"}, {"bot": "Zzz"}).failure


def test_coverage_tells_languages_and_whether_it_is_enough() -> None:
    found = coverage(BOT, [played({"user": "go"})])
    assert [line.languages for line in found.lines][:2] == [("en",), ("en",)]
    assert found.percent("steps") == 50
    assert (found.languages, found.missed_languages) == (("en",), ())
    [little] = short(found, CoverageDocument(steps=60, languages=100))
    assert str(little) == "50 % of its steps, not 60 % (missing: f.call, f.tick)"
    nothing = coverage(BOT, [])
    assert len(short(nothing, CoverageDocument(steps=1, outcomes=1, languages=1))) == 3
    assert ", …" not in str(short(nothing, CoverageDocument(steps=1))[0])


TEST = """\
test: t   # a comment
talk:
  - user: go
  - bot: Hallo          # stays
  - bot:
      text: "Well then?"
      choices: [Yes]
  # between
  - user: "yes"
  - webhook: {step: call, json: {a: 2, gone: 1}, returns: {status: 500}}
  - bot: {contains: Bye}
expect:
  ended: g
"""
UPDATED = """\
test: t   # a comment
talk:
  - user: go
  - bot: Hello          # stays
  - bot:
      {text: Well?, choices: ["Yes", "No"]}
  # between
  - user: "yes"
  - webhook: {step: call, json: {a: 1}, returns: {status: 500}}
  - bot: nothing
expect:
  {ended: f}
"""


def renewed(text: str, path: str = "tests/t.yaml") -> str:
    [(_, read)] = bot.load({path: text}).tests
    return updated(BOT, read, CHANNELS, {})


def test_what_a_test_expects_is_brought_up_to_date_and_nothing_else() -> None:
    assert renewed(TEST) == UPDATED
    assert renewed(UPDATED) == UPDATED


def test_what_cannot_be_played_stays_for_the_author() -> None:
    for line in ("{user: {choose: Maybe}}", "{sing: la}", "{bot: {sounds: x}}", "{webhook: {step: call}}"):
        text = f"test: t\ntalk: [{line}]\n"
        assert renewed(text) == text
    assert renewed("test: t\nexpect: {mood: good}\n") == "test: t\nexpect: {mood: good}\n"


def test_a_line_keeps_its_checks_when_it_is_renewed() -> None:
    head = "test: t\ntalk:\n  - user: go\n"
    assert renewed(head + "  - bot: nothing\n") == head + "  - bot: Hello\n"
    assert renewed(head + "  - bot: {kind: image}\n") == head + "  - bot: {text: Hello, kind: text}\n"
    as_json = '{"test": "t", "talk": [{"user": "go"}, {"bot": "Hallo"}]}'
    assert renewed(as_json, "tests/t.json") == as_json.replace("Hallo", "Hello")


def test_coverage_leaves_out_what_is_disabled() -> None:
    found = coverage(BOT, [played({"user": "go"})])
    assert (found.steps, found.missed_steps) == (4, ("f.call", "f.tick"))
    assert "f.ask:yes" in found.missed_outcomes


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Hello", "Hello"),
        ("no", '"no"'),
        ("a: b", '"a: b"'),
        ("a, b", '"a, b"'),
        (" a", '" a"'),
        ("12", '"12"'),
        ("", '""'),
        ("two\nlines", '"two\\nlines"'),
        ("{{ x }}", '"{{ x }}"'),
        (12, "12"),
        (None, "null"),
        (True, "true"),
        ({"a b": ["x", 1.5]}, "{a b: [x, 1.5]}"),
    ],
    ids=str,
)
def test_a_value_is_written_as_an_author_would(value: Any, text: str) -> None:
    assert inline(value) == text
    for written in (text, inline(value, as_json=True)):
        read = bot.load({"tests/t.yaml": f"test: t\nexpect: {{x: {written}, y: [{written}]}}\n"})
        assert read.tests[0][1].document.expect == {"x": value, "y": [value]}


def test_a_folder_has_stubs_for_all_its_tests() -> None:
    step = {
        "id": "c",
        "action": "webhook",
        "with": {"url": "https://a.example"},
        "then": {"failed": "stop"},
        "timeout": "1m",
    }
    say = {"id": "s", "action": "send", "with": {"text": "GOT"}}
    files = files_of({"f": {"triggers": [{"message": {"words": ["go"]}}], "steps": [step, say]}})
    files["stubs.yaml"] = "chatloom: stubs/v1\nstubs: {f.c: {returns: {json: {}}}}\n"
    files["tests/a.yaml"] = "test: it answers\ntalk: [{user: go}, {bot: GOT}]\n"
    read = bot.load(files)
    assert read.diagnostics == ()
    [result] = run_tests(compiler.compile(read), read, CHANNELS)
    assert result.passed, result.failure
