"""Which fields the contacts of a workspace have."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import Editor, KeyMissing, RoleTooLow, Viewer
from admin_api.database import ReadDb, WriteDb
from admin_api.field_types import BUILT_IN, KEPT_BY_US, FieldType
from admin_api.input import Input
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound, Refused
from schemas.tables.contact_fields import ContactField
from store.admin import contact_fields
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/contact-fields", tags=["contact fields"], responses=problems(KeyMissing, RoleTooLow, InputUnfit)
)

Name = Annotated[str, Path(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", examples=["city"])]


class FieldBuiltIn(Refused):
    """Every contact has it, or it is not a field that can be written."""

    code = "contact_fields.built_in"
    status = 409
    title = "That name has a meaning already"
    sentence = "{name!r} means something of every contact. Take another name."


class FieldIn(Input):
    """`pii`: it says who somebody is, so lists leave it out; true unless told."""

    type: FieldType
    pii: bool = True
    title: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""

    model_config = {"json_schema_extra": {"examples": [{"type": "string", "pii": False, "title": "City"}]}}


class FieldOut(BaseModel):
    """A field that a contact's profile may have."""

    name: str
    type: FieldType
    pii: bool
    title: str
    updated_at: dt.datetime

    @classmethod
    def of(cls, row: ContactField) -> "FieldOut":
        return cls.model_validate(row, from_attributes=True)


@router.get("", summary="List contact fields", responses=problems(CursorUnfit))
async def listing(db: ReadDb, who: Viewer, window: Paging) -> Page[FieldOut]:
    """Those that were declared, by name. `name`, `language` and `timezone` every contact has."""
    rows, after = await contact_fields.listed(db, window)
    return Page[FieldOut].of([FieldOut.of(row) for row in rows], after)


@router.get("/{name}", summary="Show a contact field", responses=problems(NotFound))
async def show(name: Name, db: ReadDb, who: Viewer) -> FieldOut:
    """One."""
    return FieldOut.of(await contact_fields.named(db, who.workspace, name))


@router.put("/{name}", summary="Declare a contact field", responses=problems(FieldBuiltIn))
async def put(name: Name, body: FieldIn, db: WriteDb, who: Editor) -> FieldOut:
    """From now on profiles may have it. Values that are there stay, also where they do not fit a new type."""
    if name in (*BUILT_IN, *KEPT_BY_US):
        raise FieldBuiltIn(name=name)
    field = ContactField(
        workspace_id=who.workspace, name=name, type=body.type, pii=body.pii, title=body.title
    )
    row = await contact_fields.keep(db, field)
    await audit(db, who, "contact_field.change", name, changes={"type": body.type, "pii": body.pii})
    return FieldOut.of(row)


@router.delete(
    "/{name}",
    summary="Remove a contact field",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def remove(name: Name, db: WriteDb, who: Editor) -> None:
    """Nobody writes it any more. Values that are there stay in the profiles."""
    await db.delete(await contact_fields.named(db, who.workspace, name))
    await audit(db, who, "contact_field.remove", name)
