"""How long a value can get when it is inserted in a text."""

from typing import Any

import pytest

from flows.cel import Compiled, compile
from flows.direction import MARKS
from flows.lengths import Longest, Values, longest_value
from flows.place import Place
from flows.scopes import scope_of
from flows.template import Template, compile_template
from schemas.flow import TextDocument

TEXT = {"type": "string"}
DATA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 10},
        "size": {"enum": ["s", "large"]},
        "n": {"type": "integer", "minimum": 0, "maximum": 999},
        "total": {"type": "number"},
        "done": {"type": "boolean"},
        "note": TEXT,
        "home": {"type": "object", "properties": {"city": {"type": "string", "maxLength": 30}}},
        "list": {"type": "array", "items": TEXT},
    },
}
VALUES = Values({"data": DATA}, {"hours": {"en": "9–18", "it": "dalle 9 alle 18"}}, {})
SCHEMAS: list[tuple[dict[str, Any], Longest]] = [
    ({"enum": ["a", "bcd"]}, Longest(3)), ({"const": "four"}, Longest(4)), ({"enum": []}, Longest(80, False)), ({"oneOf": [{"const": "ab", "title": "x"}]}, Longest(2)),
    ({"oneOf": [{"type": "string"}], "type": "boolean"}, Longest(5)), ({"type": "boolean"}, Longest(5)), ({"type": "integer"}, Longest(20, False)),
    ({"type": "integer", "minimum": -100, "maximum": 9}, Longest(4)), ({"type": "number"}, Longest(24, False)),
    ({"type": "string", "maxLength": 7}, Longest(7)), ({"type": "string", "format": "date"}, Longest(10)), (TEXT, Longest(80, False)), ({"type": "array"}, Longest(80, False)),
]  # fmt: skip
EXPRESSIONS: list[tuple[str, Longest]] = [
    ("data.name", Longest(10)), ("data.home.city", Longest(30)), ("data.note", Longest(80, False)), ("data.home", Longest(80, False)), ("message.form.x", Longest(80, False)),
    ("texts.hours", Longest(15)), ("now", Longest(35)), ("'four'", Longest(4)), ("1.5", Longest(3)), ("null", Longest(0)), ("has(data.note)", Longest(5)),
    ("data.name + '!'", Longest(11)), ("data.n + 1", Longest(20, False)), ("data.total * 2.0", Longest(24, False)), ("data.note + 'x'", Longest(81, False)),
    ("data.done ? data.name : 'nobody at all'", Longest(13)), ("data.?name.orValue('somebody there')", Longest(14)), ("data.name.upper()", Longest(10)), ("string(data.n)", Longest(3)),
    ("data.name.size() > 3", Longest(5)), ("money(data.total, 'EUR')", Longest(36)), ("plural(data.n, {'one': '# x', 'other': 'many more'})", Longest(23)),
    ("listed(data.list)", Longest(80, False)), ("data.list[0]", Longest(80, False)), ("data.size", Longest(5)),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "longest"), SCHEMAS)
def test_a_value_of_a_schema(schema: dict[str, Any], longest: Longest) -> None:
    assert longest_value(schema) == longest


@pytest.mark.parametrize(("text", "longest"), EXPRESSIONS)
def test_a_value_of_an_expression(text: str, longest: Longest) -> None:
    made = compile(text, scope_of(DATA, {}, texts=["hours"]), Place())
    assert isinstance(made, Compiled), made
    assert VALUES.longest(made) == longest


def test_a_snippet_is_as_long_as_what_it_inserts() -> None:
    scope = scope_of(DATA, {"tier": {"type": "string", "maxLength": 5}}, texts=["bye"])
    made, template = (
        compile("texts.bye", scope, Place()),
        compile_template("To {{ contact.tier }}!", scope, Place()),
    )
    assert isinstance(made, Compiled)
    assert isinstance(template, Template)
    contact = {"properties": {"tier": {"type": "string", "maxLength": 5}}}
    texts: dict[str, TextDocument] = {"bye": {"en": "Bye", "he": "To {{ contact.tier }}!"}}
    values = Values({"contact": contact}, texts, {"To {{ contact.tier }}!": template})
    assert values.longest(made) == Longest(len("To !") + 5 + MARKS)
