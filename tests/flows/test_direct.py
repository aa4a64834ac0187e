"""What is evaluated without CEL: the same values and the same errors as with it."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows import cel
from flows.cel import Compiled, evaluate, interpret, scope_of
from flows.place import Place
from flows.values import EvaluationFailed, Values

ADDRESS: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "n": {"type": "integer"}},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "s": {"type": "string"}, "t": {"type": "string"}, "n": {"type": "integer"}, "d": {"type": "number"},
        "b": {"type": "boolean"}, "c": {"type": "boolean"}, "any": {}, "list": {"type": "array", "items": {"type": "string"}},
        "address": ADDRESS, "deep": {"type": "object", "properties": {"address": ADDRESS}},
    },
}  # fmt: skip
SCOPE = scope_of({"data": SCHEMA, "contact": ADDRESS})
FIELDS = {
    "string": ["data.s", "data.t", "contact.city", "data.address.city", "data.deep.address.city"],
    "integer": ["data.n", "contact.n", "data.address.n"],
    "number": ["data.d"],
    "boolean": ["data.b", "data.c"],
}
LITERALS = {
    "string": ['""', '"a"', '"é"', '"\\u0000"', "'b'", '"😀"'],
    "integer": ["0", "1", "-1", "9223372036854775807"],
    "number": ["0.0", "-0.0", "1.5", "1e300"],
    "boolean": ["true", "false"],
}
SIMPLE = (
    "data.s", "data.deep.address.city", "data.d", '"x"', "true", "null", "has(data.s)", 'data.s == "a"', 'data.s != null',
    "data.n > 1", 'data.s < "b"', "data.d >= 1", "!has(data.s) || data.n == 1", 'data.b == true ? data.s : "no"',
    'data.s in ["a", "b"]', "data.?n.orValue(0) > 9", "data.?address.?city.hasValue()", 'data.s == "a" && contact.n < 3', "!(data.b)",
)  # fmt: skip
LEFT_TO_CEL = (
    "data", "data.any", "data.list", "has(data.address)", "data.s + data.t", "size(data.s)", "now", "event.x", "data.s in data.list",
    'data.s in ["a", data.t]', "1u", "1u == 1u", 'data.?any.?x.orValue(1)', "data.?s.orValue(data.t)", "event.x > 1",
    "[1].exists(i, i == 1)", "optional.of(1).orValue(2)", 'event["x"]', "data.s == data.any", "1 in [1u, 1]",
    "optional.none().hasValue()", "dyn({'a': 1}).a", "{'a': 1}.?a.orValue(2)", "data.?address.city == data.?address.city", "data.s in dyn([1])", "(data.n + 1) in [1]", '!(data.s.startsWith("a"))', "has(event.x)",
)  # fmt: skip


def compiled(text: str) -> Compiled:
    made = cel.compile(text, SCOPE, Place("f.yaml", 1, 1, ""))
    assert isinstance(made, Compiled), f"{text}: {made}"
    return made


SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
EVERY_FIELD = st.sampled_from([field for fields in FIELDS.values() for field in fields])


@st.composite
def expressions(draw: Any, kind: str = "boolean", depth: int = 2) -> str:
    """A simple expression of a kind."""
    field, literal = draw(st.sampled_from(FIELDS[kind])), draw(st.sampled_from(LITERALS[kind]))
    other = draw(st.sampled_from(sorted(FIELDS)))
    forms = ["field", "literal", "or value"]
    if depth:
        forms += [
            "choose",
            *["compare", "null", "in", "has", "has value", "join", "not"] * (kind == "boolean"),
        ]
    match draw(st.sampled_from(forms)):
        case "field":
            return field
        case "or value":
            return f"{field.replace('.', '.?', 1)}.orValue({literal})"
        case "choose":
            one, two = draw(expressions(kind, depth - 1)), draw(expressions(kind, depth - 1))
            return f"({draw(expressions('boolean', depth - 1))}) ? ({one}) : ({two})"
        case "compare":
            return f"({draw(expressions(other, 0))}) {draw(SIGNS)} ({draw(expressions(other, 0))})"
        case "null":
            return f"{field} {draw(st.sampled_from(['==', '!=']))} null"
        case "in":
            listed = draw(st.lists(st.sampled_from(LITERALS[other]), min_size=1, max_size=3))
            return f"{draw(expressions(other, 0))} in [{', '.join(listed)}]"
        case "has":
            return f"has({draw(EVERY_FIELD)})"
        case "has value":
            return f"{draw(EVERY_FIELD).replace('.', '.?', 1)}.hasValue()"
        case "join":
            sign = draw(st.sampled_from(["&&", "||"]))
            return f"({draw(expressions('boolean', depth - 1))}) {sign} ({draw(expressions('boolean', depth - 1))})"
        case "not":
            return f"!({draw(expressions('boolean', depth - 1))})"
        case _:
            return literal


FITTING: dict[str, st.SearchStrategy[Any]] = {
    "s": st.text(max_size=3) | st.sampled_from(["a", "b", "é", "\0", "a\0b", "\ud800"]),
    "n": st.integers(-2, 2) | st.integers() | st.sampled_from([2**63 - 1, 2**63, -(2**63), 1.0, 1.5]),
    "d": st.floats() | st.integers(-2, 2) | st.sampled_from([10**400, 1.5, 0.0]),
    "b": st.booleans(),
}
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=2) | st.just([1]) | st.just({})
)


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects whose fields mostly fit, and are mostly there."""
    loose = {name: st.one_of(fits, fits, fits, st.none(), ANYTHING) for name, fits in fields.items()}
    return st.one_of(*[st.fixed_dictionaries({}, optional=loose)] * 6, ANYTHING)


addresses = objects(city=FITTING["s"], n=FITTING["n"])
data = objects(
    s=FITTING["s"], t=FITTING["s"], n=FITTING["n"], d=FITTING["d"], b=FITTING["b"], c=FITTING["b"],
    address=addresses, deep=objects(address=addresses),
)  # fmt: skip


def outcome(how: Any, text: str, given: dict[str, Any]) -> Any:
    try:
        value = how(compiled(text), Values(SCOPE, given))
    except EvaluationFailed as failed:
        return (str(failed), failed.missing)
    return (value, type(value))


@settings(max_examples=150, deadline=None)
@given(
    text=expressions() | st.sampled_from(sorted(FIELDS)).flatmap(expressions),
    data=data,
    contact=addresses,
)
@example(text="data.s", data={"s": "a\0b"}, contact={})
@example(text="data.d == data.d", data={"d": float("nan")}, contact={})
@example(text="data.b && data.n > 1", data={"b": False}, contact={})
@example(text="data.n > 1 || data.b", data={"b": True}, contact={})
def test_agrees_with_cel(text: str, data: Any, contact: Any) -> None:
    given = {"data": data, "contact": contact}
    assert outcome(evaluate, text, given) == outcome(interpret, text, given)


@pytest.mark.parametrize("text", SIMPLE)
def test_simple_expressions_need_no_cel(text: str) -> None:
    assert compiled(text).direct is not None


@pytest.mark.parametrize("text", LEFT_TO_CEL)
def test_all_else_is_left_to_cel(text: str) -> None:
    assert compiled(text).direct is None


def test_only_what_is_read_must_fit() -> None:
    given = {"data": {"s": 1, "t": "x", "address": {"city": "Roma", "n": "?"}}}
    values = Values(SCOPE, given)
    for text, value in (
        ("data.t", "x"),
        ('data.t + "y"', "xy"),
        ("data.address.city", "Roma"),
        ("size(data.address.city)", 4),
    ):
        assert evaluate(compiled(text), values) == value
    for text in ("data.s", "size(data.s)", "data.address.n == 1", "data.address", "data"):
        with pytest.raises(EvaluationFailed):
            evaluate(compiled(text), values)
        assert evaluate(compiled("size(data.t)"), values) == 1
