"""Bots: push a folder, look at versions, publish one."""

import datetime as dt

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, Field

from admin_api import bot_folder
from admin_api.audit import audit
from admin_api.bot_folder import MOST_FILES, FolderUnfit, Name, VersionNumber
from admin_api.callers import Editor, KeyMissing, RoleTooLow, Viewer
from admin_api.check import BotUnfit, DiagnosticOut, checked, content_hash, refuse_errors
from admin_api.database import ReadDb, WriteDb
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from schemas.tables.bots import Bot, BotVersion
from store.admin import bots, numbers

router = APIRouter(prefix="/bots", tags=["bots"], responses=problems(KeyMissing, RoleTooLow, InputUnfit))


class BotOut(BaseModel):
    """A bot."""

    name: str
    published_version: int | None
    created_at: dt.datetime

    @classmethod
    def of(cls, bot: Bot) -> "BotOut":
        return cls(name=bot.name, published_version=bot.published_version, created_at=bot.created_at)


class PushIn(BaseModel):
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


@router.get("", summary="List bots")
async def listing(db: ReadDb, who: Viewer) -> list[BotOut]:
    """All bots of the workspace, by name."""
    return [BotOut.of(bot) for bot in await bots.listed(db)]


@router.put(
    "/{name}",
    summary="Push a bot's folder",
    responses=problems(FolderUnfit) | {201: {"model": VersionOut, "description": "A new version."}},
)
async def push(name: Name, body: PushIn, db: WriteDb, who: Editor, response: Response) -> VersionOut:
    """Keep the folder as a new version: 201. Content that a version already has gives that version: 200.

    A push is kept even with errors in it, so that work can be shared; `diagnostics` names them.
    """
    bot_folder.fit(body.files)
    diagnostics = await checked(db, body.files, name, secrets_matter=False)
    bot, version, new = await bots.push(
        db, who.workspace, name, body.files, content_hash(body.files), body.message
    )
    if new:
        await audit(db, who, "bot.push", bot, changes={"version": version.version, "message": body.message})
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return VersionOut.of(bot, version, diagnostics)


@router.get("/{name}/versions", summary="List a bot's versions", responses=problems(NotFound))
async def versions(name: Name, db: ReadDb, who: Viewer) -> list[VersionOut]:
    """The versions of a bot, the newest first."""
    bot = await bots.named(db, name)
    return [VersionOut.of(bot, row) for row in await bots.versions(db, bot)]


@router.get("/{name}/versions/{version}/files", summary="A version's files", responses=problems(NotFound))
async def files(name: Name, version: VersionNumber, db: ReadDb, who: Viewer) -> dict[str, str]:
    """Path to text, as pushed."""
    return (await bots.version(db, await bots.named(db, name), version)).files


@router.post(
    "/{name}/versions/{version}/publish",
    summary="Publish a version",
    responses=problems(NotFound, BotUnfit),
)
async def publish(name: Name, version: VersionNumber, db: WriteDb, who: Editor) -> VersionOut:
    """New runs use this version from now on; open ones stay on theirs. Refused while the checker finds errors."""
    bot = await bots.named(db, name)
    row = await bots.version(db, bot, version)
    diagnostics = await checked(db, row.files, name)
    refuse_errors(name, diagnostics)
    before = bot.published_version
    await bots.publish(db, bot, row)
    await audit(db, who, "bot.publish", bot, changes={"version": [before, row.version]})
    await numbers.try_again_with(db, bot)
    await numbers.tell(db)
    return VersionOut.of(bot, row, diagnostics)
