"""Plural forms for translators: taken apart by the forms of a language, and put together from what comes back."""

import csv
import io

import pytest

from flows import bot, compiler
from flows.catalogue import Entry, catalogue
from flows.plurals import categories, joined, plural_in
from flows.translation_files import Format, Given, TranslationsUnfit, apart, read, written

GUESTS = "A table for {{ plural(data.n, {'one': '# guest', 'other': '# guests'}) }}, {{ contact.name }}."
LEFT = "{{ plural(data.n, {'=0': 'Nothing is left', 'one': 'One is left', 'other': '# are left'}) }}"
KEY, OTHER = "flows/f/steps/a/with/text", "flows/f/steps/b/with/text"
NAME = f"{KEY}#plural(data.n)"


def entry(key: str, source: str, **texts: str) -> Entry:
    return Entry(key, "flows/f.yaml", 3, (source,), {tag: (text,) for tag, text in texts.items()}, False, {})


def test_a_translator_gets_the_forms_of_his_language() -> None:
    data = written([entry(KEY, GUESTS)], "po", "en", ["pl"]).decode()
    assert "nplurals=3" in data
    assert f'msgctxt "{NAME}"' in data
    assert 'msgid "A table for # guest, {{ contact.name }}."' in data
    assert 'msgid_plural "A table for # guests, {{ contact.name }}."' in data
    assert data.count("msgstr[") == 3
    filled = data
    for place, said in enumerate(("gościa", "gości", "gości")):
        whole = f"Stolik dla # {said}, {{{{ contact.name }}}}."
        filled = filled.replace(f'msgstr[{place}] ""', f'msgstr[{place}] "{whole}"')
    (given,) = read(filled.encode(), "po")
    assert given == Given(
        KEY,
        "pl",
        (GUESTS,),
        (
            "Stolik dla {{ plural(data.n, {'one': '# gościa', 'few': '# gości', 'many': '# gości', 'other': '# gości'}) }}, {{ contact.name }}.",
        ),
    )


TRANSLATED = [
    entry(
        KEY,
        GUESTS,
        it=GUESTS.replace("guests", "persone").replace("guest", "persona"),
        pl="{{ plural(data.n, {\"one\": \"# gość\", \"few\": \"# goście\", \"many\": \"# gości\", \"other\": \"# gościa\"}) }}, {{ contact.name }}",
        ar="{{ plural(data.n, {'zero': 'لا ضيوف', 'one': 'ضيف', 'two': 'ضيفان', 'few': '# ضيوف', 'many': '# ضيفا', 'other': '# ضيف'}) }} {{ contact.name }}",
        he="{{ plural(data.n, {'one': 'אורח', 'two': 'שני אורחים', 'other': '# אורחים'}) }} {{ contact.name }}",
        ja="{{ contact.name }}様、{{ data.n }}名",
    ),
    entry(OTHER, LEFT, it="{{ plural(data.n, {'=0': 'Non resta niente', 'one': 'Ne resta uno', 'other': 'Ne restano #'}) }}"),
    entry("bot/title", "It's \"ours\"", it="È 'nostro'"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["po", "xliff", "csv"])
@pytest.mark.parametrize("language", ["it", "pl", "ar", "he", "ja"])
def test_what_goes_out_comes_back(form: Format, language: str) -> None:
    data = written(TRANSLATED, form, "en", [language])
    back = read(data, form)
    assert {one.key for one in back} == {one.key for one in TRANSLATED if language in one.texts}
    assert apart(None, TRANSLATED, back)[1] == 0
    told = data.replace("gościa".encode(), "gościu".encode()).replace(b"persona", b"ospite")
    changed = apart(None, TRANSLATED, read(told.replace("אורחים".encode(), "חברים".encode()), form))[1]
    assert changed == (language in ("it", "pl", "he"))


def test_a_table_has_a_row_for_each_form_of_any_of_its_languages() -> None:
    data = written(TRANSLATED[:1], "csv", "en", ["it", "pl"]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(data)))
    assert [(row["key"], bool(row["it"]), bool(row["pl"])) for row in rows] == [
        (f"{NAME}[one]", True, True),
        (f"{NAME}[other]", True, True),
        (f"{NAME}[few]", False, True),
        (f"{NAME}[many]", False, True),
    ]
    assert rows[0]["source"] == "A table for # guest, {{ contact.name }}."


def test_xliff_holds_the_forms_of_a_text_as_a_group() -> None:
    data = written(TRANSLATED, "xliff", "en", ["it"]).decode()
    assert f'<group id="{KEY}" restype="x-gettext-plurals">' in data
    assert data.count("<group") == 2
    assert data.count("<trans-unit") == 6


def test_a_source_that_has_more_forms_than_gettext_shows_is_still_the_same() -> None:
    polish = entry(KEY, TRANSLATED[0].texts["pl"][0])
    data = written([polish], "po", "pl", ["en"]).decode()
    data = data.replace('msgstr[0] ""', 'msgstr[0] "# guest, {{ contact.name }}"')
    data = data.replace('msgstr[1] ""', 'msgstr[1] "# guests, {{ contact.name }}"')
    text, changed = apart(None, [polish], read(data.encode(), "po"))
    assert changed == 1
    assert "few" in text.partition("to:")[0]


def test_an_imported_plural_compiles_and_is_no_news_the_next_time() -> None:
    data = written(TRANSLATED[:1], "po", "en", ["pl"])
    files: dict[str, bytes | str] = {
        "bot.yaml": "{chatloom: bot/v1, id: b, languages: [en, pl], flows: [f], fallback: f}",
        "flows/f.yaml": "chatloom: flow/v1\nid: f\ndata: {schema: {type: object, properties: {n: {type: integer, default: 2}}}}\n"
        f'steps: [{{id: a, action: send, with: {{text: {{en: "{GUESTS}"}}}}}}]\n',
    }
    read_ = bot.load(files)
    there = catalogue(read_, compiler.compile(read_))
    files["texts/pl.yaml"], changed = apart(None, there, read(data, "po"))
    assert changed == 1
    again = bot.load(files)
    now = catalogue(again, compiler.compile(again))
    assert apart(again.texts["pl"].document, now, read(data, "po"))[1] == 0


@pytest.mark.parametrize(
    "text",
    [
        "no plural, # and {{ data.n }}",
        "Order #7: {{ plural(data.n, {'one': 'a', 'other': 'b'}) }}",
        "{{ plural(data.n, {'one': 'a', 'other': 'b'}) }}{{ plural(data.m, {'other': 'c'}) }}",
        "{{ plural(data.n, {'one': 'a'}) }}",
        "{{ plural(data.n, {'one': '\\x41', 'other': 'b'}) }}",
        "{{ plural(data.n, {'one': '{{ x }}', 'other': 'b'}) }}",
        "{{ plural(data.n, data.forms) }}",
        "{{ plural(1, {'other': 'b'}) + plural(data.n, {'other': 'b'}) }}",
        "{{ plural(data.n), 2, {'other': 'b'}) }}",
    ],
)
def test_what_whole_texts_cannot_say_stays_one_unit(text: str) -> None:
    assert plural_in(text) is None
    assert b"msgid_plural" not in written([entry(KEY, text)], "po", "en", ["it"])


def test_a_translation_that_goes_by_another_number_stays_one_unit() -> None:
    other = entry(KEY, GUESTS, it="{{ plural(data.m, {'other': 'x'}) }}")
    assert b"msgid_plural" not in written([other], "po", "en", ["it"])
    assert b"msgid_plural" not in written([entry(KEY, GUESTS, it="#1")], "po", "en", ["it"])


def test_forms_that_insert_other_values_are_refused_by_name() -> None:
    data = f"key,source,it\n{NAME}[one],a,{{{{ contact.name }}}}\n{NAME}[other],b,c\n".encode()
    with pytest.raises(
        TranslationsUnfit, match="the forms of flows/f/steps/a/with/text insert different values"
    ):
        read(data, "csv")


def test_a_po_file_whose_plurals_are_no_formula_is_refused() -> None:
    data = written(TRANSLATED, "po", "en", ["it"]).replace(b"(n != 1)", b"(n *** 1)")
    with pytest.raises(TranslationsUnfit):
        read(data, "po")


def test_what_all_forms_share_stands_once() -> None:
    assert joined("n", {"one": "same", "other": "same"}) == "same"
    assert (
        joined("n", {"one": "a\t'# x'.", "other": "a\t'# y'."})
        == "{{ plural(n, {'one': 'a\\t\\'# x', 'other': 'a\\t\\'# y'}) }}'."
    )
    twice = "{{ plural(n, {'one': '# is', 'other': '# are'}) }} {{ a }} {{ plural(n, {'one': 'it', 'other': 'they'}) }}"
    assert joined("n", {"one": "# is {{ a }} it", "other": "# are {{ a }} they"}) == twice
    found = plural_in(twice)
    assert found is not None
    assert joined(found.number, found.forms) == twice


def test_the_number_may_be_any_expression() -> None:
    found = plural_in("{{ plural(size(data.list.map(x, [x, 1])), {'one': 'a', 'other': 'b'}) }}")
    assert found is not None
    assert found.number == "size(data.list.map(x, [x, 1]))"


def test_the_forms_of_whole_numbers() -> None:
    assert categories("it") == ("one", "other")
    assert categories("pl") == ("one", "few", "many")
    assert categories("ar") == ("zero", "one", "two", "few", "many", "other")
