"""A real conversation saved as a test of its bot, with personal data replaced."""

import asyncio
import re
import unicodedata
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import CALLING, Editor
from admin_api.check import read_and_compiled, world
from admin_api.database import ReadDb, Seals
from admin_api.input import Input
from admin_api.problems import InputUnfit, problems
from admin_api.routes.replays import recorded, view_of
from schemas.problems import NotFound, Refused
from schemas.tables.numbers import Number
from sessions import registry
from store.admin import bots, numbers, recordings
from store.admin.recordings import Kept, Run

if TYPE_CHECKING:  # the engine is imported when a talk is saved: a server starts without it
    from flows.compiled import Compiled
    from flows.saving import Saved

router = APIRouter(
    prefix="/numbers/{number}/conversations/{conversation}",
    tags=["conversations"],
    responses=problems(*CALLING, InputUnfit, NotFound),
)


class NotSaved(Refused):
    """The run cannot be had once more, so it is no test."""

    code = "conversations.not_saved"
    status = 409
    title = "That cannot be a test"
    sentence = "Run {run} cannot be saved as a test: {why}."


class SaveIn(Input):
    """Which run, the latest unless it is named, and what the test is called."""

    run: UUID | None = None
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")] = "a real talk"


class SavedTestOut(BaseModel):
    """A test's file, for the folder of `bot`; it passes on the `version` that had the conversation.

    `same_way`: it goes the way that the conversation went. `own_words`: what the contact wrote that stayed, since the
    bot would not have gone on so with other words: read it before you share the test.
    """

    bot: str
    version: int
    run: UUID
    path: str
    text: str
    same_way: bool
    own_words: list[str]


@router.post("/save-as-test", summary="Save a conversation as a test", responses=problems(NotSaved))
async def save_as_test(
    number: str, conversation: UUID, body: SaveIn, db: ReadDb, seals: Seals, who: Editor
) -> SavedTestOut:
    """Write a run down as a conversation test. Names, addresses and numbers are replaced, always by the same ones, and so is
    what the contact wrote freely. Nothing is kept: put the text into a draft, as `PUT …/draft/files/{path}` does.
    """
    row = await numbers.named(db, number)
    run, bot_id = await recordings.run_of(db, seals, row.id, conversation, body.run)
    bot = (await bots.by_ids(db, [bot_id]))[bot_id]
    [kept] = await recordings.events(db, seals, row.id, [run])
    began = next((one.version for one in kept if one.at >= run.started_at and one.version), run.version)
    version = await bots.version(db, bot, began)
    around = await world(db, version)
    await audit(db, who, "conversation.save_as_test", conversation, changes={"run": str(run.id)})
    _, made_by = await asyncio.to_thread(read_and_compiled, bot.name, version.files, around)
    path = f"tests/{_slug(body.name)}.yaml"
    saved = await asyncio.to_thread(_saved, made_by, row, run, kept, body.name, path)
    return SavedTestOut(
        bot=bot.name,
        version=began,
        run=run.id,
        path=path,
        text=saved.text,
        same_way=saved.same_way,
        own_words=list(saved.own_words),
    )


def _saved(made_by: "Compiled", number: Number, run: Run, kept: list[Kept], name: str, path: str) -> "Saved":
    from flows.bot import load
    from flows.replay import NotReplayable
    from flows.saving import saved
    from flows.testing import run_test

    can = registry.driver(number.channel).capabilities
    try:
        found = saved(made_by, recorded(run, kept), view_of(number), name, number.channel, can)
    except NotReplayable as why:
        raise NotSaved(run=run.id, why=why) from None
    [(_, read)] = load({path: found.text}).tests
    result = run_test(made_by, path, read.document, {number.channel: can})
    if not result.passed:
        raise NotSaved(run=run.id, why=result.failure.splitlines()[0])
    return found


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "test"
