"""Conversation tests: talks written down, played against the engine, and what they did not reach."""

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from flows.bot import Bot
from flows.compiled import Compiled
from flows.document import Source
from flows.simulation import Simulation
from flows.talk import Differs, Spoken, Talk
from schemas.capabilities import Capabilities
from schemas.flow import ConversationTest


@dataclass(frozen=True, slots=True)
class TestResult:
    """How one test went. `failure` is empty when it passed; `line` is the line of `talk` that failed."""

    __test__ = False

    file: str
    name: str
    failure: str
    line: int | None
    transcript: tuple[Spoken, ...]
    reached: frozenset[tuple[str, str, str]]
    languages: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        return not self.failure


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the tests reached. Steps are `flow.step`, outcomes `flow.step:outcome`; languages are the bot's."""

    steps: int
    outcomes: int
    missed_steps: tuple[str, ...]
    missed_outcomes: tuple[str, ...]
    missed_languages: tuple[str, ...] = ()


def run_tests(compiled: Compiled, bot: Bot, channels: Mapping[str, Capabilities]) -> list[TestResult]:
    """Play every test of a bot folder."""
    return [run_test(compiled, path, read.document, channels) for path, read in bot.tests]


def run_test(
    compiled: Compiled, path: str, test: ConversationTest, channels: Mapping[str, Capabilities]
) -> TestResult:
    """Play one test."""
    failure, line = "", None
    play: Talk | None = None
    try:
        play = _begun(compiled, test, channels)
        for line, entry in enumerate(test.talk):  # noqa: B007
            play.line(entry)
        line = None
        play.expect(test.expect)
    except Differs as differs:
        failure = str(differs)
    simulation = play.simulation if play else None
    reached = frozenset((one.flow, one.step, one.outcome) for one in (simulation.trace if simulation else []))
    return TestResult(
        path,
        test.test,
        failure,
        line,
        tuple(play.transcript if play else ()),
        reached,
        frozenset(play.languages if play else ()),
    )


def line_of(source: Source, result: TestResult) -> int:
    """The line of the file at which a test failed: that of the talk, or of what must hold at its end."""
    for pointer in (f"/talk/{result.line}",) if result.line is not None else ("/expect", ""):
        with suppress(KeyError):
            return source.place(pointer).line
    return 1


def coverage(compiled: Compiled, results: list[TestResult]) -> Coverage:
    """What the tests together reached, of all there is."""
    reached = {one for result in results for one in result.reached}
    steps = {(flow, step) for flow, step, _ in reached}
    missed_steps: list[str] = []
    missed_outcomes: list[str] = []
    all_steps = all_outcomes = 0
    for flow in compiled.flows.values():
        for step in flow.steps.values():
            if step.disabled:
                continue
            all_steps += 1
            if (flow.id, step.id) not in steps:
                missed_steps.append(f"{flow.id}.{step.id}")
            optional = ("undelivered", "timeout")
            for outcome in step.outcomes:
                if outcome in optional and outcome not in step.document.then:
                    continue
                all_outcomes += 1
                if (flow.id, step.id, outcome) not in reached:
                    missed_outcomes.append(f"{flow.id}.{step.id}:{outcome}")
    spoken_in = {language for result in results for language in result.languages}
    missed_languages = tuple(one for one in compiled.languages if one not in spoken_in)
    return Coverage(all_steps, all_outcomes, tuple(missed_steps), tuple(missed_outcomes), missed_languages)


def _begun(compiled: Compiled, test: ConversationTest, channels: Mapping[str, Capabilities]) -> Talk:
    if test.channel not in channels:
        raise Differs(f"there is no channel {test.channel!r}; there are {', '.join(sorted(channels))}")
    try:
        at = dt.datetime.fromisoformat(test.at)
    except ValueError:
        raise Differs(f"at: {test.at!r} is not a time like 2026-11-21T10:00:00Z") from None
    at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    if not 1970 < at.year < 3000:
        raise Differs(f"at: {test.at!r} is not in our times")
    return Talk(Simulation.begin(compiled, channels[test.channel], at, test.contact, seed=test.test))
