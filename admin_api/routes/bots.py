"""Bots: push a folder, look at versions, publish one."""

import asyncio
import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, Field

from admin_api import bot_folder, etag, publishing
from admin_api.audit import audit
from admin_api.bot_folder import MOST_FILES, FolderUnfit, Name, VersionNumber
from admin_api.callers import Editor, KeyMissing, RoleTooLow, Viewer
from admin_api.check import DiagnosticOut, checked, kept, named_events, refuse_errors
from admin_api.database import ReadDb, Seals, WriteDb
from admin_api.diff import DiffOut, difference
from admin_api.etag import CONDITIONS, IfMatch
from admin_api.input import Input
from admin_api.language import HEARS
from admin_api.pages import SORTING, Page, sorting
from admin_api.problems import InputUnfit, problems
from admin_api.publishing import PUBLISHING, PublishedOut, PublishIn
from schemas.problems import NotFound, Refused
from schemas.tables.bots import Bot, BotVersion
from store.admin import bots, drafts
from store.admin.desk import Session
from store.admin.page import Window

router = APIRouter(prefix="/bots", tags=["bots"], responses=problems(KeyMissing, RoleTooLow, InputUnfit))


class NothingBefore(Refused):
    """No version was published before the current one."""

    code = "bots.nothing_before"
    status = 409
    title = "There is nothing to go back to"
    sentence = "No version of bot {name!r} was published before the current one. Name one as `version`."


class PublishDraftIn(Input):
    """What is new, and what becomes of open runs, as for a version. `dry_run`: only say what would be."""

    message: str = Field("", max_length=500)
    in_flight: publishing.InFlight | None = None
    dry_run: bool = False


class RollbackIn(PublishIn):
    """The same, with the version to go back to; without one: the one that was published before."""

    version: int | None = Field(None, ge=1, le=2_147_483_647)


class BotOut(BaseModel):
    """A bot."""

    name: str
    published_version: int | None
    created_at: dt.datetime

    @classmethod
    def of(cls, bot: Bot) -> "BotOut":
        return cls(name=bot.name, published_version=bot.published_version, created_at=bot.created_at)


class PushIn(Input):
    """A bot's folder: path (with /) to text."""

    files: dict[str, str] = Field(min_length=1, max_length=MOST_FILES)
    message: str = Field("", max_length=500)


class VersionOut(BaseModel):
    """A version of a bot. `diagnostics` is what the checker says of it, where that was asked."""

    bot: str
    version: int
    hash: str
    message: str
    created_at: dt.datetime
    published_at: dt.datetime | None
    current: bool
    diagnostics: list[DiagnosticOut] = []

    @classmethod
    def of(cls, bot: Bot, row: BotVersion, diagnostics: list[DiagnosticOut] | None = None) -> "VersionOut":
        return cls(
            bot=bot.name,
            version=row.version,
            hash=row.hash,
            message=row.message,
            created_at=row.created_at,
            published_at=row.published_at,
            current=row.version == bot.published_version,
            diagnostics=diagnostics or [],
        )


@router.get("", summary="List bots", responses=problems(*SORTING))
async def listing(
    db: ReadDb, who: Viewer, window: Annotated[Window, Depends(sorting("name", "created_at"))]
) -> Page[BotOut]:
    """All bots of the workspace, by name."""
    rows, after = await bots.listed(db, window)
    return Page[BotOut].of([BotOut.of(bot) for bot in rows], after)


@router.put(
    "/{name}",
    summary="Push a bot's folder",
    dependencies=[HEARS],
    responses=problems(FolderUnfit) | {201: {"model": VersionOut, "description": "A new version."}},
)
async def push(name: Name, body: PushIn, db: WriteDb, who: Editor, response: Response) -> VersionOut:
    """Keep the folder as a new version: 201. Content that a version already has gives that version: 200.

    A push is kept even with errors in it, so that work can be shared; `diagnostics` names them.
    """
    bot_folder.fit(body.files)
    diagnostics = await checked(db, body.files, name, secrets_matter=False)
    bot, version, new = await kept(db, who.workspace, name, body.files, body.message)
    if new:
        await audit(db, who, "bot.push", bot, changes={"version": version.version, "message": body.message})
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return VersionOut.of(bot, version, diagnostics)


@router.get("/{name}/versions", summary="List a bot's versions", responses=problems(NotFound, *SORTING))
async def versions(
    name: Name, db: ReadDb, who: Viewer, window: Annotated[Window, Depends(sorting("-version"))]
) -> Page[VersionOut]:
    """The versions of a bot, the newest first."""
    bot = await bots.named(db, name)
    rows, after = await bots.versions(db, bot, window)
    return Page[VersionOut].of([VersionOut.of(bot, row) for row in rows], after)


@router.get("/{name}/versions/{version}/files", summary="A version's files", responses=problems(NotFound))
async def files(name: Name, version: VersionNumber, db: ReadDb, who: Viewer) -> dict[str, str]:
    """Path to text, as pushed."""
    return (await bots.version(db, await bots.named(db, name), version)).files


@router.get("/{name}/versions/{version}", summary="Show a version", responses=problems(NotFound))
async def show_version(name: Name, version: VersionNumber, db: ReadDb, who: Viewer) -> VersionOut:
    """One version, without its files."""
    bot = await bots.named(db, name)
    return VersionOut.of(bot, await bots.version(db, bot, version))


@router.get(
    "/{name}/versions/{version}/diff/{other}", summary="Compare two versions", responses=problems(NotFound)
)
async def diff(name: Name, version: VersionNumber, other: VersionNumber, db: ReadDb, who: Viewer) -> DiffOut:
    """What makes `other` out of `version`: flows and steps added, removed and changed, and each file's text."""
    bot = await bots.named(db, name)
    before, after = await bots.version(db, bot, version), await bots.version(db, bot, other)
    return await asyncio.to_thread(difference, before.files, after.files)


@router.post(
    "/{name}/versions/{version}/publish",
    summary="Publish a version",
    dependencies=[HEARS],
    responses=problems(NotFound, *PUBLISHING),
)
async def publish(
    name: Name, version: VersionNumber, db: WriteDb, seals: Seals, who: Editor, body: PublishIn | None = None
) -> PublishedOut:
    """New runs use this version from now on; open ones stay, begin anew or go on with it, as `in_flight` says.

    Refused while the checker finds errors, or a test of the bot fails.
    """
    bot = await _held(db, name)
    row = await bots.version(db, bot, version)
    return await publishing.publish(db, seals, who, bot, row, body or PublishIn())


@router.post(
    "/{name}/draft/publish",
    summary="Publish a draft",
    dependencies=[HEARS],
    responses=problems(NotFound, *CONDITIONS, *PUBLISHING),
)
async def publish_draft(
    name: Name, body: PublishDraftIn, db: WriteDb, seals: Seals, who: Editor, when: IfMatch
) -> PublishedOut:
    """Keep the draft as a version and publish that, in one step. With `If-Match`, only if the draft is as you saw it."""
    bot = await _held(db, name)
    draft = await drafts.current(db, bot)
    files = dict(draft.files)
    tag = etag.of_parts((path, etag.of_text(text)) for path, text in files.items())
    if when.given:
        when.require(f"The draft of {name}", tag, files)
    refuse_errors(name, await checked(db, files, name))
    if body.dry_run:
        last = await bots.last_version(db, bot)
        row = BotVersion(
            bot_id=bot.id,
            version=last + 1,
            workspace_id=who.workspace,
            hash="",
            files=files,
            event_schemas=await named_events(db, files),
        )
        how = PublishIn(in_flight=body.in_flight, dry_run=True)
        return await publishing.publish(db, seals, who, bot, row, how)
    _, row, new = await kept(db, who.workspace, name, files, body.message)
    if new:
        await audit(db, who, "bot.push", bot, changes={"version": row.version, "message": body.message})
    if draft.seq:
        await drafts.became(db, bot, draft, row.version)
    return await publishing.publish(db, seals, who, bot, row, PublishIn(in_flight=body.in_flight))


@router.post(
    "/{name}/rollback",
    summary="Roll back",
    dependencies=[HEARS],
    responses=problems(NotFound, NothingBefore, *PUBLISHING),
)
async def rollback(name: Name, body: RollbackIn, db: WriteDb, seals: Seals, who: Editor) -> PublishedOut:
    """Publish an earlier version again: the one before, unless one is named. Open runs follow `in_flight`."""
    bot = await _held(db, name)
    row = await (bots.version(db, bot, body.version) if body.version else bots.published_before(db, bot))
    if row is None:
        raise NothingBefore(name=name)
    return await publishing.publish(db, seals, who, bot, row, body, "bot.rollback")


async def _held(db: Session, name: str) -> Bot:
    bot = await drafts.held(db, name)
    if bot is None:
        raise NotFound(what="bot", name=name)
    return bot
