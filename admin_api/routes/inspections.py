"""What a bot is made of: a draft, or a version."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from admin_api.bot_folder import Name, VersionNumber
from admin_api.callers import CALLING, Viewer
from admin_api.check import BotUnfit, read_and_compiled, world
from admin_api.database import ReadDb
from admin_api.language import HEARS
from admin_api.problems import InputUnfit, problems
from schemas.inspection import Inspection
from schemas.problems import NotFound
from store.admin import bots, drafts

if TYPE_CHECKING:  # the engine is imported when a bot is looked at: a server starts without it
    from flows.world import World

router = APIRouter(
    prefix="/bots/{name}",
    tags=["bots"],
    dependencies=[HEARS],
    responses=problems(*CALLING, InputUnfit, NotFound, BotUnfit),
)

Drawing = Annotated[Literal["mermaid", "svg"] | None, Query(description="Draw the flows too.")]


class InspectionOut(BaseModel):
    """What the bot needs from outside, what it writes, how its flows run; with a drawing if one was asked for."""

    inside: Inspection
    graph: str | None = Field(description="The drawing: Mermaid's text, or SVG.")


@router.get("/draft/inspect", summary="Inspect a draft")
async def inspect_draft(name: Name, db: ReadDb, who: Viewer, graph: Drawing = None) -> InspectionOut:
    """Webhooks, custom actions, secrets, teams, templates, media and events that the draft needs; its data; its graph."""
    bot = await bots.named(db, name)
    return await _seen(name, dict((await drafts.current(db, bot)).files), await world(db), graph)


@router.get("/versions/{version}/inspect", summary="Inspect a version")
async def inspect_version(
    name: Name, version: VersionNumber, db: ReadDb, who: Viewer, graph: Drawing = None
) -> InspectionOut:
    """The same of a version."""
    bot = await bots.named(db, name)
    row = await bots.version(db, bot, version)
    return await _seen(name, row.files, await world(db, row), graph)


async def _seen(
    name: str, files: dict[str, str], around: "World", graph: Literal["mermaid", "svg"] | None
) -> InspectionOut:
    def look() -> InspectionOut:
        from flows.drawing import mermaid, svg
        from flows.inspection import inspect

        seen = inspect(read_and_compiled(name, files, around)[1])
        drawn = None if graph is None else mermaid(seen) if graph == "mermaid" else svg(seen)
        return InspectionOut(inside=seen, graph=drawn)

    return await asyncio.to_thread(look)
