"""A folder's tests, played: in this process, or, where there are many, by several at once."""

import multiprocessing
import os
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from flows.bot import Bot, load
from flows.compiled import Compiled
from flows.compiler import compile
from flows.coverage import Coverage, Short, coverage, short
from flows.testing import TestResult, line_of, run_test, stubs_of
from schemas.capabilities import Capabilities
from sessions import registry

ENOUGH = 200  # tests from which on a second process is worth its start


@dataclass(frozen=True)
class Played:
    """One test: how it went, where its file failed (None: it passed), and how many seconds it took."""

    result: TestResult
    line: int | None
    seconds: float


@dataclass(frozen=True)
class TestRun:
    """All of them. `coverage` is None when only some were played."""

    __test__ = False

    tests: tuple[Played, ...]
    coverage: Coverage | None
    short: tuple[Short, ...]

    @property
    def failed(self) -> list[Played]:
        """Those that differ."""
        return [each for each in self.tests if not each.result.passed]

    @property
    def sound(self) -> bool:
        """Whether nothing is to be mended."""
        return not self.failed and not self.short


def channels() -> dict[str, Capabilities]:
    """What a test may name as its channel."""
    return {name: registry.driver(name).capabilities for name in registry.names()}


def run(bot: Bot, compiled: Compiled, only: str = "", jobs: int = 0) -> TestRun:
    """Play the tests whose file or name holds `only`. `jobs`: processes; 0: as many as are worth it."""
    wanted = [
        place
        for place, (path, read) in enumerate(bot.tests)
        if only.lower() in f"{path}: {read.document.test}".lower()
    ]
    jobs = jobs or (os.cpu_count() or 1 if len(wanted) >= ENOUGH else 1)
    if jobs > 1 and len(wanted) > 1:
        start = multiprocessing.get_context("spawn")
        share = max(1, len(wanted) // (jobs * 4))
        with ProcessPoolExecutor(jobs, start, initializer=_begin, initargs=(dict(bot.files),)) as pool:
            tests = tuple(pool.map(_play_there, wanted, chunksize=share))
    else:
        known = channels()
        tests = tuple(_play(bot, compiled, place, known) for place in wanted)
    if only:
        return TestRun(tests, None, ())
    found = coverage(compiled, (each.result for each in tests))
    return TestRun(tests, found, tuple(short(found, compiled.document.coverage)))


def _play(bot: Bot, compiled: Compiled, place: int, known: Mapping[str, Capabilities]) -> Played:
    path, read = bot.tests[place]
    began = time.perf_counter()
    result = run_test(compiled, path, read.document, known, stubs_of(bot))
    line = None if result.passed else line_of(read.source, result)
    return Played(result, line, time.perf_counter() - began)


_here: list[tuple[Bot, Compiled, dict[str, Capabilities]]] = []


def _begin(files: dict[str, str]) -> None:
    bot = load(files)
    _here.append((bot, compile(bot), channels()))


def _play_there(place: int) -> Played:
    bot, compiled, known = _here[0]
    return _play(bot, compiled, place, known)
