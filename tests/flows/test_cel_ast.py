"""Definite assignment: what fails when a field is unset is reported, and what is guarded is not."""

import pytest

from flows import cel, cel_ast
from flows.assignment import Use, unguarded_uses
from flows.cel import Compiled, EvaluationFailed, evaluate, scope_of
from flows.place import Place

SCOPE = scope_of(
    {
        "data": {
            "type": "object",
            "properties": {
                "name": {"type": "string"}, "n": {"type": "integer"}, "ok": {"type": "boolean"}, "price": {"type": "number"}, "any": {},
                "map": {"type": "object"}, "tags": {"type": "array", "items": {"type": "string"}},
                "address": {"type": "object", "properties": {"city": {"type": "string"}, "n": {"type": "integer"}}},
            },
        }
    }
)  # fmt: skip
OPTIONAL = {f"data.{name}" for name in ("name", "n", "ok", "price", "any", "map", "address", "address.n")}

GUARDED = [
    "data.n > 3 && data.n == 3", "event == null && data.n == 1",
    'data.name == "a"', "data.ok", "[data.name]", '{"a": data.name}', 'data.name in ["a"]', "data.tags.size()", "has(data.n)",
    "has(data.n) && data.n > 3", "data.n > 3 && has(data.n)", "has(data.n) ? data.n + 1 : 0", "!has(data.n) || data.n > 3",
    "data.n > 3 || !has(data.n)", "!has(data.n) ? 0 : data.n + 1", "data.n != null && data.n > 1", "null != data.n && data.n > 1",
    "data.n == null || data.n > 3", "data.n == 3 && data.n + 1 > 2", "data.n != 3 || data.n + 1 > 2", "data.?n.orValue(0) + 1",
    "data.?n.hasValue() && data.n > 1", "has(data.address.n) && data.address.n > 1", "has(data.address.city)",
    "has(data.any) && has(data.any.a) && data.any.a == 1", "has(data.map.a)", "data.tags.exists(t, t == data.name)",
    '(has(data.n) && has(data.name)) && data.n > 1 && data.name < "b"', "!(data.n == null) && data.n > 1",
    "(!has(data.n) || !has(data.name)) || data.n > 1", "data.address.city == null", "data.address == data.address",
    "data.?address.n.orValue(1) > 0", "optional.ofNonZeroValue(data.n).orValue(1) + 1", "[1].exists(n, n > 0)",
    "has(data.n) && data.tags.exists(t, t.size() > data.n)", "(has(data.n) || has(data.n)) && data.n > 1",
]  # fmt: skip

UNGUARDED = [
    ("data.any.a == 1 && data.any.b == 2", "data.any", 5, ".a"), ("data.map.a == 1 && data.map.b == 2", "data.map", 5, ".a"),
    ("has(data.any.a) && has(data.any.b)", "data.any", 9, "has()"),
    ("data.n > 3", "data.n", 5, ">"), ("1 + data.n", "data.n", 9, "+"),
    ("!data.ok", "data.ok", 6, "!"), ("data.ok && true", "data.ok", 5, "&&"), ("data.ok ? 1 : 2", "data.ok", 5, "? :"),
    ("string(data.n)", "data.n", 12, "string()"), ("data.name.size() > 1", "data.name", 5, "size()"),
    ('data.name.matches("a")', "data.name", 5, "matches()"), ('data.address.city + "x"', "data.address", 5, "+"),
    ("data.any.a", "data.any", 5, ".a"), ("has(data.any.a)", "data.any", 9, "has()"), ("data.map.a == 1", "data.map", 5, ".a"),
    ("data.any[0]", "data.any", 5, "[ ]"), ("data.tags.map(t, t + data.name)", "data.name", 26, "+"), ("-data.n", "data.n", 6, "-"),
    ("(has(data.n) || has(data.name)) && data.n > 1", "data.n", 40, ">"), ("{data.name: 1}", "data.name", 6, "a key"),
    ('"a" in data.any', "data.any", 12, "in"), ("(data.ok == true ? data.n : 0) + 1", "data.n", 24, "+"), ("data.price * 2 > 3", "data.price", 5, "*"),
    ("data.any.exists(x, x == 1)", "data.any", 5, "a loop"), ("!has(data.n) && data.n > 1", "data.n", 21, ">"),
    ("data.?n.orValue(data.n) + 1", "data.n", 21, "+"), ("data.tags[data.n]", "data.n", 15, "[ ]"), ("data.n == null && data.n > 1", "data.n", 23, ">"),
    ("!(data.?n.hasValue()) && data.n > 1", "data.n", 30, ">"), ("optional.of(1).hasValue() && data.n > 1", "data.n", 34, ">"),
    ("has({'a': 1}.a) && data.n > 1", "data.n", 24, ">"), ("data.n == data.n && data.n > 1", "data.n", 25, ">"), ("1 == 1 && data.n > 1", "data.n", 15, ">"),
    ("size(data.name) == 1 && data.name > 'a'", "data.name", 10, "size()"),
]  # fmt: skip


def compiled(text: str) -> Compiled:
    made = cel.compile(text, SCOPE, Place("f.yaml", 1, 5))
    assert isinstance(made, Compiled), str(made)
    return made


@pytest.mark.parametrize("text", GUARDED)
def test_guarded(text: str) -> None:
    made = compiled(text)
    assert unguarded_uses(made, OPTIONAL) == []
    evaluate(made, {"data": {}})
    evaluate(made, {"data": {"tags": ["a"]}})


@pytest.mark.parametrize(("text", "path", "column", "why"), UNGUARDED)
def test_unguarded(text: str, path: str, column: int, why: str) -> None:
    found = unguarded_uses(compiled(text), OPTIONAL)
    assert found[0] == Use(path, 1, column, why)


@pytest.mark.parametrize(
    "text", ["data.n > 3", "!data.ok", "data.any.a", "has(data.any.a)", "data.map.a == 1", "data.any[0]"]
)
def test_what_is_reported_does_fail(text: str) -> None:
    with pytest.raises(EvaluationFailed):
        evaluate(compiled(text), {"data": {}})


def test_fields_that_are_always_set_need_no_guard() -> None:
    assert unguarded_uses(compiled("data.n > 3 && data.address.n > 1"), set()) == []


def test_widened_literals_keep_their_columns() -> None:
    found = unguarded_uses(compiled("data.price > 10 && data.n > 2"), {"data.n"})
    assert found == [Use("data.n", 1, 24, ">")]


def test_trees_that_are_only_parsed() -> None:
    tree = cel_ast.read(SCOPE.env.compile("a + b.c", disable_check=True).serialize())
    assert cel_ast.paths(tree) == {"a", "b.c"}
    assert tree.type(tree.root) is None
    made = cel_ast.read(SCOPE.env.compile("T{a: b.c}", disable_check=True).serialize())
    assert cel_ast.paths(made) == {"b.c"}
