"""Expressions: what compiles, what is refused and where, and that only `EvaluationFailed` comes out."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import cel
from flows.cel import Compiled, Scope, evaluate, scope_of
from flows.diagnostic import Diagnostic
from flows.place import Place
from flows.types import kinds_of, refusal, type_name
from flows.values import EvaluationFailed, Values
from schemas.effects import SecretRef

PLACE = Place("f.yaml", 10, 5, "/steps/0")
ADDRESS = {"type": "object", "properties": {"city": {"type": "string"}, "n": {"type": "integer"}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "$defs": {"address": ADDRESS, "loop": {"type": "object", "properties": {"again": {"$ref": "#/$defs/loop"}}}},
    "properties": {
        "name": {"type": "string"}, "size": {"type": "string", "enum": ["s", "m", "l"]}, "n": {"type": "integer"},
        "price": {"type": "number"}, "ok": {"type": "boolean"}, "any": {}, "map": {"type": "object"},
        "address": {"$ref": "#/$defs/address"},
        "addresses": {"type": "array", "items": {"$ref": "#/$defs/address"}},
        "tags": {"type": "array", "items": {"type": "string"}}, "grid": {"type": "array", "items": {"type": "array"}},
        "maps": {"type": "array", "items": {"type": "object"}}, "pair": {"type": "array", "prefixItems": [{}]},
        "both": {"type": ["integer", "number"]}, "nullable": {"type": ["string", "null"]}, "picked": {"oneOf": [{"const": "a"}]},
        "picks": {"oneOf": [{"const": "a"}, {"const": "b"}]}, "mixed": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "foo_bar": {"type": "string"}, "fooBar": {"type": "string"},
        "all": {"allOf": [{"$ref": "#/$defs/address"}, {"properties": {"zip": {"type": "string"}}}]}, "bad": True,
        "enum": {"enum": [1, 2]}, "lost": {"$ref": "#/$defs/none"}, "far": {"$ref": "http://x"}, "loop": {"$ref": "#/$defs/loop"},
        "implied": {"properties": {"x": {"type": "string"}}}, "implied_list": {"items": {"type": "string"}},
        "objects": {"oneOf": [{"type": "object"}, {"type": "string"}]}, "blank": {"oneOf": [{}, {"type": "string"}]},
    },
}  # fmt: skip
DATA: dict[str, Any] = {
    "name": "", "size": "l", "n": 3, "price": 2.5, "any": {"a": [1, None, "é", True, 1.5, {}]}, "map": {"k": 1, "d": {"z": True}},
    "address": {}, "addresses": [{"city": "Roma"}], "tags": ["a", "b"], "maps": [{"a": 1}], "grid": [[1]],
    "fooBar": "1", "foo_bar": "2", "mixed": 3, "maybe": 4.0, "unknown": 1, "nullable": None,
}  # fmt: skip
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
EVENT = {"a": 1, "b": 1.5, "c": "x\0é", "d": [{"e": None}], "when": NOW, "list": [3, 4]}
SCOPE = scope_of(
    {"data": SCHEMA, "item": {"type": "string"}, "items": {"type": "array", "items": ADDRESS}, "result": None}
)
VALUES = Values({"data": DATA, "now": NOW, "event": EVENT, "item": "x", "items": [{"city": "Roma"}]})


def compiled(text: str, scope: Scope = SCOPE, secrets: bool = False) -> Compiled:
    made = cel.compile(text, scope, PLACE, secrets=secrets)
    assert isinstance(made, Compiled), str(made)
    return made


def refused(text: str, secrets: bool = False) -> Diagnostic:
    made = cel.compile(text, SCOPE, PLACE, secrets=secrets)
    assert isinstance(made, Diagnostic)
    return made


GIVES: list[tuple[str, Any]] = [
    ('data.size == "l"', True), ("data.price > 2", True), ("data.price * 2 > 4 && data.price in [1, 2]", False),
    ("data.?price.orValue(0)", 2.5), ("data.ok == true ? data.price : 0", 0.0), ("data.price * (1 + 2)", 7.5),
    ("data.price > -2", True), ("data.price < 0x10", True), ("data.price + (data.ok == true ? 1 : 2)", 4.5),
    ("data.n == 2 ? -1 : 0x10", 16), ("data.address", {}), ("data.any", {"a": [1, None, "é", True, 1.5, {}]}),
    ("data.map", {"d": {"z": True}, "k": 1}), ("data.map.k", 1), ("event.a + 1", 2), ("event.c", "x\ufffdé"), ("event.when", "2026-01-02T00:00:00Z"),
    ("event.d", [{"e": None}]), ("result", None), ("data.addresses", [{"city": "Roma"}]), ("data.tags", ["a", "b"]),
    ('data.addresses.exists(a, a.city == "Roma")', True), ("data.fooBar + data.foo_bar", "12"), ("has(data.name)", True),
    ("data.name", ""), ("data.ok", None), ("now", NOW), ('now - duration("1h")', NOW - dt.timedelta(hours=1)),
    ('duration("3s")', dt.timedelta(seconds=3)), ('{"b": data.price, "a": data.n}', {"b": 2.5, "a": 3}),
    ("[data.price, 2.0]", [2.5, 2.0]), ("{1: 2}", {"1": 2}), ("data.maybe", 4), ("data.all.zip", None), ("data.all.city", None),
    ("item", "x"), ("items[0].city", "Roma"), ("data.any.a[0]", 1), ("data.maps", [{"a": 1}]), ("data.grid", [[1]]),
    ("data.nullable", None), ("data.mixed", 3), ("dyn(3.5)", 3.5), ('data.size.upperAscii()', "L"), ("[1].map(i, i * 2)", [2]),
    ("data.both", None), ("1u", 1),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), GIVES)
def test_gives(text: str, value: Any) -> None:
    got = evaluate(compiled(text), VALUES)
    assert (got, type(got)) == (value, type(value))


def test_whole_objects_come_back_as_json() -> None:
    kept = {key: value for key, value in DATA.items() if key not in ("unknown", "nullable")}
    assert evaluate(compiled("data"), VALUES) == kept
    assert evaluate(compiled("data"), {"data": {}}) == {}
    assert evaluate(compiled("data"), {}) == {}
    assert evaluate(compiled("items"), {}) == []


REFUSED: list[tuple[str, str, int, str, str]] = [
    ("data.sise", "E002", 10, "data has no field 'sise'", "did you mean 'size'?"),
    ("data.address.zity", "E002", 18, "data.address has no field 'zity'", "did you mean 'city'?"),
    ("data.size > 3", "E004", 15, "'>' does not work on (string, int)", ""),
    ("data.price * data.n", "E004", 16, "'*' does not work on (double, int)", "write double(…)"),
    ("data.price * (data.n + 1)", "E004", 16, "'*' does not work on (double, int)", "write double(…)"),
    ("data.price * 2 + data.sise", "E002", 27, "data has no field 'sise'", "did you mean 'size'?"),
    ("data.price == 2u", "E004", 16, "'==' does not work on (double, uint)", ""),
    ("data.address + 1", "E004", 18, "'+' does not work on (data.address, int)", ""),
    ("data.name.zz", "E001", 14, "a value of type 'string' has no fields", ""),
    ("kontact.name", "E003", 5, "nothing is called 'kontact'", "did you mean 'contact'?"),
    ("sise(data)", "E003", 5, "nothing is called 'sise'", "'size'"),
    ('data.name = "x"', "E001", 15, "'=' compares nothing", "write '=='"),
    ("data.name + ", "E001", 17, "the expression ends too early", ""),
    ("", "E001", 5, "the expression ends too early", ""),
    ("(" * 50, "E001", 5, "the expression does not compile: it is nested too deeply", ""),
    ("\ud800", "E001", 5, "the expression does not compile: it cannot be read", ""),
    ("x" * 10_001, "E001", 5, "the expression is longer than 10000 characters", ""),
    ("data.?name", "E005", 5, "the result may be absent", ".orValue("), ("type(1)", "E005", 5, "the result is a type", ""),
    ('b"x"', "E005", 5, "the result is bytes", ""), ("data.map.map(k, k)", "E008", 17, "a map has no order", "exists()"),
    ('chatloom.Secret{name: "x"}', "E005", 20, "chatloom.Secret cannot be made here", ""),
    ('secret("x")', "E006", 11, "a secret may not be used here", "webhook"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "column", "message", "hint"), REFUSED, ids=range(len(REFUSED)))
def test_refuses(text: str, code: str, column: int, message: str, hint: str) -> None:
    said = refused(text)
    assert said.message.startswith(message)
    assert hint in said.hint
    assert (said.code, said.file, said.line, said.pointer) == (code, "f.yaml", 10, "/steps/0")
    if code != "E005":
        assert said.column == column


def test_places_inside_several_lines() -> None:
    said = refused("data.n > 1 &&\n  data.price > 2 &&\n  data.sise == 1")
    assert (said.line, said.column) == (12, 8)


def test_maps_are_tested_not_listed() -> None:
    assert evaluate(compiled('data.map.exists(k, k == "k")'), VALUES) is True
    assert evaluate(compiled("event.list.filter(i, i > 3)"), VALUES) == [4]


def test_secrets() -> None:
    assert evaluate(compiled('secret("x")', secrets=True), VALUES) == SecretRef("x")
    assert evaluate(compiled('data.n > 1 ? secret("a") : secret("b")', secrets=True), VALUES) == SecretRef(
        "a"
    )
    assert refused('"a" + secret("x")', secrets=True).code == "E004"
    for text in ("secret(data.name)", 'secret("x").name', '[secret("a")]', 'secret("a") == secret("b")'):
        assert refused(text, secrets=True).code == "E006"


FAILS: list[tuple[str, str]] = [
    ("1/0", "divides by zero"), ("1 % 0", "divides by zero"), ("9223372036854775807 + 1", "out of range"), ("1.0/0.0", "out of range"),
    ("data.tags[5]", "shorter"), ("event.zz", "no such key"), ("data.any + 1", "another kind"), ('data.size.matches("(")', "pattern"),
    ("data.all.zip + 'x'", "unset"), ("[type(1)]", "JSON"), ("dyn(data.?name)", "JSON"), ("data.any.a[0].b", "unset"),
    ("dyn(b'x')", "JSON")
]  # fmt: skip


@pytest.mark.parametrize(("text", "why"), FAILS)
def test_fails(text: str, why: str) -> None:
    with pytest.raises(EvaluationFailed) as failed:
        evaluate(compiled(text), VALUES)
    assert why in failed.value.facts["why"]
    assert failed.value.missing is (text == "event.zz")


def test_loops_end() -> None:
    ten = "[1,2,3,4,5,6,7,8,9,10]"
    text = "1"
    for name in "abcdef":
        text = f"{ten}.map({name}, {text})"
    with pytest.raises(EvaluationFailed, match="too many steps"):
        evaluate(compiled(text), {})


DEEP: Any = "x"
for _ in range(70):
    DEEP = [DEEP]

UNFIT: list[tuple[str, dict[str, Any]]] = [
    ("data.n", {"data": {"n": 2**63}}), ("data.n", {"data": {"n": 1.5}}), ("data.n", {"data": {"n": True}}), ("data.n", {"data": {"n": "1"}}),
    ("data.name", {"data": {"name": 1}}), ("data.name", {"data": {"name": "\ud800"}}), ("data.size", {"data": {"name": None, "size": []}}),
    ("data.ok", {"data": {"ok": 1}}), ("data.price", {"data": {"price": 10**400}}), ("data.price", {"data": {"price": "x"}}),
    ("data.address", {"data": {"address": 3}}), ("data.tags", {"data": {"tags": "ab"}}), ("data.tags", {"data": {"tags": [None]}}),
    ("data.map", {"data": {"map": [1]}}), ("data.maps", {"data": {"maps": [1]}}), ("data.any", {"data": {"any": object()}}),
    ("data.any", {"data": {"any": DEEP}}), ("data.any", {"data": {"any": {"a": "\ud800"}}}), ("data", {"data": 3}), ("now", {}), ("item", {}),
    ("items", {"items": "x"}), ("event", {"event": object()}), ("event", {"event": DEEP}), ("event", {"event": 2**63}),
    ("event", {"event": {"a": "\ud800"}}), ("data.addresses", {"data": {"addresses": [None]}}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "values"), UNFIT, ids=range(len(UNFIT)))
def test_unfit_values_fail_and_are_not_quoted(text: str, values: dict[str, Any]) -> None:
    with pytest.raises(EvaluationFailed):
        evaluate(compiled(text), values)


def test_numbers_fit_each_other() -> None:
    assert evaluate(compiled("data.n"), {"data": {"n": 3.0}}) == 3
    assert evaluate(compiled("data.price"), {"data": {"price": 3}}) == 3.0
    assert evaluate(compiled("data.ok"), {"data": {"ok": True}}) is True
    assert evaluate(compiled("data.any"), {"data": {"any": None}}) is None
    assert evaluate(compiled("event"), {"event": ({"a": ()},)}) == [{"a": []}]
    assert evaluate(compiled("data.implied_list"), {"data": {"implied_list": ("a",)}}) == ["a"]


def test_an_outcome_the_binding_cannot_give_is_a_failure() -> None:
    with pytest.raises(EvaluationFailed):
        evaluate(compiled("event"), {"event": {dt.date(2026, 1, 1): dt.date(2026, 1, 1)}})


def test_schemas_are_commented() -> None:
    said = {note.pointer: note.code for note in SCOPE.notes["data"]}
    dynamic = ("any", "map", "mixed", "bad", "lost", "far", "objects", "blank", "pair/", "grid/items/")
    for name in dynamic:
        assert said[f"/properties/{name}".rstrip("/")] == "T003"
    odd = {"type": "object", "properties": {"in": {}, "a-b": {}, "HasField": {}, "9": {}, "€": {}, "a/b": {}}}
    notes = scope_of({"data": odd}).notes["data"]
    assert [note.code for note in notes] == ["T001"] * 6
    assert notes[1].hint == "use letters, digits and '_': 'a_b'"
    assert notes[5].pointer == "/properties/a~1b"
    many = {"type": "object", "properties": {f"p{i}": {"type": "string"} for i in range(2001)}}
    assert scope_of({"data": many}).notes["data"][0].code == "T002"
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(20):
        deep = {"type": "object", "properties": {"x": deep}}
    assert scope_of({"data": deep}).notes["data"][0].code == "T003"
    assert refusal("9") == "use letters, digits and '_': '_9'"
    assert kinds_of({"type": 3, "const": 1}) == {"integer"}
    assert kinds_of({"oneOf": 3}) == set()
    assert kinds_of({"prefixItems": []}) == {"array"}
    assert type_name(SCOPE.shapes["items"]) == "google.protobuf.ListValue"


def test_a_field_named_like_another_in_camel_case() -> None:
    assert evaluate(compiled("data.fooBar"), VALUES) == "1"


def test_scopes_are_kept_by_content() -> None:
    assert scope_of({"data": SCHEMA}) is scope_of({"data": dict(SCHEMA)})
    assert scope_of({"data": SCHEMA}) is not SCOPE
    first = scope_of({"data": None})
    for index in range(300):
        scope_of({"data": {"type": "object", "properties": {f"p{index}": {"type": "string"}}}})
    assert scope_of({"data": None}) is not first


def test_a_variable_is_converted_once_and_only_when_read() -> None:
    values = Values({"data": DATA, "event": object()})
    for _ in range(300):
        assert evaluate(compiled("data.n"), values) == 3
    assert evaluate(compiled("1 + 1"), Values({})) == 2
    with pytest.raises(EvaluationFailed):
        evaluate(compiled("event"), values)


def test_references() -> None:
    text = (
        'data.?address.city.orValue("") + item + [1].map(data, string(data))[0] + event["c"] + event.d[0].e'
    )
    assert compiled(text).references == {"data.address.city", "item", "event.c", "event.d"}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="data.nmeprice?()[]{}+-*/<>=!&|\"' 0123,:hsxtruu\n\\é", max_size=40))
def test_any_text_compiles_or_is_refused(text: str) -> None:
    made = cel.compile(text, SCOPE, PLACE, secrets=True)
    if isinstance(made, Compiled):
        try:
            evaluate(made, VALUES)
        except EvaluationFailed:
            return


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*DATA, "city"]), inner, max_size=4)
    ),
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_data_is_read_or_refused(value: Any) -> None:
    for text in (
        "data",
        "event",
        "data.any",
        "data.address.city",
        "data.price > 2",
        "data.tags.map(t, t + 'x')",
    ):
        try:
            evaluate(compiled(text), {"data": value, "event": value})
        except EvaluationFailed:
            continue
