"""Conversation tests: talks written down, and played against the engine."""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.bot import Bot
from flows.compiled import Compiled
from flows.document import Source
from flows.expected import Differs
from flows.simulation import Simulation
from flows.talk import Spoken, Talk, moment
from flows.wording import NO_WORDS, Wording, worded
from schemas.capabilities import Capabilities
from schemas.flow import ConversationTest, Stubs


@dataclass(frozen=True, slots=True)
class TestResult:
    """How one test went. `failure` is empty when it passed; `line` is the line of `talk` that failed.

    `reached` holds flow, step, outcome and language.
    """

    __test__ = False

    file: str
    name: str
    failure: Wording
    line: int | None
    transcript: tuple[Spoken, ...]
    reached: frozenset[tuple[str, str, str, str]]

    @property
    def passed(self) -> bool:
        return not self.failure


def run_tests(compiled: Compiled, bot: Bot, channels: Mapping[str, Capabilities]) -> list[TestResult]:
    """Play every test of a bot folder."""
    return [run_test(compiled, path, read.document, channels, stubs_of(bot)) for path, read in bot.tests]


def stubs_of(bot: Bot) -> Stubs:
    """What answers calls in all tests of a bot."""
    return bot.stubs.document.stubs if bot.stubs is not None else {}


def run_test(
    compiled: Compiled,
    path: str,
    test: ConversationTest,
    channels: Mapping[str, Capabilities],
    stubs: Stubs | None = None,
) -> TestResult:
    """Play one test. `stubs` answer the calls that its own do not."""
    failure, line = NO_WORDS, None
    play: Talk | None = None
    try:
        play = begun(compiled, test, channels, stubs)
        for line, entry in enumerate(test.talk):  # noqa: B007
            play.line(entry)
        line = None
        play.expect(test.expect)
    except Differs as differs:
        failure = differs.why
    transcript = tuple(play.transcript if play else ())
    return TestResult(path, test.test, failure, line, transcript, frozenset(play.reached if play else ()))


def line_of(source: Source, result: TestResult) -> int:
    """The line of the file at which a test failed: that of the talk, or of what must hold at its end."""
    return source.place("/expect" if result.line is None else f"/talk/{result.line}").line


def begun(
    compiled: Compiled,
    test: ConversationTest,
    channels: Mapping[str, Capabilities],
    stubs: Stubs | None = None,
) -> Talk:
    """The talk of a test, before its first line. Raises `Differs`."""
    if test.channel not in channels:
        raise Differs(
            worded(
                "there is no channel {name!r}; there are {names}",
                name=test.channel,
                names=", ".join(sorted(channels)),
            )
        )
    try:
        at = moment(test.at)
    except Differs as differs:
        raise Differs(worded("at: {why}", why=differs.why)) from None
    simulation = Simulation.begin(compiled, channels[test.channel], at, test.contact, seed=test.test)
    talk = Talk(simulation, stubs={**(stubs or {}), **test.stubs})
    if test.begin is not None:
        talk.begin(test.begin)
    return talk
