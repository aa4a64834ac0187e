"""Texts from right to left: what they insert stays readable, and so do numbered menus. Seen by the exact characters."""

from typing import Any

import pytest

from flows import bot, checking, compiler
from flows.direction import isolated
from flows.machine import advance
from flows.state import State
from flows.testing import run_test
from flows.turn import View
from flows.world import World
from schemas.capabilities import Capabilities
from schemas.effects import Say
from schemas.flow import ConversationTest
from schemas.messages import Text, plain_text
from sessions.registry import driver
from tests.flows.universe import received

NARROW = Capabilities("telegraph")
MAIN = """\
chatloom: bot/v1
id: b
languages: [ar, he, en]
flows: [main]
fallback: main
texts: {phone: {ar: "هاتف {{ number.name }} الآن", he: "טלפון {{ number.name }} עכשיו", en: "Phone {{ number.name }} now"}}
sentences: {or_default: {ar: "اكتب تخطي لاختيار {value}.", he: "אפשר לדלג: {value}.", en: "Skip for {value}."}}
"""
FLOW = """\
chatloom: flow/v1
id: main
data:
  schema:
    type: object
    required: [name]
    properties:
      name: {type: string, title: {ar: الاسم, he: שם, en: Name}}
      size: {type: string, default: XL, title: {ar: المقاس, he: מידה, en: Size}}
steps:
"""


def said(steps: str, channel: Capabilities = NARROW, *answers: str, **contact: Any) -> list[str]:
    compiled = compiler.compile(bot.load({"bot.yaml": MAIN, "flows/main.yaml": FLOW + steps}))
    state = State()
    view = View({"id": "c", **contact}, {"id": "n", "name": "+39 06 1234"}, channel)
    heard: list[str] = []
    for count, one in enumerate(("hi", *answers), 1):
        turn = advance(compiled, state, received(Text(one), count), view)
        state, view = turn.state, turn.view
        heard = [plain_text(effect.body) for effect in turn.effects if isinstance(effect, Say)]
    return heard


def test_what_a_text_inserts_is_isolated_where_it_runs_the_other_way() -> None:
    step = """\
  - {id: hi, action: send, with: {text: {ar: "مرحبا {{ contact.name }}، شكرا!", he: "שלום {{ contact.name }}, תודה!", en: "Hi {{ contact.name }}, thanks!"}}, next: stop}
"""
    assert said(step, language="ar", name="Anna (Rossi)") == ["مرحبا \u2068Anna (Rossi)\u2069، شكرا!"]
    assert said(step, language="he", name="+39 06 1234") == ["שלום \u2068+39 06 1234\u2069, תודה!"]
    assert said(step, language="he", name="אבי") == ["שלום אבי, תודה!"]
    assert said(step, language="he", name="12") == ["שלום 12, תודה!"]
    assert said(step, language="he", name="Anna\n\nRossi") == [
        "שלום \u2068Anna\u2069\n\n\u2068Rossi\u2069, תודה!"
    ]
    assert said(step, language="en", name="Anna") == ["Hi Anna, thanks!"]
    assert said(step, language="en", name="أنس") == ["Hi \u2068أنس\u2069, thanks!"]


def test_addresses_of_the_web_take_no_marks() -> None:
    step = """\
  - {id: hi, action: send, with: {text: {ar: "انظر https://x.example/{{ contact.name }}{{ contact.id }} و {{ contact.timezone }} هنا", he: "", en: ""}}, next: stop}
"""
    assert said(step, language="ar", name="ab", timezone="https://y.example/z") == [
        "انظر https://x.example/abc و https://y.example/z هنا"
    ]


def test_snippets_and_sentences_are_treated_alike() -> None:
    steps = """\
  - {id: hi, action: send, with: {text: "{{ texts.phone }}"}}
  - {id: ask, action: collect, with: {fields: [size]}}
"""
    first, asked = said(steps, language="he")
    assert first == "טלפון \u2068+39 06 1234\u2069 עכשיו"
    assert asked.splitlines()[1] == "אפשר לדלג: \u2068XL\u2069."


def test_numbered_choices_run_as_the_text_above_them() -> None:
    steps = """\
  - {id: ask, action: menu, with: {text: {ar: ماذا تريد؟, he: "מה תרצה?", en: "What?"}, choices: {a: {ar: قهوة, he: קפה, en: Coffee}, b: "Espresso (2)"}}, then: {other: ask}}
"""
    assert said(steps, language="ar") == ["ماذا تريد؟\n\n1. قهوة\n\u200f2. \u2068Espresso (2)\u2069"]
    assert said(steps, language="en") == ["What?\n\n1. Coffee\n2. Espresso (2)"]
    untitled = steps.replace('text: {ar: ماذا تريد؟, he: "מה תרצה?", en: "What?"}', 'text: ""')
    assert said(untitled, language="he") == ["1. קפה\n\u200f2. \u2068Espresso (2)\u2069"]


def test_the_summary_of_a_form_shows_each_value_as_it_is() -> None:
    steps = "  - {id: ask, action: collect, with: {fields: [name], confirm: true}}\n"
    assert "• שם: \u2068Anna (Rossi)\u2069" in said(steps, NARROW, "Anna (Rossi)", language="he")[-1]


def test_a_conversation_test_is_written_and_an_answer_given_without_the_marks() -> None:
    steps = """\
  - {id: ask, action: menu, with: {text: {he: "שלום {{ contact.name }}, מה תרצה?", ar: "", en: ""}, choices: {a: {he: "של {{ contact.name }} (1)", ar: a, en: a}, b: {he: תה, ar: b, en: b}}}, then: {other: stop}}
  - {id: bye, action: send, with: {text: {he: תודה, ar: "", en: ""}}}
"""
    compiled = compiler.compile(bot.load({"bot.yaml": MAIN, "flows/main.yaml": FLOW + steps}))
    test = ConversationTest.model_validate(
        {
            "test": "t",
            "contact": {"language": "he", "name": "Anna"},
            "talk": [
                {"user": "hi"},
                {"bot": {"text": "שלום Anna, מה תרצה?", "choices": ["של Anna (1)", "תה"]}},
                {"user": {"choose": "של Anna (1)"}},
                {"bot": "תודה"},
            ],
        }
    )
    result = run_test(compiled, "t", test, {"cloud_api": driver("cloud_api").capabilities})
    assert result.passed, result.failure


def test_the_marks_count_among_the_characters() -> None:
    steps = """\
  - {id: ask, action: menu, with: {as: buttons, text: {ar: ؟, he: "?", en: "?"}, choices: {a: {ar: "aaaaaaaaaa {{ data.size }}", he: a, en: "aaaaaaaaaa {{ data.size }}"}}}, then: {other: ask}}
"""
    flow = FLOW.replace("type: string, default: XL", "type: string, enum: [abcdefghi], default: abcdefghi")
    files: dict[str, bytes | str] = {"bot.yaml": MAIN, "flows/main.yaml": flow + steps}
    found = checking.check(bot.load(files), World(channels=(driver("cloud_api").capabilities,)))
    assert [one.message for one in found if one.code == "F134"] == [
        "on cloud_api, in 'ar', this is shown as list, not as buttons"
    ]


@pytest.mark.parametrize("value", ["", "12", "אבי"])
def test_what_needs_no_marks_gets_none(value: str) -> None:
    assert isolated(value, "he") == value
