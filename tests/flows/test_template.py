"""Templates: text, unset values, bounds, secrets and typed JSON bodies."""

import datetime as dt
from typing import Any

import pytest

from flows.cel import scope_of
from flows.diagnostic import Diagnostic
from flows.place import Place
from flows.template import (
    Template,
    compile_template,
    compile_tree,
    render,
    render_chunks,
    render_tree,
    render_value,
    text_of,
)
from flows.values import EvaluationFailed, Values
from schemas.effects import SecretRef

PLACE = Place("f.yaml", 3, 7)
SCOPE = scope_of(
    {"data": {"type": "object", "properties": {"name": {"type": "string"}, "n": {"type": "integer"}, "gone": {"type": "string"}}}}
)  # fmt: skip
VALUES = Values({"data": {"name": "{{ data.n }}", "n": 3}, "event": {"x": 2.0}})


def template(text: str, secrets: bool = False) -> Template:
    made = compile_template(text, SCOPE, PLACE, secrets=secrets)
    assert isinstance(made, Template), made
    return made


def faults(text: str) -> list[Diagnostic]:
    made = compile_template(text, SCOPE, PLACE)
    assert isinstance(made, list)
    return made


RENDERS: list[tuple[str, str, list[str]]] = [
    ("plain", "plain", []), ("", "", []), ("a {{data.n}}", "a 3", []), ("{{ data.n }}{{ data.n }}!", "33!", []),
    ("Hi {{ data.name }}!", "Hi {{ data.n }}!", []), ("<{{ data.gone }}>", "<>", ["data.gone"]), ("{{ event.zz }}.", ".", ["event.zz"]),
    ("{{ {'a': {'b': '}}'}} }}", '{"a": {"b": "}}"}}', []), ('{{ {"a":1}}}', '{"a": 1}', []), ("{{ '{{' }} }} {", "{{ }} {", []),
    ('{{ "a\\"}}" }}', 'a"}}', []), ("{{\n data.n\n}}", "3", []), ("{{ [1, 2] }} {{ true }} {{ 2.5 }}", "1, 2 true 2.5", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "unset"), RENDERS)
def test_renders(text: str, said: str, unset: list[str]) -> None:
    assert render(template(text), VALUES) == (said, unset)


TEXTS: list[tuple[Any, str]] = [
    (None, ""), (True, "true"), (False, "false"), (3, "3"), (3.0, "3"), (2.5, "2.5"), (1e300, "1e+300"), ("x", "x"),
    (dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC), "2026-01-02T03:00:00Z"), (dt.timedelta(seconds=90), "90s"),
    ([1, None, "a"], "1, , a"), ({"a": dt.timedelta(seconds=1)}, '{"a": "1s"}'),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), TEXTS)
def test_values_as_text(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_faults_stand_at_their_place() -> None:
    said = faults("Hi {{ }} {{ data.nam }}\n  {{ foo }} {{ x")
    assert [(one.code, one.line, one.column) for one in said] == [
        ("E007", 3, 10),
        ("E002", 3, 24),
        ("E003", 4, 6),
        ("E007", 4, 13),
    ]
    assert faults("{{ 'x }}")[0].code == "E001"
    assert faults("{{ x } }")[0].code == "E007"


def test_output_is_bounded() -> None:
    with pytest.raises(EvaluationFailed, match="longer than 5"):
        render(template("{{ data.name }}"), VALUES, 5)


def test_a_failure_that_is_no_gap_is_raised() -> None:
    with pytest.raises(EvaluationFailed, match="divides by zero"):
        render(template("{{ 1 / 0 }}"), VALUES)


def test_secrets_stay_references() -> None:
    made = template('Bearer {{ secret("t") }} {{ data.n }}', secrets=True)
    assert render_chunks(made, VALUES) == (["Bearer ", SecretRef("t"), " 3"], [])
    assert render_value(made, VALUES) == (("Bearer ", SecretRef("t"), " 3"), [])
    assert render_value(template('{{ secret("t") }}', secrets=True), VALUES) == (SecretRef("t"), [])
    with pytest.raises(EvaluationFailed, match="secret"):
        render(made, VALUES)
    assert faults('{{ secret("t") }}')[0].code == "E006"


def test_trees_keep_types() -> None:
    body = {
        "n": "{{ data.n }}",
        "s": "{{ data.n }}!",
        "x": ["{{ event.x }}", 1, None],
        "g": "{{ data.gone }}",
        "a/b": "t",
    }
    tree, said = compile_tree(body, SCOPE, lambda pointer: PLACE.down(*pointer.split("/")[1:]))
    assert said == []
    assert render_tree(tree, VALUES) == (
        {"n": 3, "s": "3!", "x": [2, 1, None], "g": None, "a/b": "t"},
        ["data.gone"],
    )
    assert [one.text for one in tree["s"].expressions] == ["data.n"]


def test_trees_say_all_that_is_wrong() -> None:
    _, said = compile_tree({"a": ["{{ foo }}"], "b": "{{ "}, SCOPE, lambda pointer: Place("f", 1, 1, pointer))
    assert [(one.code, one.pointer) for one in said] == [("E003", "/a/0"), ("E007", "/b")]
