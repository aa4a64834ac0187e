"""Every key of `ui_schema` that is honoured, accepted, warned of or refused, each by a case."""

import datetime as dt
from typing import Any

import pytest

from flows import bot, checking
from flows.actions import collect
from flows.rules.hints import CODE, HARMLESS, HONOURED
from flows.simulation import Simulation
from flows.simulation import said as said_in
from flows.testing import run_test
from flows.world import World
from schemas.flow import ConversationTest
from schemas.messages import ListMenu, Text
from tests.flows.talks import CHANNELS, compiled_of, files_of
from tests.flows.universe import START

TEXT: dict[str, Any] = {"type": "string", "title": "F"}
SIZES: dict[str, Any] = {"enum": ["s", "m", "l"], "title": "F"}
ITEMS: dict[str, Any] = {
    "type": "array",
    "title": "F",
    "minItems": 1,
    "items": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "title": "A"}}},
}
CHANGED = {"f": "x"}

Case = tuple[dict[str, Any], dict[str, Any], list[Any]]


def of(
    schema: dict[str, Any], hints: dict[str, Any], *talk: Any, root: dict[str, Any] | None = None, **more: Any
) -> Case:
    """A form of one field `f` (and `more` ones), its hints, and how it goes."""
    properties = {"f": schema, **more}
    return (
        {"type": "object", "required": list(properties), "properties": properties},
        {"f": hints, **(root or {})},
        list(talk),
    )


def bot_says(*parts: str, choices: list[str] | None = None) -> dict[str, Any]:
    return {"bot": {"contains": list(parts), **({"choices": choices} if choices else {})}}


CASES: dict[str, Case] = {
    "widget": of(SIZES, {"ui:widget": "select"}, {"bot": {"text": "F?", "choices": ["s", "m", "l"], "kind": "list"}}),
    "widget: hidden": of(TEXT, {"ui:widget": "hidden"}, {"bot": "Right?"}),
    "widget: file": of(TEXT, {"ui:widget": "file", "ui:options": {"accept": "image/*"}}, {"user": "no"}, bot_says("send a photo")),
    "accept": of(TEXT, {"ui:widget": "file", "ui:accept": "audio/*"}, {"user": "no"}, bot_says("send a voice")),
    "widget: alt-date": of(TEXT, {"ui:widget": "alt-date"}, {"user": "no"}, bot_says("the date")),
    "widget: date-time": of(TEXT, {"ui:widget": "date-time"}, {"user": "no"}, bot_says("day and time")),
    "title": of(TEXT, {"ui:title": "Other"}, {"bot": "Other?"}),
    "description": of(TEXT, {"ui:description": {"en": "More"}}, {"bot": "F?\nMore"}),
    "help": of(TEXT, {"ui:help": "Why"}, {"bot": "F?\nWhy"}),
    "placeholder": of(TEXT, {"ui:placeholder": {"en": "like x"}}, {"bot": "F?\n(like x)"}),
    "prompt": of(TEXT, {"ui:prompt": "Well, {{ contact.name }}?"}, {"bot": "Well, Ann?"}),
    "enumNames": of(SIZES, {"ui:enumNames": ["S", "M", "L"]}, {"bot": {"text": "F?", "choices": ["S", "M", "L"]}}),
    "enumNames: by value": of(SIZES, {"ui:enumNames": {"m": "M"}}, {"bot": {"text": "F?", "choices": ["s", "M", "l"]}}),
    "enumNames: of a list's items": of({"type": "array", "title": "F", "items": SIZES}, {"ui:enumNames": ["S", "M", "L"]}, bot_says("F?", choices=["S", "M", "L", "That is all"])),
    "enumOrder": of(SIZES, {"ui:enumOrder": ["l", "*"]}, {"bot": {"text": "F?", "choices": ["l", "s", "m"]}}),
    "enumDisabled": of(SIZES, {"ui:enumDisabled": ["m"]}, {"bot": {"text": "F?", "choices": ["s", "l"]}}),
    "oneOf": of({"oneOf": [{"const": 1, "title": "One"}, {"const": 2}], "title": "F"}, {"oneOf": [{"ui:title": "First"}, {"ui:title": "Second"}]}, {"bot": {"text": "F?", "choices": ["First", "Second"]}}),
    "anyOf": of({"anyOf": [{"const": 1, "title": "One"}, {"const": 2, "title": "Two"}], "title": "F"}, {"anyOf": [{"ui:options": {"title": "First"}}]}, {"bot": {"text": "F?", "choices": ["First", "Two"]}}),
    "oneOf: boolean": of({"type": "boolean", "oneOf": [{"const": True, "title": "Aye"}, {"const": False, "title": "Nay"}], "title": "F"}, {}, {"bot": {"text": "F?", "choices": ["Aye", "Nay"]}}, {"user": "aye"}, bot_says("F: Aye")),
    "order": of({"type": "object", "title": "F", "required": ["a", "b"], "properties": {"a": {"type": "string", "title": "A"}, "b": {"type": "string", "title": "B"}}}, {"ui:order": ["b", "*"]}, {"bot": "B?"}, {"user": "x"}, {"bot": "A?"}),
    "options": of(TEXT, {"ui:options": {"title": "Other", "help": "Why"}}, {"bot": "Other?\nWhy"}),
    "inputType": of(TEXT, {"ui:inputType": "tel"}, {"user": "12"}, bot_says("phone number")),
    "inputType: email": of(TEXT, {"ui:inputType": "email"}, {"user": "12"}, bot_says("e-mail")),
    "emptyValue": of(TEXT, {"ui:emptyValue": "none"}, bot_says("F?", "skip", "for none"), {"user": "skip"}, bot_says("F: none")),
    "initialValue": of(TEXT, {"ui:initialValue": "this"}, bot_says("F?", "for this"), {"user": "skip"}, bot_says("F: this")),
    "required": of(TEXT, {"ui:required": False}, bot_says("F?", "skip"), {"user": "skip"}, {"bot": "Right?"}),
    "readonly": of({**TEXT, "default": "set"}, {"ui:readonly": True}, {"bot": "Right?\n• F: set"}),
    "disabled": of({**TEXT, "default": "set"}, {"ui:disabled": True}, {"bot": "Right?\n• F: set"}),
    "label": of(TEXT, {"ui:label": False, "ui:description": "Who are you?"}, {"bot": "Who are you?"}),
    "optgroups": of(SIZES, {"ui:optgroups": {"Small ones": ["s"], "Big ones": ["m", "l"]}, "ui:widget": "select"}, {"bot": {"kind": "list", "choices": ["s", "m", "l"]}}),
    "optgroups: listed": of(SIZES, {"ui:optgroups": [{"label": "All", "options": ["s", "m", {"value": "l"}]}], "ui:widget": "select"}, {"bot": {"kind": "list", "choices": ["s", "m", "l"]}}),
    "submitButtonOptions": of(TEXT, {}, {"user": "x"}, {"bot": {"contains": "Right?", "choices": ["Send it", "No"]}}, {"user": "send it"}, {"bot": "Done."}, root={"ui:submitButtonOptions": {"submitText": "Send it"}}),
    "deprecatedHandling": of({**TEXT, "deprecated": True}, {"ui:deprecatedHandling": "hide"}, {"bot": "Right?"}),
    "deprecatedHandling: disable": of({**TEXT, "deprecated": True, "default": "old"}, {"ui:deprecatedHandling": "disable"}, {"bot": "Right?\n• F: old"}),
    "deprecatedHandling: label": of({**TEXT, "deprecated": True}, {"ui:deprecatedHandling": "label"}, {"bot": "F?"}),
    "definitions": of({"$ref": "#/$defs/name"}, {}, {"bot": "Full name?\nAs in your passport"}, root={"ui:definitions": {"#/$defs/name": {"ui:title": "Full name", "ui:help": "As in your passport"}}}),
    "globalOptions": of(TEXT, {}, {"bot": "F?\nOne line"}, root={"ui:globalOptions": {"help": "One line"}}),
    "addable": of(ITEMS, {"ui:addable": False}, {"bot": "A?"}, {"user": "x"}, bot_says("Right?")),
    "removable": of(ITEMS, {"ui:removable": False}, {"user": "x"}, bot_says("another"), {"user": "remove"}, bot_says("yes or no")),
    "orderable": of(ITEMS, {"ui:orderable": False}, {"user": "x"}, bot_says("another")),
    "copyable": of(ITEMS, {"ui:copyable": True}, {"user": "x"}, bot_says("another", choices=["Yes", "No", "Same again"])),
    "items": of(ITEMS, {"items": {"a": {"ui:title": "Item"}}}, {"bot": "Item?"}),
}  # fmt: skip


def files(schema: dict[str, Any], hints: dict[str, Any]) -> dict[str, bytes | str]:
    schema = {**schema, "$defs": {"name": {"type": "string"}}}
    steps = [
        {"id": "s", "action": "collect", "with": {"fields": list(schema["properties"]), "confirm": True}, "then": {"timeout": "stop", "cancelled": "stop", "failed": "stop"}},
        {"id": "e", "action": "send", "with": {"text": "Done."}},
    ]  # fmt: skip
    flow = {
        "data": {"schema": schema, "ui_schema": hints},
        "steps": steps,
        "triggers": [{"message": {"words": ["go"]}}],
    }
    return files_of({"form": flow}, {"sentences": {"summary": "Right?"}})


def said(schema: dict[str, Any], hints: dict[str, Any]) -> list[str]:
    """The codes of what is found in a bot with these hints."""
    return [
        one.code for one in checking.check(bot.load(files(schema, hints)), World()) if one.code[:3] == "F15"
    ]


@pytest.mark.parametrize("name", CASES)
def test_a_hint_that_is_honoured(name: str) -> None:
    schema, hints, talk = CASES[name]
    assert not set(said(schema, hints)) - {"F155"}
    play = ConversationTest(
        test=name, contact={"name": "Ann", "language": "en"}, talk=[{"user": "go"}, *talk]
    )
    result = run_test(compiled_of(files(schema, hints)), name, play, CHANNELS)
    heard = "\n".join(f"{line.who}: {line.text}" for line in result.transcript)
    assert result.passed, f"{result.failure}\n\n{heard}"


def test_every_honoured_hint_has_a_case() -> None:
    shown = {name.partition(":")[0] for name in CASES}
    assert shown >= HONOURED
    assert collect.SUMMARY not in shown


@pytest.mark.parametrize("key", sorted(HARMLESS))
def test_a_hint_without_effect_is_accepted(key: str) -> None:
    schema, hints, _ = of(TEXT, {f"ui:{key}": True})
    assert said(schema, hints) == []
    talk = [{"user": "go"}, {"bot": "F?"}]
    play = ConversationTest(test=key, talk=talk)
    assert run_test(compiled_of(files(schema, hints)), key, play, CHANNELS).passed


@pytest.mark.parametrize("key", sorted(CODE))
def test_a_hint_that_names_code_is_refused(key: str) -> None:
    schema, hints, _ = of(TEXT, {f"ui:{key}": "mine"})
    assert said(schema, hints) == ["F151"]


@pytest.mark.parametrize(
    ("schema", "hints", "code"),
    [
        (TEXT, {"ui:colour": "red"}, "F150"),
        (TEXT, {"ui:options": {"colour": "red"}}, "F150"),
        (TEXT, {"ui:widget": "password"}, "F154"),
        ({**SIZES, "enumNames": ["S", "M", "L"]}, {}, "F155"),
        (ITEMS["items"], {"ui:order": ["z"]}, "F152"),
        (ITEMS["items"], {"z": {"ui:title": "Z"}}, "F153"),
    ],
)
def test_a_hint_that_is_warned_of(schema: dict[str, Any], hints: dict[str, Any], code: str) -> None:
    whole, around, _ = of(schema, hints)
    assert code in said(whole, around)


def test_names_in_the_schema_still_label_its_choices() -> None:
    schema, hints, _ = of({**SIZES, "enumNames": ["S", "M", "L"]}, {})
    play = ConversationTest(test="legacy", talk=[{"user": "go"}, {"bot": {"choices": ["S", "M", "L"]}}])
    assert run_test(compiled_of(files(schema, hints)), "legacy", play, CHANNELS).passed


@pytest.mark.parametrize(
    ("name", "headings"), [("optgroups", ["Small ones", "Big ones"]), ("optgroups: listed", ["All"])]
)
def test_groups_of_options_are_sections_of_a_list(name: str, headings: list[str]) -> None:
    schema, hints, _ = CASES[name]
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    simulation = Simulation.begin(compiled_of(files(schema, hints)), CHANNELS["cloud_api"], at, {}, seed=name)
    (say,) = said_in(simulation.receive(Text("go")))
    assert isinstance(say.body, ListMenu)
    assert [section.title for section in say.body.sections] == headings


@pytest.mark.parametrize(
    "nonsense", [5, True, [[1]], [{"en": "a"}], {"en": 5}, {"en": None}, {"a": {"b": []}}]
)
@pytest.mark.parametrize(
    "key", ["title", "description", "help", "placeholder", "prompt", "order", "enumNames", "optgroups"]
)
def test_a_hint_that_makes_no_sense_is_lived_with(key: str, nonsense: Any) -> None:
    hints = {**{name: {f"ui:{key}": nonsense} for name in ("f", "g", "h")}, "ui:order": ["f", nonsense, "*"]}
    group = {"type": "object", "title": "H", "required": ["i"], "properties": {"i": TEXT}}
    data = {"required": ["f", "g", "h"], "properties": {"f": TEXT, "g": SIZES, "h": group}}
    step = {"id": "s", "action": "collect", "with": {"fields": ["f", "g", "h"], "confirm": True}}
    hints["ui:submitButtonOptions"] = {"submitText": nonsense}
    flow = {
        "triggers": [{"message": {"words": ["go"]}}],
        "data": {"schema": {"type": "object", **data}, "ui_schema": hints},
        "steps": [{**step, "then": {"timeout": "stop", "cancelled": "stop", "failed": "stop"}}],
    }
    files = files_of({"t": flow})
    assert checking.check(bot.load(files), World())
    simulation = Simulation.begin(compiled_of(files), CHANNELS["cloud_api"], START, {}, seed=key)
    for line in ("go", "x", "1", "y"):
        assert said_in(simulation.receive(Text(line)))
