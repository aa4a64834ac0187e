"""Publishing: which version new runs get, and what becomes of the runs that are open.

`pin` leaves open runs on the version that they began with. `restart` begins each anew on the new version, and
`migrate` lets those that fit go on with it where they stand: by an event in its number's inbox, in the same
transaction. Numbers that serve a version by its number are not touched. A publish ends the canary that is open.
"""

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from admin_api.acting import by
from admin_api.audit import audit
from admin_api.callers import Caller
from admin_api.check import BotUnfit, DiagnosticOut, checked, refuse_errors, world
from admin_api.input import Input
from admin_api.language import spoken
from admin_api.live import tell
from admin_api.migrating import Outlook, StayingOut, outlook
from keys.seal import Sealer
from schemas.events import Migrated, Restarted
from schemas.ids import new_event_id
from schemas.problems import Refused
from schemas.tables.bots import Bot, BotVersion
from sessions import registry
from store.admin import arrivals, bots, canaries, numbers
from store.admin.desk import Session

if TYPE_CHECKING:  # the engine is imported when a bot is looked at: a server starts without it
    from flows.world import World

InFlight = Literal["pin", "restart", "migrate"]


class TestsFailing(Refused):
    """A conversation test of the bot fails. `tests` lists those that do."""

    __test__ = False

    code = "bots.tests_failing"
    status = 422
    title = "Its tests fail"
    sentence = "Bot {name!r}: {count} of its tests fail; the first is {first}. Mend the bot, or the test."


class CoverageLow(Refused):
    """Its tests reach less of the bot than it demands. `short` lists by kind what they do not reach."""

    code = "bots.coverage_low"
    status = 422
    title = "Its tests reach too little"
    sentence = (
        "Bot {name!r}: its tests reach {first}. Write tests that get there, or lower coverage in bot.yaml."
    )


PUBLISHING = (BotUnfit, TestsFailing, CoverageLow)


class PublishIn(Input):
    """What becomes of open runs; without `in_flight`: what `on_publish` of `bot.yaml` says.

    `dry_run`: only say which, and change nothing.
    """

    in_flight: InFlight | None = None
    dry_run: bool = False

    model_config = {"json_schema_extra": {"examples": [{"in_flight": "migrate", "dry_run": True}]}}


class OpenRuns(BaseModel):
    """How many runs are open on a version, on one number."""

    number: str
    version: int
    runs: int


class PublishedOut(BaseModel):
    """What was published, or would be.

    `open_runs` are those on other versions, which `pin` leaves there, `restart` begins anew, and of which `migrate`
    moves those that fit. `restarted` and `migrated` are how many that is by the policy asked for; `staying` says why
    the others are not migrated.
    """

    bot: str
    version: int
    before: int | None = Field(description="The version that was published before.")
    current: bool
    published_at: dt.datetime | None
    in_flight: InFlight
    dry_run: bool
    open_runs: list[OpenRuns]
    restarted: int
    migrated: int
    staying: list[StayingOut]
    diagnostics: list[DiagnosticOut]


async def publish(
    db: Session,
    seals: Sealer,
    who: Caller,
    bot: Bot,
    row: BotVersion,
    how: PublishIn,
    action: str = "bot.publish",
) -> PublishedOut:
    """Make `row` what new runs get. Raises the problems of `PUBLISHING`."""
    diagnostics = await sound(db, bot, row)
    in_flight = how.in_flight or await on_publish(row)
    before = bot.published_version
    open_runs = await bots.open_runs(db, bot, row.version)
    restarted = len(open_runs) if in_flight == "restart" else 0
    seen = Outlook(0, [])
    if in_flight == "migrate":
        seen = await outlook(db, seals, bot, row, open_runs)
    if not how.dry_run:
        if canary := await canaries.opened(db, bot):
            canaries.end(db, canary, "promoted" if canary.version == row.version else "replaced", who.name)
        await bots.publish(db, bot, row)
        await see_to(db, seals, who, in_flight, row, open_runs)
        changes = {
            "version": [before, row.version],
            "in_flight": in_flight,
            "restarted": restarted,
            "migrated": seen.moves,
        }
        await audit(db, who, action, bot, changes=changes)
        tell(db, "drafts", "published", bot=bot.name, version=row.version)
        await numbers.try_again_with(db, bot)
        await numbers.tell(db, bot.id)
    return PublishedOut(
        bot=bot.name,
        version=row.version,
        before=before,
        current=row.version == bot.published_version,
        published_at=row.published_at,
        in_flight=in_flight,
        dry_run=how.dry_run,
        open_runs=_counted(open_runs),
        restarted=restarted,
        migrated=seen.moves,
        staying=seen.stays,
        diagnostics=diagnostics,
    )


async def sound(db: Session, bot: Bot, row: BotVersion) -> list[DiagnosticOut]:
    """What the checker says of a version without errors. Raises `BotUnfit`, `TestsFailing`, `CoverageLow`."""
    diagnostics = await checked(db, row.files, bot.name, version=row)
    refuse_errors(bot.name, diagnostics)
    await asyncio.to_thread(_refuse_untested, bot.name, row.files, await world(db, row))
    return diagnostics


async def on_publish(row: BotVersion) -> InFlight:
    """What a version's `bot.yaml` says becomes of open runs."""

    def read() -> InFlight:
        from flows.bot import load

        document = load(row.files).document
        return document.document.on_publish if document else "pin"

    return await asyncio.to_thread(read)


async def see_to(
    db: Session,
    seals: Sealer,
    who: Caller,
    in_flight: InFlight,
    row: BotVersion,
    open_runs: list[bots.OpenRun],
) -> None:
    """Let these runs begin anew, or go on with `row` if they fit, each by an event in its number's inbox."""
    if in_flight == "pin":
        return
    rows = await numbers.by_ids(db, (run.number for run in open_runs))
    now = dt.datetime.now(dt.UTC)
    for run in open_runs:
        made = new_event_id()
        event = (
            Restarted(made, now, by(who))
            if in_flight == "restart"
            else Migrated(made, now, by(who), row.version)
        )
        await arrivals.act(db, seals, rows[run.number], run.conversation, event)


def _counted(open_runs: list[bots.OpenRun]) -> list[OpenRuns]:
    counts: dict[tuple[str, UUID, int], int] = {}
    for run in open_runs:
        key = (run.name, run.number, run.version)
        counts[key] = counts.get(key, 0) + 1
    return [
        OpenRuns(number=name, version=version, runs=n) for (name, _, version), n in sorted(counts.items())
    ]


def _refuse_untested(name: str, files: dict[str, str], around: "World") -> None:
    from flows.bot import load
    from flows.compiler import compile
    from flows.coverage import coverage, short
    from flows.testing import run_tests
    from flows.wording import in_language

    bot = load(files)
    channels = {each: registry.driver(each).capabilities for each in registry.names()}
    compiled = compile(bot, around)
    results = run_tests(compiled, bot, channels)
    failing = [
        {"file": one.file, "test": one.name, "failure": in_language(one.failure, spoken())}
        for one in results
        if not one.passed
    ]
    if failing:
        first = f"{failing[0]['file']}: {failing[0]['test']}"
        raise TestsFailing(name=name, count=len(failing), first=first, tests=failing)
    if little := short(coverage(compiled, results), compiled.document.coverage):
        shown = [
            {"kind": one.kind, "percent": one.percent, "wanted": one.wanted, "missed": list(one.missed)}
            for one in little
        ]
        raise CoverageLow(name=name, first="; ".join(map(str, little)), short=shown)
