"""Translations that stand apart, the catalogue of texts, and the files that translators get and send back."""

import csv
import io
from typing import Any

import pytest

from flows import bot, checking, compiler
from flows.catalogue import Entry, catalogue
from flows.direction import right_to_left
from flows.translation_files import Format, Given, TranslationsUnfit, apart, read, written
from flows.world import World
from schemas.effects import Say
from schemas.messages import Text
from tests.flows.universe import received, view

MAIN = "chatloom: bot/v1\nid: b\ntitle: Shop\nlanguages: [en, it, ar]\nflows: [main]\nfallback: main\ntexts: {hours: {en: from 9, it: dalle 9}}\n"
FLOW = """\
chatloom: flow/v1
id: main
data:
  schema:
    type: object
    required: [size]
    properties:
      size: {type: string, enum: [s, l], title: Size}
  ui_schema:
    size: {ui:enumNames: [Small, {en: Large, it: Grande}], ui:help: As you like}
steps:
  - {id: hi, action: send, with: {text: "Hi {{ contact.name }}!"}}
  - {id: var, action: send, with: {text: {en: [One, Two], it: [Uno, Due]}}}
  - {id: form, action: collect, with: {fields: [size]}}
"""
IT = """\
chatloom: texts/v1
texts:
  flows/main/steps/hi/with/text: Ciao {{ contact.name }}!
  flows/main/data/schema/properties/size/title: {from: Size, to: Misura}
  flows/main/data/ui_schema/size/ui:enumNames/0: Piccola
  bot/title: Negozio
"""


def files(**more: str) -> dict[str, bytes | str]:
    return {"bot.yaml": MAIN, "flows/main.yaml": FLOW, "texts/it.yaml": IT} | {
        f"texts/{name}.yaml": text for name, text in more.items()
    }


def entries(given: dict[str, bytes | str] | None = None, before: list[Entry] | None = None) -> list[Entry]:
    read_ = bot.load(given or files())
    return catalogue(read_, compiler.compile(read_), before)


def found(given: dict[str, bytes | str]) -> list[tuple[str, str, int]]:
    return [(one.code, one.file, one.line) for one in checking.check(bot.load(given), World())]


def said(given: dict[str, bytes | str], language: str) -> list[str]:
    from flows.machine import advance
    from flows.state import State

    compiled = compiler.compile(bot.load(given))
    turn = advance(compiled, State(), received(Text("go"), 1), view(name="Ana", language=language))
    bodies = [one.body for one in turn.effects if isinstance(one, Say)]
    return [body.text if isinstance(body, Text) else str(getattr(body, "text", "")) for body in bodies]


def test_a_translation_apart_is_said_and_counts_before_one_in_place() -> None:
    assert said(files(), "it")[0] == "Ciao Ana!"
    assert said(files(), "en")[0] == "Hi Ana!"
    assert "Misura" in said(files(), "it")[2]
    assert "Size" in said(files(), "en")[2]
    over = IT + "  flows/main/steps/var/with/text: Solo uno\n"
    assert said({**files(), "texts/it.yaml": over}, "it")[1] == "Solo uno"


def test_what_is_wrong_is_said_at_its_place_in_the_translation() -> None:
    bad = (
        IT.replace("{{ contact.name }}", "{{ contact.nome }}").replace("from: Size", "from: Scale")
        + "  flows/main/steps/hii/with/text: x\n  flows/gone/title: x\n  bot/id: x\n"
        + "  flows/main/steps/form/with/fields/0/a/b: x\n"
    )
    said_ = found({**files(), "texts/it.yaml": bad})
    assert {one for one in said_ if one[1] == "texts/it.yaml"} == {
        ("E002", "texts/it.yaml", 3),
        ("F128", "texts/it.yaml", 3),
        ("F126", "texts/it.yaml", 4),
        ("F127", "texts/it.yaml", 7),
        ("F127", "texts/it.yaml", 8),
        ("F127", "texts/it.yaml", 9),
        ("F127", "texts/it.yaml", 10),
    }
    lacking = found({**files(), "texts/it.yaml": IT.replace(" {{ contact.name }}", "")})
    assert ("F128", "texts/it.yaml", 3) in lacking
    assert ("F008", "texts/italiano!.yaml", 1) in found({**files(), "texts/italiano!.yaml": IT})
    hint = [one.hint for one in checking.check(bot.load({**files(), "texts/it.yaml": bad}), World())]
    assert "did you mean 'hi'?" in hint


def test_an_edit_of_a_translation_alone_is_seen() -> None:
    for word in ("Ciao", "Salve", "Ciao"):
        assert said({**files(), "texts/it.yaml": IT.replace("Ciao", word)}, "it")[0] == f"{word} Ana!"


def test_the_catalogue_tells_how_things_are() -> None:
    stale = IT.replace("from: Size", "from: Scale")
    states = {
        one.key: (one.state("it"), one.state("ar")) for one in entries({**files(), "texts/it.yaml": stale})
    }
    assert states == {
        "bot/title": ("translated", "missing"),
        "bot/texts/hours": ("translated", "missing"),
        "flows/main/steps/hi/with/text": ("translated", "missing"),
        "flows/main/steps/var/with/text": ("translated", "missing"),
        "flows/main/data/schema/properties/size/title": ("stale", "missing"),
        "flows/main/data/ui_schema/size/ui:enumNames/0": ("translated", "missing"),
        "flows/main/data/ui_schema/size/ui:enumNames/1": ("translated", "missing"),
        "flows/main/data/ui_schema/size/ui:help": ("shared", "shared"),
    }


def test_a_source_that_changed_since_an_earlier_version_makes_its_translation_stale() -> None:
    changed = {**files(), "flows/main.yaml": FLOW.replace("en: Large", "en: Extra large")}
    states = {one.key: one.state("it") for one in entries(changed, entries())}
    assert [key for key, state in states.items() if state == "stale"] == [
        "flows/main/data/ui_schema/size/ui:enumNames/1"
    ]
    again = {**changed, "flows/main.yaml": str(changed["flows/main.yaml"]).replace("Grande", "Molto grande")}
    assert "stale" not in [one.state("it") for one in entries(again, entries())]


@pytest.mark.parametrize("form", ["po", "xliff", "csv"])
def test_what_goes_out_comes_back(form: Format) -> None:
    there = entries()
    data = written(there, form, "en", ["it"])
    back = read(data, form)
    assert {one.key: one.texts for one in back} == {
        one.key: one.texts["it"] for one in there if "it" in one.texts
    }
    assert all(one.language == "it" and one.source == _source(there, one.key) for one in back)
    text, changed = apart(None, there, back)
    assert (changed, "texts: {}" in text) == (0, True)


def _source(there: list[Entry], key: str) -> tuple[str, ...]:
    return next(one.source for one in there if one.key == key)


ODD = [Entry("flows/f/steps/a/with/text", "flows/f.yaml", 3, ('=SUM(1) "q", <b> & {{ data.x }}\nline 2 €', "'apo"), {"he": ("+שלום", "'x")}, False, {})]  # fmt: skip


@pytest.mark.parametrize("form", ["po", "xliff", "csv"])
def test_odd_texts_survive(form: Format) -> None:
    data = written(ODD, form, "en", ["he"])
    assert read(data, form) == [Given(ODD[0].key, "he", ODD[0].source, ODD[0].texts["he"], form != "csv")]


@pytest.mark.parametrize("form", ["po", "xliff", "csv"])
def test_what_nobody_looked_at_stays_stale(form: Format) -> None:
    stale = entries({**files(), "texts/it.yaml": IT.replace("from: Size", "from: Scale")})
    data = written(stale, form, "en", ["it"])
    assert apart(None, stale, read(data, form))[1] == 0
    for mark in (b"#, fuzzy\n", b"needs-review-translation"):
        data = data.replace(mark, b"")
    assert apart(None, stale, read(data, form))[1] == (form != "csv")
    assert apart(None, stale, read(data.replace(b"Misura", b"Taglia"), form))[1] == 1


def test_a_spreadsheet_runs_nothing_and_may_write_semicolons() -> None:
    data = written(ODD, "csv", "en", ["he"]).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(data)))
    assert rows[0] == ["key", "state", "source", "he"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+"))]
    given = read(b"key;source;it\r\nbot/title;Shop;Bottega\r\n", "csv")
    assert given == [Given("bot/title", "it", ("Shop",), ("Bottega",), False)]


def test_an_import_writes_what_differs_and_what_it_was_made_from() -> None:
    there = entries()
    given = [
        Given("bot/title", "it", ("Shop",), ("Bottega",)),
        Given(
            "flows/main/steps/hi/with/text", "it", ("Hi {{ contact.name }}!",), ("Ciao {{ contact.name }}!",)
        ),
        Given("flows/main/steps/var/with/text", "it", ("Old one", "Two"), ("Uno", "Due")),
        Given("flows/main/gone", "it", ("x",), ("y",)),
    ]
    known = bot.load(files()).translations
    assert len(known) == 4
    text, changed = apart(None, there, given)
    assert changed == 2
    made = {**files(), "texts/it.yaml": text}
    states = {one.key: (one.state("it"), one.texts.get("it")) for one in entries(made)}
    assert states["bot/title"] == ("translated", ("Bottega",))
    assert states["flows/main/steps/var/with/text"] == ("stale", ("Uno", "Due"))


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"\xff\xfe", "csv"),
        (b"", "csv"),
        (b"a,b\n", "csv"),
        (b'key,source,it\n"x', "csv"),
        (b"<x/>", "xliff"),
        (b"<x", "xliff"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "xliff"),
        (b'msgctxt "a"\nmsgid "x"\nmsgstr "y"\n', "po"),
        (b'msgid "x\n', "po"),
        (b"x" * (6 * 1024 * 1024), "csv"),
    ],
)
def test_a_file_that_is_none_is_refused(data: bytes, form: Any) -> None:
    with pytest.raises(TranslationsUnfit):
        read(data, form)


def test_the_direction_of_a_language() -> None:
    assert [right_to_left(tag) for tag in ("ar", "he-IL", "it", "en")] == [True, True, False, False]


def test_what_the_first_language_does_not_say_has_no_entry() -> None:
    only = FLOW.replace("{en: [One, Two], it: [Uno, Due]}", "{it: Uno}")
    keys = [one.key for one in entries({**files(), "flows/main.yaml": only})]
    assert "flows/main/steps/var/with/text" not in keys
    assert "flows/main/steps/hi/with/text" in keys


def test_a_language_has_its_file_or_would() -> None:
    read_ = bot.load({**files(), "texts/de.yml": "chatloom: texts/v1\ntexts: {}\n"})
    assert [read_.texts_path(tag) for tag in ("it", "de", "fr")] == [
        "texts/it.yaml", "texts/de.yml", "texts/fr.yaml",
    ]  # fmt: skip


def test_a_translation_of_what_is_no_text_is_named_where_it_stands() -> None:
    wrong = FLOW.replace('text: "Hi {{ contact.name }}!"', "text: Hi, link: Open")
    link = "chatloom: texts/v1\ntexts:\n  flows/main/steps/hi/with/link: Apri\n"
    assert ("F002", "texts/it.yaml", 3) in found({**files(), "flows/main.yaml": wrong, "texts/it.yaml": link})
