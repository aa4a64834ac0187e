"""What the checker and the forms of steps say in Italian: nothing of it lacks Italian words."""

import ast
import json
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.bot import load
from flows.checking import check
from flows.formats import FUNCTIONS
from flows.italian.checks import TEMPLATES
from flows.italian.schemas import TEXTS
from flows.wording import in_language, schema_in_language
from flows.world import World

ROOT = Path(__file__).parents[2]
SAVE = {"Field of the flow's data to expression, for example `result.data.id`."}  # of custom actions' steps


def calls() -> Iterator[tuple[str, str, set[str]]]:
    """Each sentence of the sources: where it stands, its template, the facts that are given."""
    for path in sorted([*(ROOT / "flows").rglob("*.py"), *(ROOT / "admin_api").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "worded":
                where, template = f"{path.name}:{node.lineno}", node.args[0]
                assert isinstance(template, ast.Constant), f"{where}: a template is written out"
                yield where, template.value, {str(one.arg) for one in node.keywords}


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


def test_every_title_of_actions_and_triggers_has_italian_words() -> None:
    schemas = [*ROOT.glob("schemas/json/actions/*.json"), *ROOT.glob("schemas/json/triggers/*.json")]
    english = {text for path in schemas for text in texts_of(json.loads(path.read_text()))} | SAVE
    english |= {one.says for one in FUNCTIONS.values()} | {"needed"}
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
