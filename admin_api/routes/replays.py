"""Replay: what contacts really did, let happen again to a draft, before it is published."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from admin_api import bot_folder
from admin_api.audit import audit
from admin_api.bot_folder import MOST_FILES, FolderUnfit, Name
from admin_api.callers import CALLING, Caller, Editor, Open
from admin_api.check import BotUnfit, read_and_compiled, world
from admin_api.database import ReadDb, Seals
from admin_api.input import Input
from admin_api.problems import InputUnfit, problems
from admin_api.routes.draft_tests import SpokenOut
from admin_api.services import Services
from admin_api.streams import streamed, streaming, written
from keys.seal import Sealer
from schemas.events import Migrated, codec
from schemas.problems import NotFound
from schemas.tables.bots import Bot, BotVersion
from schemas.tables.numbers import Number
from sessions import registry
from store.admin import bots, drafts, numbers, recordings
from store.admin.desk import Session
from store.admin.recordings import Kept, Known, Run

if TYPE_CHECKING:  # the engine is imported when something is replayed: a server starts without it
    from flows.compiled import Compiled
    from flows.replay import Recorded
    from flows.turn import View
    from flows.world import World

router = APIRouter(
    prefix="/bots/{name}/draft", tags=["bots"], responses=problems(*CALLING, InputUnfit, NotFound)
)

CHUNK = 20  # runs that are read, and walked, at once


class ReplayIn(Input):
    """Which runs. Instead of the draft a `version` of the bot may be tried, or `files`: a folder that nobody keeps."""

    number: Annotated[str, Field(max_length=200, examples=["shop"])]
    last: Annotated[int, Field(ge=1, le=5000)] = 500
    version: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None
    files: Annotated[dict[str, str] | None, Field(max_length=MOST_FILES)] = None


class RowOut(BaseModel):
    """A line of both transcripts; null where one has none."""

    before: SpokenOut | None
    after: SpokenOut | None


class ReplayedOut(BaseModel):
    """What became of a run that `version` made.

    A verdict is `same`, `wording` (other words on the same path), `path`, `failed`, `ended` (the run is over earlier), or
    `skipped` (it cannot be walked again). `faithful`: its own version did again exactly what it had done. `rows` hold both
    transcripts side by side where they differ.
    """

    run: UUID
    conversation: UUID
    version: int
    verdict: Literal["same", "wording", "path", "failed", "ended", "skipped"]
    why: str
    faithful: bool
    rows: list[RowOut]


class SummaryOut(BaseModel):
    """How many runs there were, and of each verdict. `unfaithful`: those that their own version did not do again."""

    runs: int
    same: int
    wording: int
    path: int
    failed: int
    ended: int
    skipped: int
    unfaithful: int


class ReplayEvents(TypedDict, total=False):
    """What the stream of a replay tells."""

    run: ReplayedOut
    summary: SummaryOut


@router.post(
    "/replay",
    summary="Replay real runs with a draft",
    response_class=StreamingResponse,
    responses=problems(BotUnfit, FolderUnfit)
    | streamed(ReplayEvents, "A `run` for each, then one `summary`."),
)
async def replay_draft(
    name: Name, body: ReplayIn, db: ReadDb, seals: Seals, who: Editor, open_here: Open
) -> StreamingResponse:
    """Let the last runs of the bot on a number happen again to its draft. Nothing is sent, called or kept.

    Webhooks and custom actions are answered as they were.
    """
    bot = await bots.named(db, name)
    number = await numbers.named(db, body.number)
    files = await _files(db, bot, body)
    around = await world(db)
    _, draft = await asyncio.to_thread(read_and_compiled, name, files, around)
    runs = await recordings.latest(db, seals, number.id, bot.id, body.last)
    changes = {"number": number.name, "runs": len(runs)}
    await audit(db, who, "bot.replay", bot, changes=changes)
    work = _Work(bot, number, draft, around)
    return streaming(_told(work, runs, who, seals, open_here))


async def _files(db: Session, bot: Bot, body: ReplayIn) -> dict[str, str]:
    if body.files is not None:
        bot_folder.fit(body.files)
        return body.files
    if body.version is not None:
        return (await bots.version(db, bot, body.version)).files
    return dict((await drafts.current(db, bot)).files)


@dataclass
class _Work:
    """What all runs of one replay share. A version that made some of them is compiled when the first one comes."""

    bot: Bot
    number: Number
    draft: "Compiled"
    around: "World"
    versions: dict[int, BotVersion] = field(default_factory=dict[int, BotVersion])
    compiled: "dict[int, Compiled | None]" = field(default_factory=dict)

    def made_by(self, version: int) -> "Compiled | None":
        from flows.bot import load
        from flows.compiler import FlowNotValid, compile

        row = self.versions.get(version)
        if row is None:
            return None
        if version not in self.compiled:
            try:
                found = compile(
                    load(row.files), replace(self.around, events=row.event_schemas), version=version
                )
            except FlowNotValid:
                found = None
            self.compiled[version] = found
        return self.compiled[version]

    def walk(self, run: Run, kept: Sequence[Kept]) -> ReplayedOut:
        """What became of one run, as it is told."""
        from flows.replay import NotReplayable, replay

        view = view_of(self.number)
        try:
            taken = recorded(run, kept)
            made_by = self.made_by(taken.version)
            if made_by is None:
                raise NotReplayable("the version that made it cannot be compiled any more")
            return ReplayedOut.model_validate(replay(made_by, self.draft, taken, view), from_attributes=True)
        except NotReplayable as why:
            return ReplayedOut(
                run=run.id,
                conversation=run.conversation,
                version=run.version,
                verdict="skipped",
                why=str(why),
                faithful=False,
                rows=[],
            )


def view_of(number: Number) -> "View":
    """What the engine sees of a number."""
    from flows.turn import View

    place = {"id": str(number.id), "name": number.name}
    return View({}, place, registry.capabilities(number.channel, number.settings))


def recorded(run: Run, kept: Sequence[Kept]) -> "Recorded":
    """A run as the engine takes it. Raises `NotReplayable`."""
    from flows.replay import Recorded, beginning
    from flows.turn import seen_of

    found = [codec.validate_json(one.plain) for one in kept]
    first = beginning(found, run.id)
    last = next((n for n, one in enumerate(found) if n > first and isinstance(one, Migrated)), len(found))
    began = next((one for one in kept[first:] if one.version is not None), None)
    known, contact = Known.of(run.known), str(run.contact)
    contacts = [
        seen_of(contact, profile, known.name, known.language, known.identities)
        for profile in (known.at(run.started_at), known.profile)
    ]
    return Recorded(
        run.id,
        run.conversation,
        run.version if began is None or began.version is None else began.version,
        tuple(found[first:last]),
        tuple(_path(one.trace) for one in kept[first:last]),
        tuple(contacts),
    )


async def _told(
    work: _Work, runs: list[Run], who: Caller, seals: Sealer, open_here: Services
) -> AsyncGenerator[bytes]:
    counts: Counter[str] = Counter()
    for first in range(0, len(runs), CHUNK):
        if open_here.closing.is_set():
            return
        some = runs[first : first + CHUNK]
        async with open_here.desk.transaction(who.workspace) as db:
            kept = await recordings.events(db, seals, work.number.id, some)
            for version in {one.version for each in kept for one in each if one.version is not None}:
                with suppress(NotFound):  # another bot's, from before
                    if version not in work.versions:
                        work.versions[version] = await bots.version(db, work.bot, version)
        for run, events in zip(some, kept, strict=True):
            said = await asyncio.to_thread(work.walk, run, events)
            counts[said.verdict] += 1
            counts["unfaithful"] += not said.faithful and said.verdict != "skipped"
            yield written(ReplayEvents(run=said))
    counted = {name: counts[name] for name in SummaryOut.model_fields}
    yield written(ReplayEvents(summary=SummaryOut(**{**counted, "runs": len(runs)})))


def _path(trace: list[dict[str, Any]]) -> tuple[str, ...]:
    """A kept trace as `flows.replay.path_of` writes one."""
    return tuple(
        f"{one['flow']}.{one['step']}:{one['outcome']}"
        if one.get("outcome")
        else f"{one['flow']}.{one['step']}"
        for one in trace
        if one.get("flow") and one["step"] and (one.get("outcome") or not one.get("note"))
    )
