"""Templates of a number: what its channel has approved. Bots are checked against them once they were read."""

import datetime as dt
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel

from admin_api.audit import audit
from admin_api.callers import CALLING, Agent, Editor
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.pages import Page, Paging
from admin_api.problems import InputUnfit, problems
from keys.seal import Sealer
from schemas.problems import NotFound, Refused
from schemas.tables.message_templates import MessageTemplate
from schemas.tables.numbers import Number
from sessions import registry
from sessions.driver import Account, LoggedOut, Rejected, Throttled, Unreachable
from store.admin import message_templates, numbers
from store.admin.page import CursorUnfit

router = APIRouter(
    prefix="/numbers/{number}/templates",
    tags=["numbers"],
    responses=problems(*CALLING, InputUnfit, NotFound),
)


class NoTemplates(Refused):
    """The channel has none, or it is not said where they are."""

    code = "numbers.no_templates"
    status = 409
    title = "No templates can be read"
    sentence = "{why}"


class TemplateOut(BaseModel):
    """One language of a template. `status`, `category` and `components` are in the channel's words."""

    name: str
    language: str
    status: str
    category: str
    components: list[dict[str, Any]]
    synced_at: dt.datetime


class SyncedOut(BaseModel):
    """How many there are now."""

    templates: int


@router.get("", summary="List a number's templates", responses=problems(CursorUnfit))
async def templates(
    number: str,
    db: ReadDb,
    who: Agent,
    window: Paging,
    status: Annotated[str | None, Query(max_length=40, pattern=r"^[A-Z_]*$", examples=["APPROVED"])] = None,
) -> Page[TemplateOut]:
    """By name and language, as they were when they were last read from the channel."""
    row = await numbers.named(db, number)
    rows, after = await message_templates.listed(db, row.id, status, window)
    return Page[TemplateOut].of(
        [TemplateOut(**each.model_dump(include=set(TemplateOut.model_fields))) for each in rows], after
    )


@router.post(
    "/sync",
    summary="Read a number's templates from its channel",
    responses=problems(NoTemplates, Unreachable, Rejected, Throttled, LoggedOut),
)
async def sync_templates(number: str, db: WriteDb, seals: Seals, who: Editor) -> SyncedOut:
    """What the channel has now takes the place of what was read before. From then on the checker knows the names."""
    row = await numbers.named(db, number)
    rows = await _read(row, seals)
    count = await message_templates.keep(db, row.id, rows)
    await audit(db, who, "number.sync_templates", row, changes={"templates": count})
    return SyncedOut(templates=count)


async def _read(row: Number, seals: Sealer) -> list[MessageTemplate]:
    kind = registry.driver(row.channel)
    if not hasattr(kind, "templates"):
        raise NoTemplates(why=f"{row.channel} has no templates.")
    secrets = orjson.loads(seals.open("numbers", "secrets", row.id.bytes, row.secrets)) if row.secrets else {}
    driver: Any = kind(Account(row.id, row.account, row.settings, secrets))
    try:
        found = await driver.templates()
    finally:
        await driver.close()
    if found is None:
        raise NoTemplates(
            why="Set business_account of the number first: the id of its WhatsApp Business Account."
        )
    return [
        MessageTemplate(
            number_id=row.id,
            workspace_id=row.workspace_id,
            name=each.name,
            language=each.language,
            status=each.status,
            category=each.category,
            provider_id=each.provider_id,
            components=list(each.components),
        )
        for each in found
    ]
