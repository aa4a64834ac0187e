"""What `result` and `event` are at a step follows from the ways that lead there, and is checked like everything else."""

import json
from typing import Any

import pytest

from flows import bot, checking
from flows.custom import CustomAction
from flows.inferred import merged
from flows.world import World
from tests.flows.talks import files_of

TEXT = {"type": "string"}
SCORED = CustomAction("score", {"type": "object"}, ("good", "bad"), {"type": "object", "properties": {"points": {"type": "integer"}}})  # fmt: skip
EVENTS = {
    "paid": {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "number"}, "by": TEXT}},
    "sent": {"type": "object", "properties": {"amount": TEXT, "by": TEXT}},
}  # fmt: skip
ASK: dict[str, Any] = {
    "id": "ask", "action": "webhook", "timeout": "1m",
    "with": {"url": "https://x.example", "returns": {"type": "object", "required": ["id", "undeclared"], "properties": {"id": TEXT, "stock": {"type": "integer"}}}},
    "then": {"failed": "sorry", "timeout": "sorry"},
}  # fmt: skip
OTHER_ASK = {**ASK, "id": "ask2", "with": {**ASK["with"], "returns": {"type": "object", "properties": {"id": {"type": "integer"}, "x": TEXT}}}}  # fmt: skip
SCORE = {
    "id": "score",
    "action": "score",
    "with": {},
    "timeout": "1m",
    "then": {"failed": "stop", "timeout": "stop"},
}
SORRY = {"id": "sorry", "action": "stop"}
WAIT = {"id": "wait", "action": "wait", "with": {"event": "paid", "for": "1h"}, "timeout": "2h", "then": {"elapsed": "sorry", "timeout": "sorry"}}  # fmt: skip


def say(text: str) -> dict[str, Any]:
    return {"id": "say", "action": "send", "with": {"text": "{{ " + text + " }}"}, "next": "stop"}


def found(*steps: dict[str, Any], trigger: dict[str, Any] | None = None, **more: Any) -> str:
    flow = {"triggers": [trigger or {"message": {"words": ["hi"]}}], "steps": [*steps, SORRY]}
    files = files_of({"main": flow, **more.pop("flows", {})}, {"languages": ["en"], "expire_after": "1d"})
    said = checking.check(bot.load(files), World(events=EVENTS, actions=(SCORED,), **more))
    return "; ".join(f"{one.code} {one.message}" for one in said if one.severity == "error")


LATER: list[tuple[list[dict[str, Any]], str, str]] = [
    ([ASK], "result.json.id + '!'", ""), ([ASK], "result.json.di", "E002 result.json has no field 'di'"),
    ([ASK], "result.json.stock + 'x'", "E004 '+' does not work on (int, string)"),
    ([ASK], "decimal(result.json.stock)", "F170 result.json.stock may be unset here, and 'decimal()' needs a value"),
    ([ASK], "has(result.json.stock) ? decimal(result.json.stock) : ''", ""), ([ASK], "result.status + 1", ""),
    ([], "result.json.id", "E002 result has no field 'json'"), ([SCORE], "result.data.points", ""), ([SCORE], "result.data.point", "E002 result.data has no field 'point'"),
    ([WAIT], "money(result.amount, 'EUR')", ""), ([WAIT], "result.by.upper()", "F170 result.by may be unset here, and 'upper()' needs a value"),
    ([{**ASK, "disabled": True}], "result.status", "E002 result has no field 'status'"),
    ([ASK, OTHER_ASK], "result.json.stock", "E002 result.json has no field 'stock'"),
    ([{**ASK, "then": {**ASK["then"], "done": "say"}}, {**OTHER_ASK, "then": ASK["then"]}], "result.json.x", "E002 result.json has no field 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "text", "error"), LATER)
def test_a_result_has_the_type_of_the_action_that_brought_it(
    steps: list[dict[str, Any]], text: str, error: str
) -> None:
    assert found(*steps, say(text)) == error


def test_where_ways_meet_only_what_they_agree_on_is_typed() -> None:
    fork = {
        "id": "fork",
        "action": "branch",
        "with": {"cases": {"a": "contact.name == 'x'"}},
        "then": {"a": "ask2"},
    }
    first = {**ASK, "next": "say"}
    assert found(fork, first, OTHER_ASK, say("result.json.x + ''")) == "F170 result.json.x may be unset here, and '+' needs a value"  # fmt: skip
    assert found(fork, first, OTHER_ASK, say("result.json.id")) == ""
    assert found(fork, first, OTHER_ASK, say("result.json.y")) == "E002 result.json has no field 'y'"


def test_what_failed_brings_nothing_that_is_sure() -> None:
    sorry = {**say("'code ' + string(result.status)"), "id": "sorry"}
    flow = {"triggers": [{"message": {"words": ["hi"]}}], "steps": [{**ASK, "next": "stop"}, sorry]}
    said = checking.check(bot.load(files_of({"main": flow}, {"expire_after": "1d"})), World())
    assert [one.message for one in said] == ["result.status may be unset here, and 'string()' needs a value"]


def test_save_reads_what_its_own_step_brought_and_the_rest_what_came_before() -> None:
    saving = {**OTHER_ASK, "with": {**OTHER_ASK["with"], "json": {"id": "{{ result.json.stock }}"}, "save": {"note": "result.json.x"}}}  # fmt: skip
    data = {"schema": {"type": "object", "properties": {"note": TEXT}}}
    for text, error in (("result.json.x", ""), ("result.json.stock", "result.json has no field 'stock'")):
        step = json.loads(json.dumps(saving).replace('"note": "result.json.x"', f'"note": "{text}"'))
        flow = {"triggers": [{"message": {"words": ["hi"]}}], "data": data, "steps": [ASK, {**step, "next": "stop"}, SORRY]}  # fmt: skip
        said = checking.check(bot.load(files_of({"main": flow}, {"expire_after": "1d"})), World())
        assert "; ".join(one.message for one in said if one.severity == "error") == error


def test_what_a_call_brings_is_the_data_of_the_flow_it_ran() -> None:
    inner = {"data": {"schema": {"type": "object", "properties": {"street": TEXT}}}, "steps": [{"id": "ask", "action": "collect", "with": {"fields": ["street"]}}]}  # fmt: skip
    call = {"id": "call", "action": "call", "with": {"flow": "inner"}}
    assert found(call, say("result.street"), flows={"inner": inner}) == ""
    assert found(call, say("result.steet"), flows={"inner": inner}) == "E002 result has no field 'steet'"


def test_an_event_has_the_type_of_those_that_can_reach_the_flow() -> None:
    paid, sent, other = ({"event": {"name": name}} for name in ("paid", "sent", "other"))
    assert found(say("event.amont"), trigger=paid) == "E002 event has no field 'amont'"
    assert found(say("event.anything"), trigger=other) == ""  # nothing is known of it
    assert found(WAIT, say("event.amont")) == "E002 event has no field 'amont'"
    inner = {"steps": [say("event.amont")]}
    call = {"id": "call", "action": "call", "with": {"flow": "inner"}}
    assert found(call, trigger=paid, flows={"inner": inner}) == "E002 event has no field 'amont'"
    nosy = {"triggers": [{**sent, "interrupt": True}], "steps": [say("'thanks'")]}
    assert found(say("event.amount"), trigger=paid, flows={"nosy": nosy}) == ""  # a number or a text


def test_merging_is_open_where_shapes_cannot_be_compared() -> None:
    here = {"type": "object", "properties": {"a": TEXT}, "required": ["a"]}
    assert merged([here, here]) == here
    assert merged([here, {"$ref": "#/$defs/x"}]) == {}
    assert merged([here, {"type": "object", "properties": {"a": TEXT, "b": TEXT}}]) == {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": []}  # fmt: skip
