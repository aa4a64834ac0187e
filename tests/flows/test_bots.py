"""The bots in `bots/` (samples, tutorial, cookbook): nothing is wrong with them, and their tests reach every step in
every language."""

from pathlib import Path

import pytest

from flows import bot, compiler
from flows.checking import check
from flows.coverage import coverage
from flows.testing import run_tests
from flows.world import World
from sessions import registry
from sessions.whatsapp import BUSINESS

FOLDER = Path(__file__).parents[2] / "bots"
BOTS = sorted(path.parent for path in FOLDER.glob("*/bot.yaml"))
TUTORIAL = sorted(path.parent for path in FOLDER.glob("tutorial/*/bot.yaml"))
COOKBOOK = sorted(path.parent for path in FOLDER.glob("cookbook/*/bot.yaml"))
CHANNELS = {name: registry.driver(name).capabilities for name in registry.names()}


@pytest.mark.parametrize("folder", BOTS, ids=lambda folder: folder.name)
def test_a_sample_bot_is_whole(folder: Path) -> None:
    is_whole(folder)


def test_each_stage_of_the_tutorial_is_whole() -> None:
    assert len(TUTORIAL) == 4
    for folder in TUTORIAL:
        is_whole(folder)


def test_each_recipe_of_the_cookbook_is_whole() -> None:
    assert len(COOKBOOK) == 15
    for folder in COOKBOOK:
        is_whole(folder)


def is_whole(folder: Path) -> None:
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    read = bot.load(files)
    assert [str(one) for one in check(read, World(channels=(BUSINESS,)))] == [], folder.name
    compiled = compiler.compile(read)

    results = run_tests(compiled, read, CHANNELS)
    assert [f"{one.file}:{one.line}: {one.failure}" for one in results if not one.passed] == [], folder.name
    reached = coverage(compiled, results)
    assert reached.missed_steps == (), folder.name
    assert reached.missed_languages == (), folder.name


def test_the_smallest_bot_is_small() -> None:
    folder = next(folder for folder in BOTS if folder.name == "hello")
    assert len((folder / "flows" / "hello.yaml").read_text().splitlines()) <= 12
