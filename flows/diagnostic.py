"""Diagnostics: what the checker says about a bot, as data."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from flows.place import Place, dotted
from flows.wording import NO_WORDS, Wording, worded

Severity = Literal["error", "warning"]

_NEAR = 70.0


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to say about a file. Errors block publishing."""

    severity: Severity
    code: str
    message: Wording
    file: str = ""
    line: int = 1
    column: int = 1
    pointer: str = ""
    hint: Wording = NO_WORDS

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        if path := dotted(self.pointer):
            where += f" {path}"
        return f"{where}: {self.message}; {self.hint}" if self.hint else f"{where}: {self.message}"


def error(code: str, message: Wording, place: Place, hint: Wording = NO_WORDS) -> Diagnostic:
    """A diagnostic that blocks publishing, at `place`."""
    return Diagnostic("error", code, message, place.file, place.line, place.column, place.pointer, hint)


def warning(code: str, message: Wording, place: Place, hint: Wording = NO_WORDS) -> Diagnostic:
    """A diagnostic that blocks nothing, at `place`."""
    return Diagnostic("warning", code, message, place.file, place.line, place.column, place.pointer, hint)


def did_you_mean(name: str, candidates: Iterable[str]) -> Wording:
    """`did you mean 'nudge'?` for the candidate nearest to `name`, or nothing when none is near."""
    from rapidfuzz import fuzz, process  # a number's process has no need of it

    best = process.extractOne(
        name, sorted(candidates), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_NEAR
    )
    return worded("did you mean {name!r}?", name=best[0]) if best else NO_WORDS
