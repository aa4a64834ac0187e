"""Faults seeded into the sample bots: each is found before it is published, by check, test, coverage, replay or migration."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from flows import bot, checking, compiler
from flows.bot import Bot
from flows.compiled import Compiled
from flows.coverage import coverage
from flows.migration import misfits
from flows.testing import run_tests
from flows.world import World
from sessions.whatsapp import BUSINESS
from tests.flows.talks import CHANNELS
from tests.flows.test_replay import Recorder, again

BOTS = Path(__file__).parents[2] / "bots"
SEEDED: list[dict[str, Any]] = yaml.load((Path(__file__).parent / "seeded.yaml").read_text(), yaml.BaseLoader)
WORLD = World((BUSINESS,), teams=frozenset(("support", "dining-room")), secrets=frozenset(("shop_token",)))


def files(name: str) -> dict[str, bytes | str]:
    folder = BOTS / name
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.yaml")}


def seeded(fault: dict[str, Any]) -> Bot:
    given = files(fault["bot"])
    for key in ("before", "change", "also"):
        if key in fault:
            old, new = fault[key]
            text = str(given[fault["file"]])
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
            given[fault["file"]] = text.replace(old, new)
    return bot.load(given)


def by(kind: str) -> list[Any]:
    return [pytest.param(fault, id=fault["it"]) for fault in SEEDED if kind in fault]


def original(fault: dict[str, Any]) -> Compiled:
    return compiler.compile(bot.load(files(fault["bot"])), version=1)


@pytest.mark.parametrize("fault", by("check"))
def test_check_finds(fault: dict[str, Any]) -> None:
    assert checking.check(bot.load(files(fault["bot"])), WORLD) == []
    found = checking.check(seeded(fault), WORLD)
    hits = [one for one in found if one.code == fault["check"] and one.file == fault["file"]]
    assert hits, "\n".join(f"{one.code} {one}" for one in found)
    assert any(fault["says"] in str(one) for one in hits), hits


@pytest.mark.parametrize("fault", by("test"))
def test_the_tests_find(fault: dict[str, Any]) -> None:
    folder = seeded(fault)
    assert checking.check(folder, WORLD) == []
    results = run_tests(compiler.compile(folder), folder, CHANNELS)
    failed = {one.file: one.failure for one in results if not one.passed}
    assert fault["says"] in failed.get(fault["test"], ""), failed


@pytest.mark.parametrize("fault", by("coverage"))
def test_coverage_finds(fault: dict[str, Any]) -> None:
    folder = seeded(fault)
    compiled = compiler.compile(folder)
    results = run_tests(compiled, folder, CHANNELS)
    assert coverage(compiled, results).missed_steps == (fault["coverage"],)


@pytest.mark.parametrize("fault", by("replay"))
def test_replay_finds(fault: dict[str, Any]) -> None:
    folder, made_by = seeded(fault), original(fault)
    assert checking.check(folder, WORLD) == []
    talked = Recorder(made_by)
    for said in fault["talk"]:
        talked.say(said)
    assert again(talked, made_by, made_by).verdict == "same"
    assert again(talked, compiler.compile(folder, version=2), made_by).verdict == fault["replay"]


@pytest.mark.parametrize("fault", by("migration"))
def test_the_trial_of_a_migration_finds(fault: dict[str, Any]) -> None:
    folder, old = seeded(fault), original(fault)
    assert checking.check(folder, WORLD) == []
    talked = Recorder(old)
    for said in fault["talk"]:
        talked.say(said)
    run = talked.talk.state.run
    assert run is not None
    assert [str(one) for one in misfits(old, compiler.compile(folder, version=2), run)] == [
        fault["migration"]
    ]


def test_there_are_twenty_and_more() -> None:
    kinds = ("check", "test", "coverage", "replay", "migration")
    assert len(SEEDED) >= 20
    assert all(by(kind) for kind in kinds)
    assert all(sum(kind in fault for kind in kinds) == 1 for fault in SEEDED)
