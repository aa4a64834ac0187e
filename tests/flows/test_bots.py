"""The sample bots: nothing is wrong with them, and their tests reach every step in every language."""

from pathlib import Path

import pytest

from flows import bot, compiler
from flows.checking import check
from flows.testing import coverage, run_tests
from flows.world import World
from sessions.whatsapp import BUSINESS
from tests.flows.talks import CHANNELS

BOTS = sorted(path for path in (Path(__file__).parents[2] / "bots").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", BOTS, ids=lambda folder: folder.name)
def test_a_sample_bot_is_whole(folder: Path) -> None:
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    read = bot.load(files)
    assert [str(one) for one in check(read, World(channels=(BUSINESS,)))] == []
    compiled = compiler.compile(read)

    results = run_tests(compiled, read, CHANNELS)
    assert [f"{one.file}:{one.line}: {one.failure}" for one in results if not one.passed] == []
    reached = coverage(compiled, results)
    assert reached.missed_steps == ()
    assert reached.missed_languages == ()


def test_the_smallest_bot_is_small() -> None:
    folder = next(folder for folder in BOTS if folder.name == "hello")
    assert len((folder / "flows" / "hello.yaml").read_text().splitlines()) <= 12
