"""What the checker and the forms of steps say in Italian: nothing of it lacks Italian words."""

import ast
import importlib
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flows import cel, kinds, schema_faults, yaml_faults
from flows.bot import load
from flows.checking import check
from flows.data_schema import fault_of
from flows.diagnostic import Diagnostic
from flows.formats import FUNCTIONS
from flows.italian.checks import TEMPLATES
from flows.italian.kept import SENTENCES
from flows.italian.schemas import TEXTS
from flows.place import Place
from flows.wording import Wording, in_language, kept_in_language, schema_in_language
from flows.world import World
from schemas.flow import BotDocument, ConversationTest, FlowDocument

ROOT = Path(__file__).parents[2]
SAVE = {"Field of the flow's data to expression, for example `result.data.id`."}  # of custom actions' steps


def calls() -> Iterator[tuple[str, str, set[str]]]:
    """Each sentence of the sources: where it stands, its template, the facts that are given."""
    for path in sorted([*(ROOT / "flows").rglob("*.py"), *(ROOT / "admin_api").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "worded":
                where, template = f"{path.name}:{node.lineno}", node.args[0]
                assert isinstance(template, ast.Constant), f"{where}: a template is written out"
                yield where, str(template.value), {str(one.arg) for one in node.keywords}


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def of_pydantic(template: str) -> bool:
    return template.startswith(("input should", "string should", "{field_type} "))


def test_every_sentence_has_italian_words_over_the_same_facts() -> None:
    said = [one for one in calls() if one[1]]
    for where, template, facts in said:
        assert template in TEMPLATES, f"{where}: {template!r} has no Italian words"
        if facts:
            assert places(template) == facts, where
            assert places(TEMPLATES[template]) == facts, where
    ours = {template for template in TEMPLATES if not of_pydantic(template)}
    assert ours == {template for _, template, _ in said}


WORDED = {
    "any", "default", "definition-ref", "definitions", "function-after", "function-before", "model-field", "no-info",
    "bool", "dict", "float", "int", "list", "literal", "model", "model-fields", "nullable", "str", "timedelta", "union",
    "dict.max_length", "dict.min_length", "float.ge", "float.gt", "float.le", "int.ge", "int.le", "list.max_length",
    "list.min_length", "str.min_length", "str.max_length", "str.pattern",
}  # fmt: skip
BOUNDS = (
    "gt",
    "ge",
    "lt",
    "le",
    "multiple_of",
    "min_length",
    "max_length",
    "pattern",
    "max_digits",
    "tz_constraint",
)


def checks_of(part: Any) -> Iterator[str]:
    """What pydantic looks at in a model: kinds of values and bounds."""
    if isinstance(part, dict):
        if isinstance(kind := part.get("type"), str):
            yield from (kind, *(f"{kind}.{bound}" for bound in BOUNDS if bound in part))
        part = [value for key, value in part.items() if key not in ("metadata", "serialization", "default")]
    for one in part if isinstance(part, list | tuple) else ():
        yield from checks_of(one)


def test_what_pydantic_looks_at_in_a_file_has_words() -> None:
    models = [
        *kinds.actions().values(),
        *kinds.triggers().values(),
        BotDocument,
        FlowDocument,
        ConversationTest,
    ]
    looked = {one for model in models for one in checks_of(model.__pydantic_core_schema__)}
    assert sorted(looked - WORDED) == []


def texts_of(part: Any, named: bool = False) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("title", "description") and not named and isinstance(value, str):
                yield value.partition("\n\nExample:")[0]
            elif key == "ui:enumNames":
                yield from value.values()
            else:
                yield from texts_of(value, not named and key in ("properties", "$defs"))
    elif isinstance(part, list):
        for one in part:
            yield from texts_of(one)


def lacking(said: str) -> list[str]:
    """What of a sentence is in a library's words, or has no Italian ones."""
    assert isinstance(said, Wording), said
    here = [said.template] if "theirs" in said.facts or said.template not in TEMPLATES else []
    return here + [one for fact in said.facts.values() if isinstance(fact, Wording) for one in lacking(fact)]


YAMLS = re.compile(
    rb"(?:could not find|did not find|found|incomplete UTF|invalid (?:Uni|lead|length|trail)|control char"
    rb"|unexpected low|expected a single|block sequence|mapping (?:keys|values))[ -~]*"
)


def test_all_that_yaml_says_has_words() -> None:
    library = Path(importlib.import_module("yaml._yaml").__file__ or "").read_bytes()
    says = {one.decode() for one in re.findall(rb"(?<=\0)" + YAMLS.pattern + rb"(?=\0)", library)}
    assert len(says) > 45
    assert sorted(says - set(yaml_faults.PROBLEMS)) == []
    assert [one for said in yaml_faults.PROBLEMS.values() for one in lacking(said)] == []


@pytest.mark.parametrize(
    "text",
    ["a: b: c", "a: 'x", "a: [1", "a: {b: 1 c: 2}", "a:\n\t- b", "a: @x", "- a\nb: c", "a: ,", "k\nl: 1", "a: \1", "%A\n---\na"],
)  # fmt: skip
def test_what_a_file_cannot_say_is_said_in_words(text: str) -> None:
    said = [one for one in check(load({"bot.yaml": text}), World()) if one.code == "D001"]
    assert said
    assert [
        lacks for one in said for lacks in (*lacking(one.message), *(one.hint and lacking(one.hint)))
    ] == []


EXPRESSIONS = (
    *("1 +", "(1", "1)", "a b", "[1,2", "{'a' 1}", "== 1", "'abc", "data.n = 1", "true & true", "true | true", "!", "data."),
    *("data..x", "data.1", "1 ? 2", "1 ? 2 :", "if", "data[", "has(data)", "data.map(1, 2)", "data.all(x.y, 2)", "'\\q'"),
    *("@", "s matches 'x'", "1.x", "'a'.x", "1.map(x, x)", "9" * 20, "in", "data.in", "true and true", "()", "{", "r'\\'"),
    *("a; b", "“a”", "foo()", "data.a.b.c()", "'a' + 1", "-'a'", "[1][1u2]", "``", "'a\nb'", "", "(" * 50, "\ud800"),
)  # fmt: skip


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_what_an_expression_cannot_say_is_said_in_words(text: str) -> None:
    found = cel.compile(text, cel.scope_of({}), Place("f.yaml"))
    assert isinstance(found, Diagnostic)
    assert lacking(found.message) == []


UNFIT: dict[str, tuple[dict[str, Any], Any]] = {
    "type": ({"type": ["string", "null", "boolean"]}, 1),
    "enum": ({"enum": [1, "a"]}, 2),
    "const": ({"const": 1}, 2),
    "required": ({"required": ["a"]}, {}),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
    "additionalProperties": ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1, "b": 1}),
    "unevaluatedProperties": ({"unevaluatedProperties": False}, {"b": 1}),
    "minLength": ({"minLength": 2}, "a"),
    "maxLength": ({"maxLength": 2}, "abc"),
    "pattern": ({"pattern": "^b"}, "a"),
    "format": ({"format": "date"}, "a"),
    "minimum": ({"minimum": 2}, 1),
    "maximum": ({"maximum": 2}, 3),
    "exclusiveMinimum": ({"exclusiveMinimum": 2}, 2),
    "exclusiveMaximum": ({"exclusiveMaximum": 2}, 2),
    "multipleOf": ({"multipleOf": 2}, 3),
    "minItems": ({"minItems": 1}, []),
    "maxItems": ({"maxItems": 1}, [1, 2]),
    "items": ({"prefixItems": [{}], "items": False}, [1, 2]),
    "unevaluatedItems": ({"unevaluatedItems": False}, [1]),
    "uniqueItems": ({"uniqueItems": True}, [1, 1]),
    "contains": ({"contains": {"type": "string"}}, [1]),
    "minProperties": ({"minProperties": 1}, {}),
    "maxProperties": ({"maxProperties": 1}, {"a": 1, "b": 2}),
    "anyOf": ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1),
    "oneOf": ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, 1),
    "not": ({"not": {"type": "string"}}, "a"),
}
PARTS = {"$ref", "$dynamicRef", "allOf", "if", "dependentSchemas", "patternProperties", "prefixItems", "properties", "propertyNames"}  # fmt: skip


def test_what_a_schema_finds_has_words_for_each_keyword() -> None:
    assert UNFIT.keys() == Draft202012Validator.VALIDATORS.keys() - PARTS
    for keyword, (schema, value) in UNFIT.items():
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        [fault] = validator.iter_errors(value)
        assert fault.validator == keyword
        assert lacking(schema_faults.said(fault)) == [], keyword
    for schema in ({"type": "strin"}, {"properties": 3}, {"required": "a"}, {"oneOf": []}, {"$id": "#a"}):
        found = fault_of(schema)
        assert found
        assert lacking(found[1]) == []
    _, said = fault_of({"type": "strin"}) or ("", "")
    assert in_language(said, "it").startswith("questo non è JSON Schema: 'strin' non è tra ")


def written(node: ast.expr) -> str:
    """The sentence of a text or an f-string, with its facts numbered."""
    if isinstance(node, ast.JoinedStr):
        facts = iter(range(9))
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else f"{{{next(facts)}}}"
            for part in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


KEPT_BY = {
    "note": 0,
    "Unfit": 0,
    "EvaluationFailed": 1,
    "hold": 2,
}  # the place of the sentence among the arguments
CALLS_OUT = [ROOT / "jobs/webhooks.py", ROOT / "sessions/webhooks.py", ROOT / "sessions/outbound.py"]


def kept() -> Iterator[str]:
    """The sentences of the sources that are kept as English text."""
    for path in (ROOT / "flows").rglob("*.py"):
        for call in (one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            place = KEPT_BY.get(name, 9)
            said = [*call.args[place : place + 1], *(one.value for one in call.keywords if one.arg == "note")]
            for one in said:
                yield from map(written, (one.body, one.orelse) if isinstance(one, ast.IfExp) else (one,))
    for path in CALLS_OUT:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "error":
                yield written(node.value)
            elif isinstance(node, ast.Return) and node.value is not None:
                yield written(node.value.body if isinstance(node.value, ast.IfExp) else node.value)
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "error":
                yield written(node.value)
    yield from (why for _, why in cel._REASONS)  # pyright: ignore[reportPrivateUsage]


def test_what_is_kept_as_english_text_has_italian_words() -> None:
    in_the_page = (ROOT / "admin_ui/src/chat/note.ts").read_text()
    said = {
        one
        for one in kept()
        if " " in one and f'"{one}": "' not in in_the_page and not one.startswith("{0} {1}")
    }
    assert len(said) > 50
    assert sorted(said - SENTENCES.keys()) == []
    for english in SENTENCES:
        facts = [f"<{place}>" for place in range(3)]
        italian = SENTENCES[english].format(*facts)
        assert kept_in_language(english.format(*facts), "it") == italian, english
        assert kept_in_language(english.format(*facts), "en") == english.format(*facts)


def test_what_a_kept_sentence_quotes_is_said_in_italian_too() -> None:
    note = "a trigger of f could not be evaluated: 'data.n / 0' has no value: it divides by zero."
    assert kept_in_language(note, "it") == (
        "un avvio di f non si è potuto valutare: 'data.n / 0' non ha valore: divide per zero."
    )
    assert kept_in_language("what nobody knows", "it") == "what nobody knows"


def told_of_keys(part: Any) -> Iterator[str]:
    """What completion tells of the keys of a document."""
    if isinstance(part, dict):
        yield from (one["description"] for one in part.get("properties", {}).values() if "description" in one)
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from told_of_keys(one)


def test_every_title_of_a_schema_has_italian_words() -> None:
    schemas = [*ROOT.glob("schemas/json/actions/*.json"), *ROOT.glob("schemas/json/triggers/*.json")]
    english = {text for path in schemas for text in texts_of(json.loads(path.read_text()))} | SAVE
    english |= {one.says for one in FUNCTIONS.values()} | {"needed"}
    for name in ("bot", "flow"):
        english |= set(told_of_keys(json.loads((ROOT / f"schemas/json/{name}.json").read_text())))
    assert english == set(TEXTS)


def test_a_schema_in_italian_keeps_its_names_and_its_example() -> None:
    send = json.loads((ROOT / "schemas/json/actions/task.json").read_text())
    italian = schema_in_language(send, "it")
    assert (italian["title"], italian["properties"]["title"]["title"]) == ("Compito", "Che cosa c'è da fare")
    assert italian["description"].endswith(send["description"].partition("Example:")[2])
    assert list(italian["properties"]) == list(send["properties"])
    assert schema_in_language(send, "en") == send
    menu = json.loads((ROOT / "schemas/json/actions/menu.json").read_text())
    kinds = schema_in_language(menu, "it")["ui_schema"]["as"]["ui:enumNames"]
    assert (kinds["buttons"], list(kinds)) == ("Pulsanti", menu["properties"]["as"]["enum"])


BOT = "chatloom: bot/v1\nid: shop\ntitle: Shop\nlanguages: [en]\nflows: [hi]\n"
FLOW = """\
chatloom: flow/v1
id: hi
title: Hi
triggers: [{message: {words: [hi]}}]
steps:
  - {id: ask, action: menu, with: {text: A or B?, choices: {a: A, b: B}}, then: {a: by}}
  - {id: tell, action: send, with: {txt: hello}}
  - {id: again, action: menu, with: {text: C?, choices: {c: C}, tries: 99}}
  - {id: pause, action: wait, with: {for: soon}}
  - {id: show, action: send, with: {file: {kind: pdf, link: "https://example.com/a"}}}
  - {id: bye, action: send, with: {text: "{{ datta.x }} {{ 1 = 2 }}"}}
"""


def test_facts_and_libraries_are_said_in_italian_too() -> None:
    found = check(load({"bot.yaml": BOT, "flows/hi.yaml": FLOW}), World())
    said = {in_language(one.message, "it"): in_language(one.hint, "it") for one in found}
    english = {str(one.message): str(one.hint) for one in found}
    assert english["unknown key 'txt'"] == "did you mean 'text'?"
    assert said["chiave sconosciuta 'txt'"] == "intendevi 'text'?"
    assert said["non c'è il passo 'by'"] == "intendevi 'bye'?"
    assert "input should be 'image', 'video', 'audio', 'document' or 'sticker'" in english
    assert "deve essere 'image', 'video', 'audio', 'document' o 'sticker'" in said
    assert "niente si chiama 'datta'" in said
    assert "'=' non confronta nulla" in said
    assert in_language("a sentence of somebody else", "it") == "a sentence of somebody else"
    assert in_language(found[0].message, "de") == found[0].message
