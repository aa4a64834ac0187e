"""Bots: push a folder, look at versions, publish one."""

import datetime as dt
import re
from typing import Annotated

from fastapi import APIRouter, Path, Response, status
from pydantic import BaseModel, Field

from admin_api.audit import audit
from admin_api.callers import Editor, KeyMissing, RoleTooLow, Viewer
from admin_api.check import BotUnfit, DiagnosticOut, checked, content_hash, refuse_errors
from admin_api.database import ReadDb, WriteDb
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound
from schemas.tables.bots import Bot, BotVersion
from store.admin import bots, numbers

router = APIRouter(prefix="/bots", tags=["bots"], responses=problems(KeyMissing, RoleTooLow, InputUnfit))

MOST_FILES = 2_000
MOST_CHARS = 4_000_000

Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="The bot's name.")]
VersionNumber = Annotated[int, Path(ge=1, le=2_147_483_647, description="The version's number.")]
_PATH = re.compile(r"^[\w][\w. -]*(/[\w][\w. -]*)*$")


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
    responses=problems(BotUnfit) | {201: {"model": VersionOut, "description": "A new version."}},
)
async def push(name: Name, body: PushIn, db: WriteDb, who: Editor, response: Response) -> VersionOut:
    """Keep the folder as a new version: 201. Content that a version already has gives that version: 200.

    A push is kept even with errors in it, so that work can be shared; `diagnostics` names them.
    """
    if sum(map(len, body.files.values())) > MOST_CHARS:
        raise BotUnfit(name=name, count=1, first=f"the folder has more than {MOST_CHARS} characters")
    if odd := [path for path in body.files if not _PATH.match(path)]:
        raise BotUnfit(name=name, count=len(odd), first=f"{odd[0]!r} is no path of a file in the folder")
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
