"""Every problem has words in both languages: English ones in its class, Italian ones in the web UI's catalogue."""

import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

import orjson
import pytest

from admin_api.app import api
from runtime import hosting
from schemas.problems import Problem
from tests.installation import ROOT

ITALIAN = ROOT / "admin_ui" / "src" / "locales" / "it" / "problems.json"
ROOMS = ("admin_api.", "flows.", "keys.", "runtime.hosting", "schemas.", "sessions.", "store.")
PROGRAMS_ONLY = "door."  # what a vendor is answered: nobody reads it in the UI
ALWAYS = {"retry_in", "detail", "title", "status"}  # what the UI knows of every problem


def kinds(kind: type[Problem] = Problem) -> Iterator[type[Problem]]:
    for each in kind.__subclasses__():
        yield each
        yield from kinds(each)


@pytest.fixture(scope="module")
def known() -> dict[str, list[type[Problem]]]:
    """All that are declared, by code: the API's routes, and a number's process with what it tells of its session."""
    assert api()
    assert hosting
    found: dict[str, list[type[Problem]]] = {}
    for kind in kinds():
        if kind.__module__.startswith(ROOMS) and not kind.code.startswith(PROGRAMS_ONLY):
            found.setdefault(kind.code, []).append(kind)
    return found


def entry(code: str) -> dict[str, Any]:
    place: Any = orjson.loads(ITALIAN.read_bytes())
    for name in code.split("."):
        place = place.get(name, {}) if isinstance(place, dict) else {}
    return place


def test_every_problem_has_english_and_italian_words(known: dict[str, list[type[Problem]]]) -> None:
    assert len(known) > 100
    assert [code for code, (kind, *_) in known.items() if not kind.title or not kind.sentence] == []
    assert sorted(code for code in known if not {"title", "detail"} <= entry(code).keys()) == []


def test_italian_words_use_facts_that_the_problem_has(known: dict[str, list[type[Problem]]]) -> None:
    strange: dict[str, set[str]] = {}
    for code, found in known.items():
        facts = {name for kind in found for _, name, _, _ in Formatter().parse(kind.sentence) if name}
        asked = set(re.findall(r"\{\{(\w+)\}\}", str(entry(code).get("detail", ""))))
        if asked - facts - ALWAYS:
            strange[code] = asked - facts
    assert strange == {}
