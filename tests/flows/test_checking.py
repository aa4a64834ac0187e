"""Each way in which a bot can be wrong is found, at its place: a table of faults put into a bot that has none."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows import bot, checking, rule
from flows.diagnostic import Diagnostic
from flows.world import World
from schemas.capabilities import Capabilities
from sessions.registry import driver

HERE = Path(__file__).parent / "faults"
FILES = {str(path.relative_to(HERE / "bot")): path.read_text() for path in (HERE / "bot").rglob("*.yaml")}
FAULTS: list[dict[str, Any]] = [
    fault for path in sorted(HERE.glob("*.yaml")) for fault in yaml.load(path.read_text(), yaml.BaseLoader)
]
LONG = "A thousand characters and some more. " * 28
CHANNELS = {
    "cloud_api": driver("cloud_api").capabilities,
    "telegraph": Capabilities("telegraph", media=frozenset(("image",))),
}


def world(fault: dict[str, Any]) -> World:
    return World(
        channels=tuple(CHANNELS[name] for name in fault.get("channels", ["cloud_api"])),
        teams=frozenset(fault["teams"]) if "teams" in fault else None,
        people=frozenset(fault["people"]) if "people" in fault else None,
        templates=frozenset(fault["templates"]) if "templates" in fault else None,
        secrets=frozenset(fault["secrets"]) if "secrets" in fault else None,
        contact_fields=fault.get("contact_fields"),
    )


def changed(files: dict[str, str], path: str, change: list[str] | None) -> dict[str, str]:
    if change is None:
        return files
    old, new = change
    assert files[path].count(old) == 1, f"{old!r} stands {files[path].count(old)} times in {path}"
    return {**files, path: files[path].replace(old, new.replace("{long}", LONG))}


def test_the_bot_without_faults_has_none() -> None:
    assert checking.check(bot.load(FILES), world({})) == []


def test_a_template_and_a_person_that_are_known_are_no_fault() -> None:
    step = ["    action: send\n    with: {text: {en: Bye, it: Ciao}}", ""]
    for made in ("template\n    with: {name: bye}", "task\n    with: {title: Call, person: a@example.com}"):
        files = changed(FILES, "flows/intake.yaml", [step[0], f"    action: {made}"])
        found = checking.check(bot.load(files), world({"templates": ["bye"], "people": ["a@example.com"]}))
        assert {one.code for one in found} & {"F165", "F166"} == set()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["code"])
def test_each_fault_is_found_at_its_place(fault: dict[str, Any]) -> None:
    path = fault.get("file", "flows/intake.yaml")
    files = changed(FILES, path, fault.get("change"))
    files = changed(files, "bot.yaml", fault.get("bot"))
    where = fault.get("at") or f"{path}:{line_of(files[path], fault['line_of'])}"
    found = checking.check(bot.load(files), world(fault))
    hits = [one for one in found if one.code == fault["code"] and f"{one.file}:{one.line}" == where]
    assert hits, "\n".join([f"{fault['code']} at {where} is not among:", *(f"{d.code} {d}" for d in found)])
    assert fault.get("says", "") in str(hits[0])


def line_of(text: str, part: str) -> int:
    assert text.count(part) == 1, f"{part!r} stands {text.count(part)} times"
    return text[: text.index(part)].count("\n") + 1


def test_every_rule_has_a_fault() -> None:
    assert [one.code for one in rule.rules() if one.code not in {fault["code"] for fault in FAULTS}] == []


def test_the_docs_name_every_code() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs/authoring/checks.md").read_text()
    for one in rule.rules():
        assert f"| {one.code} | {one.severity} | {one.sentence} |" in page
    source = "".join(path.read_text() for path in (root / "flows").rglob("*.py"))
    codes = set(re.findall(r'"([DEF]\d{3})"', source))
    assert sorted(code for code in codes if f"| {code} |" not in page) == []


def test_diagnostics_come_in_order_and_once() -> None:
    files = {
        **FILES,
        "flows/intake.yaml": FILES["flows/intake.yaml"].replace("{{ data.name }}", "{{ data.nme }}"),
    }
    found = checking.check(bot.load(files), world({}))
    assert found == sorted(found, key=lambda one: (one.file, one.line, one.column))
    assert len(found) == len(set(found))


def test_what_is_remembered_does_not_go_stale() -> None:
    first = checking.check(bot.load(FILES), world({}))
    known = checking.check(bot.load(FILES), world({"teams": ["support"]}))
    assert (codes(first), codes(known)) == ([], ["F168", "F167"])
    french = {**FILES, "bot.yaml": FILES["bot.yaml"].replace("[en, it]", "[en, it, fr]")}
    assert "F120" in codes(checking.check(bot.load(french), world({})))
    assert checking.check(bot.load(FILES), world({})) == []


def test_a_guard_or_a_way_that_sets_the_field_is_enough() -> None:
    tests = {
        "has(data.note) && data.note.size() > 5": True,
        "data.?note.orValue('').size() > 5": True,
        "data.name.size() > 5": True,
        "data.note.size() > 5": False,
    }
    for text, good in tests.items():
        files = changed(FILES, "flows/intake.yaml", ["data.size > 5", f'"{text}"'])
        assert ("F170" not in codes(checking.check(bot.load(files), world({})))) is good, text


def test_a_case_that_tests_a_field_assures_it_to_the_step_it_leads_to() -> None:
    change = [
        "cases: {large: data.size > 5}\n    then: {large: person}",
        "cases: {large: has(data.note)}\n    then: {large: person}",
    ]
    guarded = changed(FILES, "flows/intake.yaml", change)
    # person is also where every failure leads, where nothing is sure
    inserted = ["team: sales}", 'team: sales, note: "{{ data.note + data.name }}"}']
    assert "F170" in codes(
        checking.check(bot.load(changed(guarded, "flows/intake.yaml", inserted)), world({}))
    )
    only = {
        **guarded,
        "flows/intake.yaml": guarded["flows/intake.yaml"].replace("failed: person, ", "failed: stop, "),
    }
    assert "F170" not in codes(
        checking.check(bot.load(changed(only, "flows/intake.yaml", inserted)), world({}))
    )


def test_choices_that_are_a_list_in_one_language_since_they_say_more_there_are_left_alone() -> None:
    change = [
        'yes: {en: "Yes", it: "Sì"}',
        'yes: {title: {en: "Yes", it: "Sì"}, description: {en: "", it: Subito}}',
    ]
    assert checking.check(bot.load(changed(FILES, "flows/intake.yaml", change)), world({})) == []


def codes(found: list[Diagnostic]) -> list[str]:
    return [one.code for one in found]
