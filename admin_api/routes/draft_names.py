"""What a draft names, and where: its fields with their types, its flows, steps and choices."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from admin_api.bot_folder import Name
from admin_api.callers import CALLING, Viewer
from admin_api.check import world
from admin_api.database import ReadDb
from admin_api.field_types import json_schema
from admin_api.problems import InputUnfit, problems
from admin_api.routes.draft_texts import TextsUnreadable
from admin_api.routes.drafts import tag_of
from schemas.problems import NotFound
from store.admin import bots, contact_fields, drafts

if TYPE_CHECKING:  # the engine is imported when a draft is looked at: a server starts without it
    from flows.uses import Reference
    from flows.world import World

router = APIRouter(
    prefix="/bots/{name}/draft", tags=["bots"], responses=problems(*CALLING, InputUnfit, NotFound)
)

Kind = Literal["field", "flow", "step", "choice", "contact"]


class UseOut(BaseModel):
    """A place that names it: the key or the value at `pointer` of a file, which reads `text`, there in `spans`.

    `spans` are from and to, in characters. What is not `sure` may mean something else of that name.
    """

    file: str
    line: int
    column: int
    pointer: str
    key: bool
    text: str
    spans: list[list[int]]
    how: Literal["declares", "reads", "writes", "leads", "shows", "tests", "translates", "places"]
    step: str = Field(description="The step in which it is; empty outside of steps.")
    sure: bool

    @classmethod
    def of(cls, found: "Reference") -> "UseOut":
        return cls(
            file=found.place.file,
            line=found.place.line,
            column=found.place.column,
            pointer=found.place.pointer,
            key=found.key,
            text=found.text,
            spans=[list(one) for one in found.spans],
            how=found.how,
            step=found.step,
            sure=found.sure,
        )


class NamedOut(BaseModel):
    """Something with a name. `of`: the flow of a field or a step, `flow.step` of a choice. `type`: of fields."""

    kind: Kind
    of: str
    name: str
    type: str = Field(examples=["string (email)"])
    required: bool
    pii: bool
    uses: list[UseOut]


class NamesOut(BaseModel):
    """What the draft with this `etag` names. `unread`: files that cannot be read whole, so what they name is not here."""

    etag: str
    unread: list[str]
    names: list[NamedOut]


@router.get("/names", summary="Show what a draft names", responses=problems(TextsUnreadable))
async def draft_names(
    name: Name,
    db: ReadDb,
    who: Viewer,
    kind: Annotated[Kind | None, Query(description="Only these.")] = None,
    of: Annotated[
        str | None, Query(description="Only of this flow, or of this `flow.step`.", max_length=200)
    ] = None,
    called: Annotated[str | None, Query(description="Only what is called so.", max_length=64)] = None,
) -> NamesOut:
    """Fields, flows, steps, choices and contact fields, each with all places of the draft that name it.

    For renaming something everywhere, and to see what is left behind when it is taken away.
    """
    files = dict((await drafts.current(db, await bots.named(db, name))).files)
    fields = {key: json_schema(row.type) for key, row in (await contact_fields.every(db)).items()}
    around = replace(await world(db), contact_fields=fields)
    found = await asyncio.to_thread(_found, files, around)
    if found is None:
        raise TextsUnreadable(name=name)
    unread, names = found
    wanted = [
        one
        for one in names
        if kind in (None, one.kind) and of in (None, one.of) and called in (None, one.name)
    ]
    return NamesOut(etag=tag_of(files), unread=unread, names=wanted)


def _found(files: dict[str, str], around: "World") -> tuple[list[str], list[NamedOut]] | None:
    from flows.bot import load
    from flows.compiler import build
    from flows.inspection import type_words
    from flows.uses import Named, references, unread

    folder = load(files)
    compiled = build(folder, around)[0]
    if compiled is None:
        return None
    uses: dict[Named, list[Reference]] = {}
    for one in references(folder, compiled):
        uses.setdefault(one.named, []).append(one)
    names: list[NamedOut] = []
    for named, places in uses.items():
        flow = compiled.flows.get(named.of)
        field = flow.fields.get(named.name) if flow is not None and named.kind == "field" else None
        schema = (
            field.schema
            if field is not None
            else compiled.contact_fields.get(named.name, {})
            if named.kind == "contact"
            else {}
        )
        names.append(
            NamedOut(
                kind=named.kind,
                of=named.of,
                name=named.name,
                type=type_words(schema) if schema else "",
                required=field is not None and field.required,
                pii=bool(schema.get("pii")),
                uses=[UseOut.of(one) for one in places],
            )
        )
    return unread(folder, compiled), names
