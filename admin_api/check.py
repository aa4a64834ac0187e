"""What the checker says of a bot's folder, as the API shows it."""

import asyncio
from typing import Literal

from pydantic import BaseModel

from flows.bot import load
from flows.compiler import build
from flows.diagnostic import Diagnostic
from flows.world import World
from schemas.problems import Refused


class BotUnfit(Refused):
    """The bot has errors. `diagnostics` lists them."""

    code = "bots.unfit"
    status = 422
    title = "The bot has errors"
    sentence = "Bot {name!r} has {count} errors; the first: {first}"


class DiagnosticOut(BaseModel):
    """One thing that the checker says, and where."""

    severity: Literal["error", "warning"]
    code: str
    message: str
    file: str
    line: int
    column: int
    pointer: str
    hint: str

    @classmethod
    def of(cls, found: Diagnostic) -> "DiagnosticOut":
        return cls(
            severity=found.severity,
            code=found.code,
            message=found.message,
            file=found.file,
            line=found.line,
            column=found.column,
            pointer=found.pointer,
            hint=found.hint,
        )


async def checked(files: dict[str, str]) -> list[DiagnosticOut]:
    """All diagnostics of a folder. In a thread: a large bot takes a while."""
    return await asyncio.to_thread(lambda: [DiagnosticOut.of(found) for found in diagnostics(files)])


def refuse_errors(name: str, diagnostics: list[DiagnosticOut]) -> None:
    """Raise `BotUnfit` if one of them is an error."""
    errors = [found for found in diagnostics if found.severity == "error"]
    if errors:
        first = f"{errors[0].file}:{errors[0].line}: {errors[0].message}"
        shown = [found.model_dump() for found in diagnostics]
        raise BotUnfit(name=name, count=len(errors), first=first, diagnostics=shown)


def diagnostics(files: dict[str, str]) -> list[Diagnostic]:
    """What the checker says, as the engine names it."""
    _, found = build(load(files), World())
    return list(found)
