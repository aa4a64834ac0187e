"""Contacts: the people who write to the workspace's numbers."""

import datetime as dt
from typing import Annotated, Any, Self
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, status
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from admin_api import etag
from admin_api.acting import ACTING, by
from admin_api.audit import audit
from admin_api.callers import Admin, Agent, Caller, KeyMissing, Open, RoleTooLow
from admin_api.contact_archive import archive, parts
from admin_api.contact_name import NamedIn
from admin_api.contact_name import identity as named
from admin_api.contact_opting import opt
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.erasing import ErasureOut
from admin_api.etag import IfMatch, PreconditionFailed
from admin_api.field_types import BUILT_IN, FieldUndeclared, FieldUnfit, fits
from admin_api.input import Input
from admin_api.pages import SORTING, Page, sorting
from admin_api.problems import InputUnfit, problems
from keys.seal import Sealer
from schemas.problems import NotFound, Refused
from store.admin import contact_export, contact_fields, contacts, erasures
from store.admin.contacts import Contact, Filter, Talk
from store.admin.desk import Session
from store.admin.page import Window
from store.media import Media


class NotSure(Refused):
    """What cannot be taken back was not confirmed."""

    code = "contacts.not_sure"
    status = 422
    title = "Are you sure?"
    sentence = "Erasing a contact cannot be taken back. Say so with ?sure=true."


router = APIRouter(
    prefix="/contacts", tags=["contacts"], responses=problems(KeyMissing, RoleTooLow, InputUnfit)
)

Tag = Annotated[str, Field(pattern=r"^[^\s\x00,][^\x00,]{0,99}$", examples=["vip"])]


class ContactRow(BaseModel):
    """A contact as lists show him. `fields`: those that were declared not to say who he is."""

    id: UUID
    name: str
    language: str
    tags: list[str]
    opted_out: bool
    fields: dict[str, Any]
    created_at: dt.datetime
    updated_at: dt.datetime

    @classmethod
    def of(cls, row: Contact, talks: list[Talk], fields: dict[str, Any]) -> Self:
        name = row.profile.get("name") or next((one.name for one in talks if one.name), "")
        known = row._asdict() | {"name": str(name), "fields": fields}
        return cls.model_validate({key: known[key] for key in ContactRow.model_fields})


class TalkOut(BaseModel):
    """A conversation with him."""

    number: str
    id: UUID
    status: str
    opted_out: bool


class ContactOut(ContactRow):
    """A contact, whole: all his fields, and how channels name him."""

    timezone: str
    identities: list[NamedIn]
    conversations: list[TalkOut]
    etag: str = Field(
        description="Of fields and tags. Give it as If-Match, in quotes, to change what you saw."
    )


class ContactIn(Input):
    """What changes; what is left out stays, null clears. `fields` are those that the workspace declared."""

    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    fields: Annotated[dict[str, Any], Field(max_length=100)] = {}
    tags: Annotated[list[Tag], Field(max_length=50)] | None = None

    model_config = {
        "json_schema_extra": {"examples": [{"name": "Ana", "fields": {"city": "Rome"}, "tags": ["vip"]}]}
    }

    def written(self) -> dict[str, Any]:
        """The fields of the profile that are given."""
        built_in = {name: getattr(self, name) for name in BUILT_IN if name in self.model_fields_set}
        return {**self.fields, **built_in}


class OptedOutOut(BaseModel):
    """In which conversations it holds from their next turn on; in all that he begins later, at once."""

    contact: UUID
    opted_out: bool
    conversations: list[UUID]


@router.get("", summary="List contacts", responses=problems(*SORTING))
async def listing(
    db: ReadDb,
    seals: Seals,
    who: Agent,
    window: Annotated[Window, Depends(sorting("-created_at", "updated_at"))],
    phone: Annotated[
        str | None,
        Query(
            min_length=3, max_length=40, description="Exactly who has this number.", examples=["+39 333 1"]
        ),
    ] = None,
    identity: Annotated[
        str | None,
        Query(
            pattern=r"^[a-z_]{1,32}:[^\x00]{1,200}$",
            description="Exactly whom a channel names so: kind and value.",
            examples=["bsuid:IT.13491208655302741918"],
        ),
    ] = None,
    tag: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")] = None,
    language: Annotated[str | None, Query(max_length=35, pattern=r"^[^\x00]*$")] = None,
    opted_out: bool | None = None,
    updated_since: dt.datetime | None = None,
) -> Page[ContactRow]:
    """The latest first. Filters that are given must all hold. `phone` and `identity` find one, or nobody."""
    wanted = Filter(tag, language, opted_out, updated_since)
    given = (("phone", phone), *([identity.split(":", 1)] if identity is not None else []))
    names = [named(kind, value) for kind, value in given if value is not None]
    rows: list[Contact] = []
    after = None
    found = {await contacts.of_identity(db, seals, name) for name in names}
    if not names:
        rows, after = await contacts.listed(db, seals, wanted, window)
    elif len(found) == 1 and (key := found.pop()) is not None:
        rows, after = await contacts.listed(db, seals, wanted._replace(id=key), window)
    items = await _rows(db, seals, rows)
    await audit(db, who, "contact.list", changes={"count": len(items), "by_name": bool(names)})
    return Page[ContactRow].of(items, after)


@router.get("/{contact}", summary="Show a contact", responses=problems(NotFound))
async def show(contact: UUID, db: ReadDb, seals: Seals, who: Agent) -> ContactOut:
    """What is known of him, and his conversations."""
    row = await contacts.shown(db, seals, contact)
    await audit(db, who, "contact.read", contact)
    return await _whole(db, seals, row)


@router.patch(
    "/{contact}",
    summary="Change a contact",
    responses=problems(NotFound, FieldUndeclared, FieldUnfit, PreconditionFailed),
)
async def change(
    contact: UUID, body: ContactIn, db: WriteDb, seals: Seals, who: Agent, unchanged: IfMatch
) -> ContactOut:
    """The profile has it at once, his conversations within seconds.

    With the `etag` of what was seen as `If-Match`, nothing is changed that somebody else, or a bot, has changed since;
    without it who writes a field last wins.
    """
    row = await contacts.shown(db, seals, contact, change=True)
    if unchanged.given:
        seen = (await _whole(db, seals, row)).model_dump(mode="json", include={*BUILT_IN, "fields", "tags"})
        unchanged.require("The contact", _etag(row), theirs=seen)
    fields = body.written()
    fits(fields, await contact_fields.every(db))
    tags = None if body.tags is None else sorted(set(body.tags))
    row = await contacts.change(db, seals, row, fields, tags)
    await audit(
        db, who, "contact.change", contact, changes={"fields": sorted(fields), "tags": tags is not None}
    )
    return await _whole(db, seals, row)


@router.post(
    "/{contact}/opt-out",
    summary="Opt a contact out",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound, *ACTING),
)
async def opt_out(contact: UUID, db: WriteDb, seals: Seals, who: Agent) -> OptedOutOut:
    """He is not written to any more, by bots or people, on any number, until he opts in again."""
    return await _opt(db, seals, who, contact, True)


@router.post(
    "/{contact}/opt-in",
    summary="Opt a contact in again",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound, *ACTING),
)
async def opt_in(contact: UUID, db: WriteDb, seals: Seals, who: Agent) -> OptedOutOut:
    """He may be written to again. Do so only if he wants it."""
    return await _opt(db, seals, who, contact, False)


@router.get(
    "/{contact}/export",
    summary="Export a contact",
    response_class=StreamingResponse,
    responses={
        **problems(NotFound),
        200: {
            "description": "A zip archive: `contact.json`, and his files under `files/`.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def export(contact: UUID, db: ReadDb, seals: Seals, open_here: Open, who: Admin) -> StreamingResponse:
    """Everything that is kept of him, to be handed to him."""
    everything = await contact_export.everything(db, seals, contact)
    whole = await archive(everything, Media(open_here.config.media, who.workspace, seals))
    await audit(db, who, "contact.export", contact)
    return StreamingResponse(
        parts(whole),
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="contact-{contact}.zip"',
            "Content-Length": str(whole.seek(0, 2)),
            "Cache-Control": "private, no-store",
        },
    )


@router.delete(
    "/{contact}",
    summary="Erase a contact",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound, NotSure),
)
async def erase(
    contact: UUID,
    db: WriteDb,
    seals: Seals,
    who: Admin,
    sure: Annotated[bool, Query(description="It cannot be taken back.")] = False,
) -> ErasureOut:
    """Forget him: his profile and names, what he and the bots said, files, runs and what they collected, calls and
    their answers, webhooks' logs, what was kept aside of him, and files of exports that are still kept (also of
    others). The audit keeps that it was done. `GET /erasures/{contact}` tells when all is gone.
    """
    if not sure:
        raise NotSure
    row = await erasures.order(db, seals, contact, by(who))
    await audit(db, who, "contact.erase", contact)
    return ErasureOut.of(row)


async def _opt(db: Session, seals: Sealer, who: Caller, contact: UUID, opted_out: bool) -> OptedOutOut:
    row = await contacts.shown(db, seals, contact, change=True)
    told = await opt(db, seals, who, row.id, opted_out)
    await audit(db, who, "contact.opt_out" if opted_out else "contact.opt_in", row.id)
    return OptedOutOut(contact=row.id, opted_out=opted_out, conversations=told)


async def _rows(db: Session, seals: Sealer, rows: list[Contact]) -> list[ContactRow]:
    shown = {name for name, row in (await contact_fields.every(db)).items() if not row.pii}
    talks = await contacts.talks(db, seals, [row.id for row in rows])
    return [
        ContactRow.of(
            row,
            [one for one in talks if one.contact_id == row.id],
            {name: value for name, value in row.profile.items() if name in shown},
        )
        for row in rows
    ]


async def _whole(db: Session, seals: Sealer, row: Contact) -> ContactOut:
    talks = await contacts.talks(db, seals, [row.id])
    fields = {name: value for name, value in row.profile.items() if name not in BUILT_IN}
    return ContactOut(
        **ContactRow.of(row, talks, fields).model_dump(),
        timezone=str(row.profile.get("timezone") or ""),
        identities=[
            NamedIn(kind=one.kind, value=one.value) for one in await contacts.identities(db, seals, row.id)
        ],
        etag=_etag(row),
        conversations=[TalkOut(**{key: getattr(one, key) for key in TalkOut.model_fields}) for one in talks],
    )


def _etag(row: Contact) -> str:
    """Of what people and bots change."""
    kept = orjson.dumps([row.profile, sorted(row.tags)], option=orjson.OPT_SORT_KEYS)
    return etag.of_text(kept.decode())
