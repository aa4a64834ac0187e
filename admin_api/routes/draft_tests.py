"""A draft's own conversation tests, played before it is published."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from admin_api.bot_folder import Name
from admin_api.callers import CALLING, Open, Viewer
from admin_api.check import BotUnfit, read_and_compiled, world
from admin_api.database import ReadDb
from admin_api.language import HEARS, spoken
from admin_api.problems import InputUnfit, problems
from admin_api.streams import streamed, streaming, written
from flows.wording import in_language
from schemas.problems import NotFound
from sessions import registry
from store.admin import bots, drafts

if TYPE_CHECKING:  # the engine is imported when a draft is tried: a server starts without it
    from flows.bot import Bot as Folder
    from flows.compiled import Compiled
    from flows.testing import TestResult

router = APIRouter(
    prefix="/bots/{name}/draft", tags=["bots"], responses=problems(*CALLING, InputUnfit, NotFound)
)

Part = Literal["steps", "outcomes", "languages"]


class SpokenOut(BaseModel):
    """A line of a transcript. `who`: `user`, `bot`, or who else took part."""

    who: str
    text: str


class TestedOut(BaseModel):
    """What became of one test. `line` of its file is where it failed."""

    file: str
    name: str
    passed: bool
    failure: str
    line: int | None
    transcript: list[SpokenOut]


class PercentOut(BaseModel):
    """How much of each kind."""

    steps: float
    outcomes: float
    languages: float


class ShortOut(BaseModel):
    """A kind of which less was reached than is demanded, so that publishing would refuse."""

    kind: Part
    percent: float
    wanted: float
    missed: list[str]


class CoverageOut(BaseModel):
    """How many steps and outcomes there are, and which of them, and of the languages, no test reached.

    `percent` was reached, `demanded` is what `bot.yaml` wants.
    """

    tests: int
    failed: int
    steps: int
    outcomes: int
    missed_steps: list[str] = Field(examples=[["main.ask"]], description="As `flow.step`.")
    missed_outcomes: list[str] = Field(examples=[["main.ask:timeout"]], description="As `flow.step:outcome`.")
    missed_languages: list[str]
    percent: PercentOut
    demanded: PercentOut
    short: list[ShortOut]


class TestEvents(TypedDict, total=False):
    """What the stream of a draft's tests tells."""

    test: TestedOut
    coverage: CoverageOut


@router.post(
    "/test",
    summary="Test a draft",
    dependencies=[HEARS],
    response_class=StreamingResponse,
    responses=problems(BotUnfit) | streamed(TestEvents, "A `test` as each ends, then one `coverage`."),
)
async def test_draft(name: Name, db: ReadDb, who: Viewer, open_here: Open) -> StreamingResponse:
    """Play the draft's own conversation tests. The stream ends when all are played, or when its reader leaves."""
    files = dict((await drafts.current(db, await bots.named(db, name))).files)
    folder, compiled = await asyncio.to_thread(read_and_compiled, name, files, await world(db))
    return streaming(_played(folder, compiled, open_here.closing))


async def _played(folder: "Folder", compiled: "Compiled", closing: asyncio.Event) -> AsyncGenerator[bytes]:
    from flows.coverage import KINDS, coverage, short
    from flows.testing import line_of, run_test, stubs_of

    channels = {each: registry.driver(each).capabilities for each in registry.names()}
    results: list[TestResult] = []
    stubs = stubs_of(folder)
    for path, read in folder.tests:
        if closing.is_set():
            return
        result = await asyncio.to_thread(run_test, compiled, path, read.document, channels, stubs)
        results.append(result)
        tested = _tested(result, None if result.passed else line_of(read.source, result))
        yield written(TestEvents(test=tested))
    reached = await asyncio.to_thread(coverage, compiled, results)
    demanded = compiled.document.coverage
    found = CoverageOut(
        tests=len(results),
        failed=sum(not each.passed for each in results),
        steps=reached.steps,
        outcomes=reached.outcomes,
        missed_steps=list(reached.missed_steps),
        missed_outcomes=list(reached.missed_outcomes),
        missed_languages=list(reached.missed_languages),
        percent=PercentOut(**{kind: reached.percent(kind) for kind in KINDS}),
        demanded=PercentOut(**demanded.model_dump()),
        short=[
            ShortOut(kind=one.kind, percent=one.percent, wanted=one.wanted, missed=list(one.missed))
            for one in short(reached, demanded)
        ],
    )
    yield written(TestEvents(coverage=found))


def _tested(result: "TestResult", line: int | None) -> TestedOut:
    return TestedOut(
        file=result.file,
        name=result.name,
        passed=result.passed,
        failure=in_language(result.failure, spoken()),
        line=line,
        transcript=[SpokenOut(who=each.who, text=each.text) for each in result.transcript],
    )
