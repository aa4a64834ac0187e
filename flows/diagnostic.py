"""Diagnostics: what the checker says about a bot, as data."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from flows.place import Place, dotted

Severity = Literal["error", "warning"]

_NEAR = 70.0


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to say about a file. Errors block publishing."""

    severity: Severity
    code: str
    message: str
    file: str = ""
    line: int = 1
    column: int = 1
    pointer: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        if path := dotted(self.pointer):
            where += f" {path}"
        return f"{where}: {self.message}; {self.hint}" if self.hint else f"{where}: {self.message}"


def error(code: str, message: str, place: Place, hint: str = "") -> Diagnostic:
    """A diagnostic that blocks publishing, at `place`."""
    return Diagnostic("error", code, message, place.file, place.line, place.column, place.pointer, hint)


def warning(code: str, message: str, place: Place, hint: str = "") -> Diagnostic:
    """A diagnostic that blocks nothing, at `place`."""
    return Diagnostic("warning", code, message, place.file, place.line, place.column, place.pointer, hint)


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """`did you mean 'nudge'?` for the candidate nearest to `name`, or nothing when none is near."""
    from rapidfuzz import fuzz, process  # a number's process has no need of it

    best = process.extractOne(
        name, sorted(candidates), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_NEAR
    )
    return f"did you mean {best[0]!r}?" if best else ""
