"""Exports of other makers become bots that load, check without errors, and say what they said before.

The exports in `tests/data/imports/` were written for these tests, in the shapes of real ones, of which none is kept here:
docs/language/coming-from.md says on which the importers were tried by hand. Each export has a talk beside it, and the
findings that it must give.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import bot, compiler
from flows.checking import check
from flows.document import Source, parse
from flows.testing import run_test
from flows.world import World
from importers import VENDORS
from importers.imported import ExportUnfit, Imported
from schemas.flow import ConversationTest
from sessions import registry
from sessions.whatsapp import BUSINESS

FOLDER = Path(__file__).parents[1] / "data" / "imports"
EXPORTS = sorted(FOLDER.glob("*/*.json"))
CHANNELS = {"cloud_api": registry.driver("cloud_api").capabilities}
FINDINGS: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "findings.yaml").read_text())
NASTY = [
    "{{", "}}", "{{{{x}}", "{{ }}", "{{x|", "{%", "@(", "@@", "@results.", "@results.stop", "@contact.fields.class",
    "@(upper(", "-1", "0", "1e9", "9" * 400, "\ud800", "\x00", "\u2028", "a" * 5000, "stop", "if", "in", "", " ", "\n",
    "a: b", "yes", "<<", "&a", "*", '"', "\\", "data.a.b", "{{flow.data.in}}", "{{widgets.a-b.parsed.1}}", "100 + (",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def imported(path: Path) -> Imported:
    return VENDORS[path.parent.name](json.loads(path.read_text()), path.stem)


def errors(made: Imported) -> list[str]:
    found = check(bot.load(made.files), World(channels=(BUSINESS,)))
    return [str(one) for one in found if one.severity == "error"]


@pytest.mark.parametrize("path", EXPORTS, ids=name_of)
def test_an_export_becomes_a_bot_that_talks(path: Path) -> None:
    made = imported(path)
    assert errors(made) == []
    read = bot.load(made.files)
    assert read.diagnostics == ()
    compiled = compiler.compile(read)
    source = parse("talk.yaml", path.with_suffix(".talk.yaml").read_text())
    assert isinstance(source, Source), source
    result = run_test(compiled, "talk.yaml", ConversationTest.model_validate(source.value), CHANNELS)
    assert result.passed, (result.line, result.failure, result.transcript)
    assert [f"{one.at}: {one.what}" for one in made.findings] == (FINDINGS[name_of(path)] or [])
    assert ("IMPORT.md" in made.files) is bool(made.findings)


def test_three_exports_of_each_vendor_are_tried() -> None:
    tried = [path.parent.name for path in EXPORTS]
    assert all(tried.count(vendor) >= 3 for vendor in VENDORS)


@pytest.mark.parametrize(
    ("vendor", "exported", "at"),
    [
        ("typebot", [], "the file"),
        ("typebot", {"groups": [], "edges": []}, "events"),
        (
            "typebot",
            {"groups": [{"id": "a", "blocks": [{"type": "text"}]}], "edges": []},
            "groups.0.blocks.0.id",
        ),
        ("typebot", {"groups": [], "edges": [{"id": "e", "to": {}}]}, "edges.0.to.groupId"),
        ("twilio", {"states": {}}, "states"),
        ("twilio", {"states": []}, "initial_state"),
        (
            "twilio",
            {"states": [{"name": "a", "type": "trigger", "transitions": [{}]}]},
            "states.0.transitions.0.event",
        ),
        ("textit", {"flows": []}, "flows"),
        (
            "textit",
            {"flows": [{"uuid": "a", "name": "b", "nodes": [{"uuid": "c"}]}]},
            "flows.0.nodes.0.exits",
        ),
        ("textit", {"version": "11", "flows": [{"action_sets": [], "rule_sets": []}]}, "flows.0"),
    ],
)
def test_what_is_no_export_is_refused_by_place(vendor: str, exported: Any, at: str) -> None:
    with pytest.raises(ExportUnfit) as refused:
        VENDORS[vendor](exported, "b")
    assert refused.value.facts["at"] == at


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, one in inner for each in places(one, (*path, key)))]


def found(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_broken_export_is_refused_or_becomes_a_bot_without_errors(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(EXPORTS))
    exported = json.loads(path.read_text())
    for _ in range(data.draw(st.integers(1, 3))):
        known = places(exported)
        scalars = [path for path in known if path and not isinstance(found(exported, path), dict | list)]
        at = data.draw(st.sampled_from(scalars or known) | st.sampled_from(known))
        other = data.draw(st.sampled_from(known))
        new = st.just(found(exported, other)) | st.sampled_from(NASTY) | JSON
        exported = put(exported, at, data.draw(new))
    assert outcome(path, exported) == []


def outcome(path: Path, exported: Any) -> list[str]:
    """What is wrong: errors of the bot, or a refusal that names no place."""
    try:
        return errors(VENDORS[path.parent.name](exported, path.stem))
    except ExportUnfit as refused:
        return [] if refused.facts["at"] and refused.facts["why"] else ["refused without a place"]
