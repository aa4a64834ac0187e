"""Coverage: which steps, outcomes and languages of a bot its tests reached, and whether that is enough."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from flows.compiled import Compiled, CompiledStep
from flows.testing import TestResult
from schemas.flow import CoverageDocument

Kind = Literal["steps", "outcomes", "languages"]
KINDS: tuple[Kind, ...] = ("steps", "outcomes", "languages")
_OPTIONAL = ("undelivered", "timeout")  # counted only where an author sends them somewhere


@dataclass(frozen=True, slots=True)
class StepReached:
    """One step: in which languages it was reached, and which of its outcomes were."""

    flow: str
    step: str
    languages: tuple[str, ...]
    reached: tuple[str, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the tests reached. Steps are named `flow.step`, outcomes `flow.step:outcome`; languages are the bot's."""

    lines: tuple[StepReached, ...]
    languages: tuple[str, ...]
    missed_languages: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """How many there are."""
        return len(self.lines)

    @property
    def outcomes(self) -> int:
        """How many there are."""
        return sum(len(line.reached) + len(line.missed) for line in self.lines)

    @property
    def missed_steps(self) -> tuple[str, ...]:
        """Those that no test reached."""
        return tuple(f"{line.flow}.{line.step}" for line in self.lines if not line.languages)

    @property
    def missed_outcomes(self) -> tuple[str, ...]:
        """Those that no test left by."""
        return tuple(f"{line.flow}.{line.step}:{outcome}" for line in self.lines for outcome in line.missed)

    def missed(self, kind: Kind) -> tuple[str, ...]:
        """What of a kind no test reached."""
        of_kind = {
            "steps": self.missed_steps,
            "outcomes": self.missed_outcomes,
            "languages": self.missed_languages,
        }
        return of_kind[kind]

    def percent(self, kind: Kind) -> float:
        """How much of a kind was reached, to a tenth and never rounded up; all of nothing."""
        all_of = {"steps": self.steps, "outcomes": self.outcomes, "languages": len(self.languages)}[kind]
        return 1000 * (all_of - len(self.missed(kind))) // all_of / 10 if all_of else 100.0


@dataclass(frozen=True, slots=True)
class Short:
    """A kind of which less was reached than the bot demands."""

    kind: Kind
    percent: float
    wanted: float
    missed: tuple[str, ...]

    def __str__(self) -> str:
        shown = ", ".join(self.missed[:5]) + (", …" if len(self.missed) > 5 else "")
        # never rounded up to what is wanted
        return (
            f"{int(self.percent * 10) / 10:g} % of its {self.kind}, not {self.wanted:g} % (missing: {shown})"
        )


def coverage(compiled: Compiled, results: Iterable[TestResult]) -> Coverage:
    """What the tests together reached, of all there is."""
    seen = {one for result in results for one in result.reached}
    by_step: dict[tuple[str, str], set[str]] = {}
    for flow, step, _, language in seen:
        by_step.setdefault((flow, step), set()).add(language)
    left = {(flow, step, outcome) for flow, step, outcome, _ in seen}
    lines: list[StepReached] = []
    for flow in compiled.flows.values():
        for step in flow.steps.values():
            if step.disabled:
                continue
            outcomes = _counted(step)
            gone = tuple(one for one in outcomes if (flow.id, step.id, one) in left)
            missed = tuple(one for one in outcomes if one not in gone)
            spoken = by_step.get((flow.id, step.id), set())
            languages = tuple(one for one in compiled.languages if one in spoken)
            lines.append(StepReached(flow.id, step.id, languages, gone, missed))
    spoken_at_all = {language for *_, language in seen}
    missed_languages = tuple(one for one in compiled.languages if one not in spoken_at_all)
    return Coverage(tuple(lines), compiled.languages, missed_languages)


def short(found: Coverage, demanded: CoverageDocument) -> list[Short]:
    """Of which kinds less was reached than is demanded."""
    wanted = {kind: float(getattr(demanded, kind)) for kind in KINDS}
    return [
        Short(kind, found.percent(kind), wanted[kind], found.missed(kind))
        for kind in KINDS
        if found.percent(kind) < wanted[kind]
    ]


def _counted(step: CompiledStep) -> list[str]:
    return [one for one in step.outcomes if one not in _OPTIONAL or one in step.document.then]
