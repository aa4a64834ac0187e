"""Steps of kinds that an integration declared: checked, played, and what an answer may not be."""

import datetime as dt
import json
from typing import Any

import pytest

from flows import bot, checking, compiler
from flows.action import Move
from flows.custom import CustomAction, fault_of_answer, fault_of_input, step_class
from flows.testing import run_test
from flows.world import World
from schemas.events import Posted
from schemas.flow import ConversationTest
from schemas.ids import event_id
from tests.flows.talks import CHANNELS, files_of

FIND = CustomAction(
    name="crm_find",
    input_schema={
        "type": "object",
        "required": ["email"],
        "properties": {
            "email": {"type": "string", "minLength": 3},
            "most": {"type": "integer", "maximum": 5},
            "first name/~x": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
            "more": {"type": "object", "maxProperties": 1},
        },
    },
    outcomes=("found", "missing"),
    result_schema={"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    answer_within=dt.timedelta(minutes=10),
)
AT = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
WORLD = World(actions=(FIND,))
STEP: dict[str, Any] = {
    "id": "find",
    "action": "crm_find",
    "with": {
        "email": "{{ message.text }}",
        "most": "{{ 1 + 1 }}",
        "first name/~x": ["a", "{{ contact.name }}"],
        "save": {"lead": "result.data.id"},
    },
    "then": {"missing": "none", "failed": "broken", "timeout": "late"},
}


def folder(step: dict[str, Any], **more: Any) -> bot.Bot:
    ends = [
        {"id": name, "action": "send", "with": {"text": name}, "next": "stop"}
        for name in ("none", "broken", "late")
    ]
    thanks = {"id": "thanks", "action": "send", "with": {"text": "Lead {{ data.lead }}"}, "next": "stop"}
    flow = {
        "triggers": [{"message": {"when": "true"}}],
        "data": {"schema": {"type": "object", "properties": {"lead": {"type": "string"}}}},
        "steps": [{**step, **more}, thanks, *ends],
    }
    return bot.load(files_of({"f": flow}))


def said(step: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = checking.check(folder(step), WORLD)
    return [(one.code, one.pointer, one.message) for one in found if one.severity == "error"]


def with_(**changes: Any) -> dict[str, Any]:
    return {**STEP, "with": {**STEP["with"], **changes}}


def test_it_is_used_like_one_that_is_built_in() -> None:
    assert said(STEP) == []
    compiled = compiler.compile(folder(STEP), WORLD)
    assert compiled.flows["f"].steps["find"].outcomes == ("found", "missing", "failed", "timeout")
    assert step_class(FIND) is step_class(
        CustomAction(**{name: getattr(FIND, name) for name in FIND.__slots__})
    )


@pytest.mark.parametrize(
    ("step", "code", "pointer", "says"),
    [
        ({**STEP, "action": "crm_fund"}, "F015", "/steps/0/action", "no action 'crm_fund'"),
        (with_(emial="x"), "F002", "/steps/0/with/emial", "unknown key 'emial'"),
        (with_(email="x"), "F030", "/steps/0/with/email", "fewer than"),
        (with_(most=9), "F030", "/steps/0/with/most", "more than"),
        (with_(most="many"), "F030", "/steps/0/with/most", "not a whole number"),
        ({**STEP, "with": {}}, "F030", "/steps/0/with", "email is missing"),
        (with_(email="{{ data.emial }}"), "E002", "/steps/0/with/email", "emial"),
        (with_(save={"lead": "result.data.ix"}), "E002", "/steps/0/with/save/lead", "ix"),
        (with_(save={"leed": "result.data.id"}), "F017", "/steps/0/with/save/leed", "leed"),
        ({**STEP, "then": {"lost": "none"}}, "F014", "/steps/0/then/lost", "no outcome 'lost'"),
    ],
)
def test_what_cannot_be_is_said_at_its_place(
    step: dict[str, Any], code: str, pointer: str, says: str
) -> None:
    [(found, at, message), *_] = said(step)
    assert (found, at) == (code, pointer), message
    assert says in message


def test_that_an_answer_may_not_come_is_a_warning_where_nothing_is_said_of_it() -> None:
    silent = {**STEP, "then": {"failed": "broken"}}
    found = checking.check(folder(silent), WORLD)
    assert ("F103", "/steps/0/id") in [(one.code, one.pointer) for one in found]


def played(*talk: dict[str, Any], step: dict[str, Any] = STEP, **more: Any) -> Any:
    test = ConversationTest.model_validate(
        {"test": "t", "talk": list(talk), "channel": "plain", "contact": {"name": "Ana"}, **more}
    )
    return run_test(compiler.compile(folder(step), WORLD), "tests/t.yaml", test, CHANNELS)


FOUND = {"step": "find", "outcome": "found", "data": {"id": "L-7"}}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            {**FOUND, "input": {"email": "a@b.c", "most": 2, "first name/~x": ["a", "Ana"]}},
            "Lead L-7",
        ),
        ({"outcome": "missing", "data": {"id": "x"}}, "none"),
        ({"outcome": "lost"}, "broken"),
        ({"outcome": "found", "data": {"id": 7}}, "broken"),
        ({"outcome": "found"}, "broken"),
        ({"fails": "HTTP 500"}, "broken"),
    ],
)
def test_an_answer_decides_where_it_goes_on(answer: dict[str, Any], told: str) -> None:
    result = played({"user": "a@b.c"}, {"action": answer}, {"bot": told})
    assert result.passed, result.failure


def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    assert played(
        {"user": "a@b.c"}, {"after": "9m"}, {"bot": "nothing"}, {"after": "1m"}, {"bot": "late"}
    ).passed
    longer = {**STEP, "timeout": "20m"}
    slow = ({"user": "a@b.c"}, {"after": "19m"}, {"bot": "nothing"}, {"after": "1m"}, {"bot": "late"})
    assert played(*slow, step=longer).passed


def test_what_expressions_give_must_fit_too() -> None:
    assert played({"user": "a"}, {"bot": "broken"}).passed


@pytest.mark.parametrize(
    "given",
    [{"first name/~x": ["{{ contact.name }}", "b", "c"]}, {"more": {"a": "{{ contact.name }}", "b": 1}}],
)
def test_what_holds_an_expression_is_checked_when_it_has_its_value(given: dict[str, Any]) -> None:
    assert said(with_(**given)) == []
    assert played({"user": "a@b.c"}, {"bot": "broken"}, step=with_(**given)).passed


def test_an_answer_that_cannot_be_saved_is_a_failure() -> None:
    broken = with_(save={"lead": "result.data.id + string(1 / int(size(result.outcome) - 5))"})
    result = played({"user": "a@b.c"}, {"action": FOUND}, {"bot": "broken"}, step=broken)
    assert result.passed, result.failure


def test_a_call_that_is_under_way_is_not_made_again() -> None:
    step = step_class(FIND).model_validate({"email": "a@b.c"})
    nothing: Any = None
    assert step.again(nothing) == Move(waits=True)
    assert step.resume(nothing, Posted(event_id(0, bytes(10)), AT, "x", {})) is None


def test_declarations_as_they_are_stored() -> None:
    stored = CustomAction.of("x", {"type": "object", "required": ["a"]}, ["ok"], None, 60)
    assert (stored.outcomes, stored.answer_within) == (("ok",), dt.timedelta(minutes=1))
    assert fault_of_input(stored, {}) == ("/", "a is missing")
    assert fault_of_input(stored, {"a": 1}) is None
    assert fault_of_answer(stored, {"outcome": "ok", "data": [1]}) == ""


def test_only_so_many_classes_are_kept() -> None:
    first = step_class(FIND)
    for count in range(300):
        step_class(CustomAction(f"kind_{count}", {"type": "object"}, ("ok",)))
    assert step_class(FIND) is not first


def test_a_line_for_another_call_is_told() -> None:
    result = played({"user": "a@b.c"}, {"webhook": {"step": "find"}})
    assert "no webhook of the step 'find'" in result.failure
    assert "no custom action of the step 'x'" in played({"user": "a@b.c"}, {"action": "x"}).failure


def test_an_interruption_leaves_the_call_under_way() -> None:
    talk = (
        {"user": "a@b.c"},
        {"taken_over": "Ana"},
        {"returned": "Ana"},
        {"action": FOUND},
        {"bot": "Lead L-7"},
    )
    result = played(*talk)
    assert result.passed, result.failure


@pytest.mark.parametrize("answer", [None, [], {"outcome": 1}])
def test_what_is_no_answer(answer: Any) -> None:
    assert fault_of_answer(FIND, answer)


DECLARED: dict[str, Any] = {
    "chatloom": "action/v1",
    "name": "crm_find",
    "input_schema": FIND.input_schema,
    "outcomes": ["found", "missing"],
    "result_schema": FIND.result_schema,
    "answer_within_s": 600,
}


def declaring(**changes: Any) -> bot.Bot:
    """The same bot in a folder that declares its action itself."""
    files = dict(folder(STEP).files)
    return bot.load({**files, "actions/find.json": json.dumps({**DECLARED, **changes})})


def test_a_folder_declares_what_it_uses() -> None:
    assert [one for one in checking.check(declaring(), World()) if one.severity == "error"] == []
    assert compiler.compile(declaring()).flows["f"].steps["find"].outcomes[:2] == ("found", "missing")


@pytest.mark.parametrize(
    ("changes", "world", "code", "pointer"),
    [
        ({"name": "send"}, World(), "F024", "/name"),
        ({"outcomes": ["found", "timeout"]}, World(), "F024", "/outcomes"),
        ({"outcomes": ["found", "found"]}, World(), "F024", "/outcomes"),
        ({"input_schema": {"type": "array"}}, World(), "F024", "/input_schema/type"),
        ({"input_schema": {"type": "objekt"}}, World(), "F024", "/input_schema/type"),
        ({"input_schema": {"type": "object", "properties": {"save": {}}}}, World(), "F024", ""),
        (
            {"input_schema": {"type": "object", "properties": {f"p{n}": {} for n in range(101)}}},
            World(),
            "F024",
            "",
        ),
        ({"outcomes": []}, World(), "F004", "/outcomes"),
        ({}, World(actions=()), "F025", "/name"),
        ({"outcomes": ["found"]}, WORLD, "F026", "/name"),
    ],
)
def test_what_a_folder_declares_is_checked(
    changes: dict[str, Any], world: World, code: str, pointer: str
) -> None:
    found = [one for one in checking.check(declaring(**changes), world) if one.file == "actions/find.json"]
    assert code in [one.code for one in found]
    assert pointer in next(one.pointer for one in found if one.code == code)


def test_an_action_is_declared_once_in_a_folder() -> None:
    files = {**declaring().files, "actions/other.json": json.dumps(DECLARED)}
    assert [one.code for one in bot.load(files).diagnostics] == ["F005"]


def test_what_the_workspace_declares_counts_where_it_is_known() -> None:
    known = declaring(outcomes=["found"])
    assert compiler.compile(known, WORLD).flows["f"].steps["find"].outcomes[:2] == ("found", "missing")
