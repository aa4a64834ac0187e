"""A hundred things that contacts write, and what a form makes of them; the table names those that it gets wrong."""

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows import document
from flows.answers import Here, Wrong, read_answer
from flows.form import fields_of
from flows.moments import read_moment
from flows.words import Shown, match_choice

TABLE = Path(__file__).parent / "phrases.yaml"
NOW = dt.datetime(2026, 11, 25, 10, tzinfo=ZoneInfo("Europe/Rome"))
FORMATS = {"moment": "date-time"}
COLOURS = [Shown(key, key, title) for key, title in (("red", "Red"), ("green", "Green"), ("blue", "Blue"))]


def understood(kind: str, language: str, said: str) -> Any:
    """The value that a form would keep, None when it would ask again."""
    if kind == "choice":
        return match_choice(said, "", COLOURS)
    plain = kind in ("integer", "number", "boolean")
    schema = {"type": kind} if plain else {"type": "string", "format": FORMATS.get(kind, kind)}
    field = fields_of({"properties": {"f": schema}}, {})["f"]
    value = read_answer(field, said, Here(NOW, language))
    return None if isinstance(value, Wrong) else value


def rows() -> list[Any]:
    source = document.parse(TABLE.name, TABLE.read_bytes()) if TABLE.exists() else None
    return source.value if isinstance(source, document.Source) else []


@pytest.mark.parametrize("row", [pytest.param(row, id=row["said"]) for row in rows()])
def test_a_phrase(row: dict[str, Any]) -> None:
    assert understood(row["kind"], row["in"], row["said"]) == row.get("wrong", row["means"])


def test_the_table_is_as_large_as_it_says_and_mostly_right() -> None:
    table = rows()
    assert len(table) >= 100
    assert {row["in"] for row in table} == {"en", "it"}
    assert all("wrong" not in row or row["wrong"] != row["means"] for row in table)
    assert sum("wrong" in row for row in table) <= len(table) // 6


def test_a_number_in_a_language_that_nobody_knows_has_points_for_decimals() -> None:
    assert [understood("number", "xx", said) for said in ("1.234", "1,234")] == [1.234, 1234]


def test_libraries_that_few_forms_need_are_loaded_when_one_does() -> None:
    asked = """
import sys
import flows.actions.collect
print([name for name in ("babel", "dateparser", "phonenumbers") if name in sys.modules])
"""
    heard = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert heard.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("language", "said", "means"),
    [
        ("de", "morgen", "2026-11-26"),
        ("fr", "le 3 mars", "2027-03-03"),
        ("xx", "morgen", None),
        ("de", "vielleicht", None),
    ],
)
def test_a_day_in_another_language(language: str, said: str, means: str | None) -> None:
    assert understood("date", language, said) == means


def test_a_moment_in_another_language() -> None:
    assert understood("moment", "de", "morgen 17:30") == "2026-11-26T17:30:00+01:00"


@pytest.mark.parametrize(
    ("now", "means"),
    [
        (dt.datetime(2027, 3, 28, 1, 30), "2027-03-28T03:30:00+02:00"),
        (dt.datetime(2026, 10, 25, 1, 30), "2026-10-25T02:30:00+02:00"),
    ],
)
def test_hours_pass_as_they_do_when_the_clocks_change(now: dt.datetime, means: str) -> None:
    found = read_moment("in an hour", now.replace(tzinfo=ZoneInfo("Europe/Rome")), "en")
    assert found is not None
    assert found.isoformat() == means
