"""Drafts: a bot's folder while somebody works on it; whole, file by file, or as an archive.

Whoever changes something says by `If-Match` what he saw. When somebody else was faster the answer is 412, with
`theirs` (what is there now) and `base` (what he saw, if it is still known), which a three-way merge needs.
"""

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response, status
from pydantic import BaseModel, Field

from admin_api import bot_folder, etag
from admin_api.audit import audit
from admin_api.bot_folder import MOST_CHARS, MOST_FILES, MOST_ZIPPED, FolderUnfit, Name
from admin_api.callers import CALLING, Caller, Editor, Viewer
from admin_api.check import DiagnosticOut, checked
from admin_api.database import ReadDb, WriteDb
from admin_api.diff import DiffOut, difference
from admin_api.etag import CONDITIONS, IfMatch
from admin_api.input import Input
from admin_api.language import HEARS
from admin_api.live import tell
from admin_api.problems import InputUnfit, problems
from schemas.problems import NotFound, Refused
from schemas.tables.bots import Bot
from store.admin import bots, drafts
from store.admin.desk import Session, Taken

router = APIRouter(prefix="/bots/{name}/draft", tags=["bots"], responses=problems(*CALLING, InputUnfit))

FilePath = Annotated[str, Path(max_length=255, description="The file's path in the folder, with /.")]
Against = Annotated[
    int | None, Query(ge=1, le=2_147_483_647, description="Compare with this version, not the published one.")
]
_ZIP: dict[str, Any] = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
_BYTES = {"application/octet-stream": _ZIP["application/zip"]}
_ZIP_TYPE = "application/zip"


class TooLarge(Refused):
    """The archive is larger than is taken."""

    code = "bots.archive_too_large"
    status = 413
    title = "That is too large"
    sentence = "An archive may have {most} bytes at most."


class FileIn(Input):
    """A file's whole text."""

    text: str = Field(max_length=MOST_CHARS, examples=["chatloom: flow/v1\nid: hello\n"])


class FileOut(BaseModel):
    """A file of a draft. `etag` is the file's own, without quotes."""

    path: str
    text: str
    etag: str


class FilesIn(Input):
    """A bot's folder: path (with /) to text. What is not named goes."""

    files: dict[str, str] = Field(max_length=MOST_FILES)


class DraftOut(BaseModel):
    """A draft, whole. `etags` holds each file's; `base_version` is the version that it began as or last became."""

    bot: str
    files: dict[str, str]
    etags: dict[str, str]
    etag: str
    base_version: int | None
    changed_at: dt.datetime
    changed_by: str

    @classmethod
    def of(cls, bot: Bot, draft: drafts.Draft) -> "DraftOut":
        tags = _tags(draft.files)
        return cls(
            bot=bot.name,
            files=dict(draft.files),
            etags=tags,
            etag=etag.of_parts(tags.items()),
            base_version=draft.base_version,
            changed_at=draft.at,
            changed_by=draft.by,
        )


class AuthorOut(BaseModel):
    """Who changed some of the files that differ, since the version was made. `last`: when that was last."""

    name: str
    files: list[str]
    last: dt.datetime


class DraftDiffOut(DiffOut):
    """What makes the draft out of a version, and whose changes are in it: as the audit has it, the latest first."""

    authors: list[AuthorOut]


class CheckOut(BaseModel):
    """What the checker says of the draft with this `etag`. With an error it cannot be published."""

    etag: str
    errors: int
    diagnostics: list[DiagnosticOut]


@router.get("", summary="Show a draft", responses=problems(NotFound))
async def draft(name: Name, db: ReadDb, who: Viewer, response: Response) -> DraftOut:
    """All files. A bot that nobody has worked on since its newest version has that one's files as its draft."""
    bot = await bots.named(db, name)
    return _told(DraftOut.of(bot, await drafts.current(db, bot)), response)


@router.put(
    "",
    summary="Replace a draft",
    responses=problems(FolderUnfit, Taken, *CONDITIONS)
    | {201: {"model": DraftOut, "description": "A new bot."}},
)
async def replace_draft(
    name: Name, body: FilesIn, db: WriteDb, who: Editor, when: IfMatch, response: Response
) -> DraftOut:
    """Save the whole folder. With `If-None-Match: *` it is a new bot's first draft."""
    return await _replaced(db, who, name, bot_folder.fit(body.files), when, response)


@router.get("/diff", summary="Compare a draft with a version", responses=problems(NotFound))
async def draft_diff(name: Name, db: ReadDb, who: Viewer, version: Against = None) -> DraftDiffOut:
    """What publishing the draft would change: flows and steps, and each file's text. All is new if nothing is published."""
    bot = await bots.named(db, name)
    draft = await drafts.current(db, bot)
    wanted = version or bot.published_version
    against = wanted and await bots.version(db, bot, wanted)
    told = await asyncio.to_thread(difference, against.files if against else {}, draft.files)
    differ = {file.path for file in told.files}
    since = against.created_at if against else bot.created_at
    authors = [
        AuthorOut(name=one.name, files=files, last=one.last)
        for one in await drafts.authors(db, bot, since)
        if (files := [path for path in one.files if path in differ])
    ]
    return DraftDiffOut(**dict(told), authors=authors)


@router.get(
    "/zip",
    summary="Download a draft",
    response_class=Response,
    responses=problems(NotFound) | {200: {"content": _ZIP, "description": "The folder as a zip archive."}},
)
async def draft_archive(name: Name, db: ReadDb, who: Viewer) -> Response:
    """The folder as a zip archive; the same content gives the same bytes."""
    draft = await drafts.current(db, await bots.named(db, name))
    data = await asyncio.to_thread(bot_folder.zipped, dict(draft.files))
    headers = {
        "ETag": etag.quoted(tag_of(draft.files)),
        "Content-Disposition": f'attachment; filename="{name}.zip"',
    }
    return Response(data, media_type=_ZIP_TYPE, headers=headers)


@router.put(
    "/zip",
    summary="Upload a draft",
    responses=problems(FolderUnfit, TooLarge, Taken, *CONDITIONS)
    | {201: {"model": DraftOut, "description": "A new bot."}},
    openapi_extra={"requestBody": {"required": True, "content": _BYTES}},
)
async def replace_draft_by_archive(
    name: Name, request: Request, db: WriteDb, who: Editor, when: IfMatch, response: Response
) -> DraftOut:
    """Save the files of a zip archive as the draft. Hidden files, and one folder around all, are left out."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_ZIPPED:
            raise TooLarge(most=MOST_ZIPPED)
    files = await asyncio.to_thread(bot_folder.unzipped, bytes(data))
    return await _replaced(db, who, name, files, when, response)


@router.get("/files/{path:path}", summary="Show a draft's file", responses=problems(NotFound))
async def draft_file(name: Name, path: FilePath, db: ReadDb, who: Viewer, response: Response) -> FileOut:
    """One file, with its own `ETag`."""
    files = (await drafts.current(db, await bots.named(db, name))).files
    if path not in files:
        raise NotFound(what="file", name=path)
    tag = etag.of_text(files[path])
    response.headers["ETag"] = etag.quoted(tag)
    return FileOut(path=path, text=files[path], etag=tag)


@router.put(
    "/files/{path:path}",
    summary="Save a draft's file",
    responses=problems(NotFound, FolderUnfit, *CONDITIONS),
)
async def save_draft_file(
    name: Name, path: FilePath, body: FileIn, db: WriteDb, who: Editor, when: IfMatch, response: Response
) -> FileOut:
    """Save one file, with `If-Match` of that file alone: two people on two files do not meet.

    A new file takes `If-None-Match: *`.
    """
    bot, seen = await held(db, name)
    await _require_file(db, bot, seen, path, when)
    await save(db, who, bot, seen, bot_folder.fit({**seen.files, path: body.text}))
    tag = etag.of_text(body.text)
    response.headers["ETag"] = etag.quoted(tag)
    return FileOut(path=path, text=body.text, etag=tag)


@router.delete(
    "/files/{path:path}",
    summary="Remove a draft's file",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, *CONDITIONS),
)
async def remove_draft_file(name: Name, path: FilePath, db: WriteDb, who: Editor, when: IfMatch) -> None:
    """Take a file out of the draft, with its `If-Match`."""
    bot, seen = await held(db, name)
    if path not in seen.files:
        raise NotFound(what="file", name=path)
    await _require_file(db, bot, seen, path, when)
    await save(db, who, bot, seen, {each: text for each, text in seen.files.items() if each != path})


@router.post("/check", summary="Check a draft", dependencies=[HEARS], responses=problems(NotFound))
async def check_draft(name: Name, db: ReadDb, who: Viewer) -> CheckOut:
    """What is wrong with the draft, each with its file, line, column and cure; as publishing would see it."""
    files = dict((await drafts.current(db, await bots.named(db, name))).files)
    found = await checked(db, files, name)
    return CheckOut(
        etag=tag_of(files), errors=sum(one.severity == "error" for one in found), diagnostics=found
    )


async def held(db: Session, name: str) -> tuple[Bot, drafts.Draft]:
    """A bot and its draft, which nobody else can save until the transaction ends. Raises `NotFound`."""
    bot = await drafts.held(db, name)
    if bot is None:
        raise NotFound(what="bot", name=name)
    return bot, await drafts.current(db, bot)


async def _replaced(
    db: Session, who: Caller, name: str, files: dict[str, str], when: etag.Condition, response: Response
) -> DraftOut:
    bot = await drafts.held(db, name)
    if bot is None:
        when.require(f"The draft of {name}", None)
        bot = await bots.add(db, who.workspace, name)
        await audit(db, who, "bot.create", bot)
        response.status_code = status.HTTP_201_CREATED
        seen = await drafts.current(db, bot)
    else:
        seen = await drafts.current(db, bot)
        there = tag_of(seen.files)
        if not when.holds(there):
            base = await drafts.state(db, bot, when.tags[0]) if when.tags else None
            when.require(f"The draft of {name}", there, dict(seen.files), base)
    return _told(DraftOut.of(bot, await save(db, who, bot, seen, files)), response)


async def _require_file(db: Session, bot: Bot, seen: drafts.Draft, path: str, when: etag.Condition) -> None:
    theirs = seen.files.get(path)
    there = None if theirs is None else etag.of_text(theirs)
    if not when.holds(there):
        base = await drafts.text(db, bot, when.tags[0]) if when.tags else None
        when.require(f"The file {path}", there, theirs, base)


async def save(db: Session, who: Caller, bot: Bot, seen: drafts.Draft, files: dict[str, str]) -> drafts.Draft:
    """Keep these files as the draft\'s newest state, if they differ."""
    if files == seen.files and seen.seq:
        return seen
    before, after = _saved(seen.files), _saved(files)
    tags = before.manifest.items() ^ after.manifest.items()
    await audit(db, who, "draft.save", bot, changes={"files": sorted({path for path, _ in tags})})
    tell(db, "drafts", "saved", bot=bot.name, etag=after.etag)
    return await drafts.save(db, bot, seen, before, after, who.name, seen.base_version)


def _saved(files: Mapping[str, str]) -> drafts.Saved:
    tags = _tags(files)
    return drafts.Saved(files, tags, etag.of_parts(tags.items()))


def _tags(files: Mapping[str, str]) -> dict[str, str]:
    return {path: etag.of_text(text) for path, text in files.items()}


def tag_of(files: Mapping[str, str]) -> str:
    """The tag of a draft with these files."""
    return etag.of_parts(_tags(files).items())


def _told(out: DraftOut, response: Response) -> DraftOut:
    response.headers["ETag"] = etag.quoted(out.etag)
    return out
