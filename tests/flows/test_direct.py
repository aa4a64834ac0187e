"""What is read directly is what CEL gives: the same values, the same failures."""

from functools import cache
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from flows.cel import by_cel, evaluate, scope_of
from flows.values import EvaluationFailed, Values
from tests.flows.test_cel import compiled

KINDS = {
    "s": "string",
    "t": "string",
    "i": "integer",
    "j": "integer",
    "x": "number",
    "y": "number",
    "b": "boolean",
}
FIELDS: dict[str, Any] = {name: {"type": kind} for name, kind in KINDS.items()}
INNER = {"type": "object", "properties": FIELDS}
SCOPE = scope_of(
    {"data": {"type": "object", "properties": {**FIELDS, "in_": INNER, "any": {}}}, "contact": INNER}
)

texts = st.sampled_from(["", "a", "b", "ab", "é", "\U0001f600", "\0", "\ufffd", "{{ data.s }}"]) | st.text(
    max_size=3
)
numbers = st.sampled_from([0, 1, -1, 3, 2**53, 2**63 - 1, -(2**63), 2**63, 10**400])
floats = st.sampled_from([0.0, -0.0, 1.0, 1.5, 2.0**53, 1e308, float("inf"), float("nan")])
items = st.none() | texts | numbers | floats | st.booleans() | st.sampled_from(["\ud800", [], {}])
FITTING: dict[str, Any] = {
    "string": texts,
    "integer": numbers,
    "number": floats | numbers,
    "boolean": st.booleans(),
}
fitting = st.fixed_dictionaries({}, optional={name: FITTING[kind] for name, kind in KINDS.items()})
objects = fitting | st.dictionaries(st.sampled_from([*KINDS, "zz"]), items, max_size=5)
datas = st.builds(lambda data, inner: {**data, "in_": inner}, objects, objects | items)

LITERALS = {
    "string": st.sampled_from(['"a"', '""', '"é"', '"ab"', '"\\u0000"']),
    "integer": st.sampled_from(["0", "1", "-1", "3", "9223372036854775807"]),
    "number": st.sampled_from(["0.0", "1.5", "1e308", "-1.0"]),
    "boolean": st.sampled_from(["true", "false"]),
}


def fields(kind: str) -> st.SearchStrategy[str]:
    names = [name for name, known in KINDS.items() if known == kind]
    owner = st.sampled_from(["data", "data.in_", "contact"])
    return st.builds("{}.{}".format, owner, st.sampled_from(names))


@cache
def expressions(kind: str, depth: int = 2) -> st.SearchStrategy[str]:
    """Expressions of a kind, of what is read directly and of some that is not."""
    optional = st.builds(
        "data.?{}.orValue({})".format,
        st.sampled_from([name for name, known in KINDS.items() if known == kind]),
        LITERALS[kind] | fields(kind),
    )
    plain = LITERALS[kind] | fields(kind) | optional
    if depth == 0:
        return plain
    same = {one: expressions(one, depth - 1) for one in (kind, "boolean", "string")}
    ways = [plain, st.builds("({} == true ? {} : {})".format, same["boolean"], same[kind], same[kind])]
    if kind == "boolean":
        for one in LITERALS:
            pair = expressions(one, depth - 1)
            signs = ["==", "!="] if one == "boolean" else ["==", "!=", "<", "<=", ">", ">="]
            ways.append(st.builds("({} {} {})".format, pair, st.sampled_from(signs), pair))
        ways += [
            st.builds("({} {} {})".format, same["boolean"], st.sampled_from(["&&", "||"]), same["boolean"]),
            st.builds("!({})".format, same["boolean"]),
            st.builds("has({})".format, st.sampled_from(sorted(KINDS)).flatmap(lambda n: fields(KINDS[n]))),
            st.builds(
                "{}.{}({})".format,
                fields("string"),
                st.sampled_from(["contains", "startsWith", "endsWith", "matches"]),
                same["string"],
            ),
            st.builds(
                "({} in [{}])".format, same["string"], st.lists(LITERALS["string"], max_size=3).map(", ".join)
            ),
            st.builds("({} {} null)".format, fields("string"), st.sampled_from(["==", "!="])),
        ]
    else:
        signs = ["+"] if kind == "string" else ["+", "-", "*", "/"]
        ways.append(st.builds("({} {} {})".format, same[kind], st.sampled_from(signs), same[kind]))
    return st.one_of(ways)


UNSHRUNK = (Phase.explicit, Phase.generate)  # a shrunk expression says no more, and takes minutes

anything = st.sampled_from(sorted(LITERALS)).flatmap(expressions)


def outcome(way: Any, text: str, values: dict[str, Any]) -> Any:
    made = compiled(text, SCOPE)
    try:
        value = way(made, Values(values))
    except EvaluationFailed as failed:
        return "failed", str(failed), failed.missing
    return type(value), repr(value)


@settings(max_examples=200, deadline=None, phases=UNSHRUNK)
@given(text=anything, data=datas, contact=objects | items)
@example(text="data.x", data={"x": 3}, contact={})
@example(text="data.s == 'a' && data.in_.b", data={"s": "a", "in_": {}}, contact={})
def test_it_is_what_cel_gives(text: str, data: dict[str, Any], contact: Any) -> None:
    values = {"data": data, "contact": contact}
    assert outcome(evaluate, text, values) == outcome(by_cel, text, values)


DIRECT = ["data.s", "data.in_.x", "1", 'data.s == "a"', "data.i > 8 && has(data.b)", "data.?i.orValue(0) + 1", "!(data.b == true)",
          'contact.s in ["a"]', 'data.s.startsWith("a") ? 1 : 2', "data.x >= 2"]  # fmt: skip
BY_CEL = ["data", "data.any", "data.any.x", "data.in_", "1u", '"\\u0000"', "data.i * 2", "[1]", "data.s in [data.t]", "data.i in [1]", 'data.s in ["\\u0000"]',
          "now", "data.?s.orValue(data.t)", "data.?in_.?s.orValue('')", "data.?any.orValue(1) == 1", "data.s.size()", "-data.i"]  # fmt: skip


@pytest.mark.parametrize("text", DIRECT + BY_CEL)
def test_what_is_read_directly(text: str) -> None:
    assert (compiled(text, SCOPE).direct is not None) == (text in DIRECT)


def test_only_what_is_read_has_to_fit() -> None:
    values = {"data": {"s": "a", "i": "x", "in_": {"s": "b", "i": []}}}
    for text in ("data.s + data.in_.s", "data.s.upperAscii() + data.in_.s"):
        assert outcome(evaluate, text, values)[0] is str
    assert outcome(evaluate, "data.in_", values)[0] == "failed"
    assert outcome(evaluate, "data.in_ == data.in_ || data.in_.s == 'a'", values)[0] == "failed"
