"""What an editor offers at a place of a draft: keys, steps, outcomes, actions, fields with their types, functions."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api.bot_folder import MOST_CHARS, Name
from admin_api.callers import CALLING, Viewer
from admin_api.check import world
from admin_api.database import ReadDb
from admin_api.field_types import json_schema
from admin_api.input import Input
from admin_api.language import HEARS, spoken
from admin_api.problems import InputUnfit, problems
from flows.wording import help_in_language
from schemas.problems import NotFound
from store.admin import bots, contact_fields, drafts, secrets, teams, users

if TYPE_CHECKING:  # the engine is imported when a draft is looked at: a server starts without it
    from flows.completion import Completion
    from flows.world import World

router = APIRouter(
    prefix="/bots/{name}/draft", tags=["bots"], responses=problems(*CALLING, InputUnfit, NotFound)
)


class PlaceIn(Input):
    """Where the cursor stands: between the characters before and at `column`. `text` is the file as it is being written."""

    file: Annotated[str, Field(max_length=256, description="The path in the bot's folder.")]
    line: Annotated[int, Field(ge=1, description="From 1.")]
    column: Annotated[int, Field(ge=1, description="From 1, in characters.")]
    text: Annotated[
        str | None, Field(max_length=MOST_CHARS, description="Left out: as the draft has it.")
    ] = None

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "file": "flows/intake.yaml",
                    "line": 3,
                    "column": 24,
                    "text": "steps:\n- id: a\n  then: {done: ",
                }
            ]
        }
    }


class ItemOut(BaseModel):
    """One thing that can be written. `insert` takes the place of `part`; `detail` is its type, or how it is called."""

    label: str
    kind: Literal["action", "field", "flow", "function", "key", "outcome", "step", "value", "variable"]
    detail: str
    says: str
    insert: str


class CompletionOut(BaseModel):
    """What can stand there. `part` is what was written of it before the cursor."""

    part: str
    items: list[ItemOut]


@router.post("/complete", summary="Complete a place of a draft", dependencies=[HEARS])
async def complete_draft(name: Name, body: PlaceIn, db: ReadDb, who: Viewer) -> CompletionOut:
    """What can be written at a place of one of the draft's files; nothing is kept. Empty where nothing is known.

    The file may be half written. At most 200 items, those that begin with `part`.
    """
    files = dict((await drafts.current(db, await bots.named(db, name))).files)
    if body.text is not None:
        files[body.file] = body.text
    if body.file not in files:
        raise NotFound(what="file", name=body.file)
    around = replace(
        await world(db),
        teams=await teams.names(db),
        people=await users.addresses(db),
        secrets=await secrets.names(db),
        contact_fields={key: json_schema(row.type) for key, row in (await contact_fields.every(db)).items()},
    )
    found = await asyncio.to_thread(_completed, files, body, around)
    items = [
        ItemOut(
            label=one.label,
            kind=one.kind,
            detail=help_in_language(one.detail, spoken()) if one.kind == "key" else one.detail,
            says=help_in_language(one.says, spoken()),
            insert=one.insert or one.label,
        )
        for one in found.items
    ]
    return CompletionOut(part=found.part, items=items)


def _completed(files: dict[str, str], place: PlaceIn, world: "World") -> "Completion":
    from flows.bot import load
    from flows.completion import complete

    return complete(load(files), place.file, place.line, place.column, world)
