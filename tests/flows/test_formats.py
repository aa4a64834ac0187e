"""Values as a contact reads them: days, numbers, money, plurals, lists, names, in his language and time zone."""

import datetime as dt
from typing import Any

import pytest

from flows.cel import Compiled, compile, evaluate
from flows.diagnostic import Diagnostic
from flows.place import Place
from flows.scopes import scope_of
from flows.values import EvaluationFailed

DATA = {
    "type": "object",
    "properties": {
        "day": {"type": "string"},
        "price": {"type": "number"},
        "n": {"type": "integer"},
        "names": {"type": "array", "items": {"type": "string"}},
    },
}
SCOPE = scope_of(DATA, {})
NOW = dt.datetime(2026, 11, 26, 23, 30, tzinfo=dt.UTC)
ROME = "Europe/Rome"
WRITTEN: list[tuple[str, str, str]] = [
    ("date(now)", "en", "November 27, 2026"), ("date(now)", "it", "27 novembre 2026"),
    ("date(now, 'full')", "it", "venerdì 27 novembre 2026"), ("date(now, 'short')", "de", "27.11.26"),
    ("date('2026-12-24')", "it", "24 dicembre 2026"), ("date('2026-12-24T23:30:00Z')", "it", "25 dicembre 2026"),
    ("date('2026-12-24', 'MMMMd')", "en", "December 24"), ("date('2026-12-24', 'MMMMd')", "it", "24 dicembre"),
    ("date('2026-12-24', 'EEEE')", "en", "Thursday"), ("date('2026-12-24', 'd MMMM')", "en", "24 December"),
    ("date('soon')", "it", "soon"), ("date('2026-12-24', 'b' + 'anana')", "en", "Dec 24, 2026"), ("date('2026-12-24', 'dd' + 'dd')", "en", "Dec 24, 2026"), ("date('9999-12-31T23:59:00Z')", "en", "9999-12-31T23:59:00Z"),
    ("time(now)", "it", "00:30"), ("time('18:30')", "en", "6:30 PM"), ("time('18:30:00Z')", "it", "18:30"), ("time('2026-12-24T18:30')", "de", "18:30"), ("time('late')", "de", "late"),
    ("datetime('2026-12-24T18:30', 'short')", "it", "24/12/26, 18:30"), ("datetime('?')", "it", "?"),
    ("decimal(1234.5)", "en", "1,234.5"), ("decimal(1234.5, 2)", "it", "1.234,50"), ("decimal(3, 0)", "it", "3"), ("decimal(data.n)", "it", "2"),
    ("percent(0.256)", "en", "26%"), ("percent(0.256, 1)", "de", "25,6 %"), ("percent(1)", "it", "100%"),
    ("money(1234.5, 'EUR')", "it", "1.234,50 €"), ("money(data.price, 'USD')", "en", "$2.50"), ("money(3, 'JPY')", "en", "¥3"),
    ("plural(data.n, {'one': '# guest', 'other': '# guests'})", "en", "2 guests"), ("plural(1, {'one': '# ospite', 'other': '# ospiti'})", "it", "1 ospite"),
    ("plural(0, {'=0': 'nobody', 'other': '#'})", "en", "nobody"), ("plural(2, {'few': '# few', 'other': '#'})", "ru", "2 few"), ("plural(2.5, {'a' + 'b': '#'})", "en", "2.5"),
    ("listed(data.names)", "it", "Anna, Luca e Mia"), ("listed(data.names, 'or')", "en", "Anna, Luca, or Mia"), ("listed([1, 'a', true])", "en", "1, a, and True"),
    ("'IT60X0542811101'.mask()", "en", "•••••••••••1101"), ("'12-34'.mask(2)", "en", "••-34"), ("'123'.mask()", "en", "•••"), ("'anna@example.com'.mask()", "en", "a•••@example.com"),
    ("'Anna Rossi'.firstName()", "en", "Anna"), ("'dott. ROSSI, anna maria'.firstName()", "it", "Anna"), ("'Dr. Bob McDonald'.firstName()", "en", "Bob"), ("'+39 06'.firstName()", "en", "+39 06"), ("'🌸 anna 🌸'.firstName()", "en", "Anna"),
    ("\"anna D'ANGELO it's\".titleCase()", "en", "Anna D'Angelo It's"), ("'PERCHÉ'.lower()", "it", "perché"), ("'perché'.upper()", "it", "PERCHÉ"),
    ("data.names.map(n, n.upper())[0]", "it", "ANNA"), ("date(data.?day.orValue('today'))", "it", "today"),
]  # fmt: skip
REFUSED: list[tuple[str, str]] = [
    ("money(3, 'EURO')", "no currency 'EURO'"), ("date(now, 'banana')", "'banana' is no style"), ("time('9:00', 'soon')", "no style"), ("datetime(now, 'shrt')", "no style"),
    ("plural(2, {'one': 'x'})", "'other'"), ("listed(['a'], 'nor')", "'and' or 'or'"), ("mony(1, 'EUR')", "did you mean 'money'"),
    ("money('three', 'EUR')", "(string, string)"), ("data.price.firstName()", "(double)"), ("date(data.price)", "(double)"), ("'a' + money(1, 'EURO')", "no currency"),
]  # fmt: skip


def compiled(text: str) -> Compiled:
    made = compile(text, SCOPE, Place())
    assert isinstance(made, Compiled), made
    return made


def given(language: str) -> dict[str, Any]:
    data = {"price": 2.5, "n": 2, "names": ["Anna", "Luca", "Mia"]}
    return {"data": data, "now": NOW, "contact": {"language": language, "timezone": ROME}}


@pytest.mark.parametrize(("text", "language", "said"), WRITTEN)
def test_writes(text: str, language: str, said: str) -> None:
    assert " ".join(evaluate(compiled(text), given(language)).split()) == said


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_refuses_what_is_written_out_wrongly(text: str, why: str) -> None:
    made = compile(text, SCOPE, Place("f.yaml", 3, 7))
    assert isinstance(made, Diagnostic)
    assert why in str(made)
    assert (made.line, made.column >= 7) == (3, True)


@pytest.mark.parametrize("text", ["date(data.day)", "money(1.0 / 0.0, 'EUR')"])
def test_what_has_no_value_says_so(text: str) -> None:
    with pytest.raises(EvaluationFailed):
        evaluate(compiled(text), given("en"))


def test_without_a_contact_it_is_english_and_utc() -> None:
    assert evaluate(compiled("date(now)"), {"now": NOW}) == "November 26, 2026"
