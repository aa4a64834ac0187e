"""Every problem has words in both languages: English ones in its class, Italian ones in the web UI's catalogue.

The classes are read from their sources: what is imported differs from run to run.
"""

import ast
import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

import orjson
import pytest

from tests.installation import ROOT

ITALIAN = ROOT / "admin_ui" / "src" / "locales" / "it" / "problems.json"
SOURCES = [
    path
    for room in ("admin_api", "flows", "keys", "schemas", "sessions", "store")
    for path in sorted((ROOT / room).rglob("*.py"))
] + [ROOT / "runtime" / "hosting.py"]  # what a number's process tells of its session
FAMILIES = {"Problem", "Misuse", "Refused", "Outside"}
PROGRAMS_ONLY = "door."  # what a vendor is answered: nobody reads it in the UI
ALWAYS = {"retry_in", "retry_in_s"}  # the UI takes it from the answer's header

Said = dict[str, str]


def declared() -> Iterator[Said]:
    """What each class of a problem says: `code`, `title`, `sentence`, where it does."""
    for path in SOURCES:
        for kind in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(kind, ast.ClassDef):
                continue
            said = {
                line.targets[0].id: line.value.value
                for line in kind.body
                if isinstance(line, ast.Assign)
                and isinstance(line.targets[0], ast.Name)
                and isinstance(line.value, ast.Constant)
                and isinstance(line.value.value, str)
            }
            if said.get("code") and kind.name not in FAMILIES and said.keys() & {"title", "sentence"}:
                yield said


@pytest.fixture(scope="module")
def known() -> dict[str, list[Said]]:
    """All of them, by code."""
    found: dict[str, list[Said]] = {}
    for said in declared():
        if not said["code"].startswith(PROGRAMS_ONLY):
            found.setdefault(said["code"], []).append(said)
    return found


def entry(code: str) -> dict[str, Any]:
    place: Any = orjson.loads(ITALIAN.read_bytes())
    for name in code.split("."):
        place = place.get(name, {}) if isinstance(place, dict) else {}
    return place


def test_every_problem_has_english_and_italian_words(known: dict[str, list[Said]]) -> None:
    assert len(known) > 130
    assert {"not_found", "conversations.file_unfit", "vault.missing"} <= known.keys()
    assert sorted(code for code in known if not {"title", "detail"} <= entry(code).keys()) == []


def test_italian_words_use_facts_that_the_problem_has(known: dict[str, list[Said]]) -> None:
    strange: dict[str, set[str]] = {}
    for code, found in known.items():
        sentences = [said["sentence"] for said in found if "sentence" in said]
        facts = {name for each in sentences for _, name, _, _ in Formatter().parse(each) if name}
        asked = set(re.findall(r"\{\{(\w+)\}\}", str(entry(code).get("detail", ""))))
        if sentences and asked - facts - ALWAYS:
            strange[code] = asked - facts
    assert strange == {}
