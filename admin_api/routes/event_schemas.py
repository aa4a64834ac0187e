"""What the data of posted events must look like."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import Editor, KeyMissing, RoleTooLow, Viewer
from admin_api.database import ReadDb, WriteDb
from admin_api.input import Input
from admin_api.language import HEARS
from admin_api.pages import Page, Paging
from admin_api.plain_json import PlainObject
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound, Refused
from schemas.tables.event_schemas import EventSchema
from store.admin import event_schemas
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/event-schemas", tags=["event schemas"], responses=problems(KeyMissing, RoleTooLow, InputUnfit)
)

Name = Annotated[str, Path(pattern=r"^[\w.:-]{1,100}$", examples=["order.paid"])]


class SchemaUnfit(Refused):
    """It is not JSON Schema, or not one that can be used."""

    code = "event_schemas.unfit"
    status = 422
    title = "The schema cannot be used"
    sentence = "The schema of event {name!r} cannot be used{at}: {why}."


class SchemaIn(Input):
    """JSON Schema 2020-12 of an event's `data`."""

    data_schema: Annotated[
        PlainObject,
        Field(
            examples=[{"type": "object", "required": ["order"], "properties": {"order": {"type": "integer"}}}]
        ),
    ]


class SchemaOut(BaseModel):
    """The schema of an event's `data`."""

    name: str
    data_schema: dict[str, Any]
    updated_at: dt.datetime

    @classmethod
    def of(cls, row: EventSchema) -> "SchemaOut":
        return cls(name=row.name, data_schema=row.data_schema, updated_at=row.updated_at)


@router.get("", summary="List event schemas", responses=problems(CursorUnfit))
async def listing(db: ReadDb, who: Viewer, window: Paging) -> Page[SchemaOut]:
    """All, by the events' names."""
    rows, after = await event_schemas.listed(db, window)
    return Page[SchemaOut].of([SchemaOut.of(row) for row in rows], after)


@router.get("/{name}", summary="Show an event's schema", responses=problems(NotFound))
async def show(name: Name, db: ReadDb, who: Viewer) -> SchemaOut:
    """That of one event."""
    return SchemaOut.of(await event_schemas.named(db, who.workspace, name))


@router.put(
    "/{name}", summary="Lay down an event's schema", responses=problems(SchemaUnfit), dependencies=[HEARS]
)
async def put(name: Name, body: SchemaIn, db: WriteDb, who: Editor) -> SchemaOut:
    """From now on, events of this name whose data does not fit are refused, and drafts that misuse them have errors.

    A version of a bot goes on with the schema that it was pushed with: push it again to have it run with this one.
    """
    from flows.data_schema import fault_of  # the engine is imported when it is needed
    from flows.wording import worded

    if fault := fault_of(body.data_schema):
        at, why = fault
        raise SchemaUnfit(name=name, at=worded(" at {place}", place=at) if at else "", why=why)
    row = await event_schemas.keep(db, who.workspace, name, body.data_schema)
    await audit(db, who, "event_schema.change", name)
    return SchemaOut.of(row)


@router.delete(
    "/{name}",
    summary="Remove an event's schema",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def remove(name: Name, db: WriteDb, who: Editor) -> None:
    """From now on, events of this name may hold any data."""
    await db.delete(await event_schemas.named(db, who.workspace, name))
    await audit(db, who, "event_schema.remove", name)
