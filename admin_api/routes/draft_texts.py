"""A draft's texts by language: the table of translations, and files for translators."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from admin_api import bot_folder, etag
from admin_api.bot_folder import FolderUnfit, Name
from admin_api.callers import CALLING, Caller, Editor, Viewer
from admin_api.check import world
from admin_api.database import ReadDb, WriteDb
from admin_api.etag import CONDITIONS, Condition, IfMatch
from admin_api.input import Input
from admin_api.problems import InputUnfit, problems
from admin_api.routes.drafts import TooLarge, held, save, tag_of
from schemas.problems import NotFound, Refused
from schemas.tables.bots import Bot
from store.admin import bots, drafts
from store.admin.desk import Session

if TYPE_CHECKING:  # the engine is imported when a draft is looked at: a server starts without it
    from flows.bot import Bot as Folder
    from flows.catalogue import Entry
    from flows.translation_files import Given
    from flows.world import World

router = APIRouter(prefix="/bots/{name}/draft/texts", tags=["bots"], responses=problems(*CALLING, InputUnfit))

MOST_BYTES = 5 * 1024 * 1024
Form = Literal["po", "xliff", "csv"]
_FILES = {
    "po": ("text/x-gettext-translation", "po"),
    "xliff": ("application/xliff+xml", "xlf"),
    "csv": ("text/csv; charset=utf-8", "csv"),
}
_BYTES: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
Into = Annotated[
    str, Query(description="A language of the bot; CSV holds all of them without it.", max_length=35)
]
Kind = Annotated[Form, Query(alias="format", description="What the file is.")]


class LanguageUnknown(Refused):
    """The bot is not translated into that."""

    code = "texts.language_unknown"
    status = 422
    title = "The bot does not speak that"
    sentence = (
        "The bot is translated into {there}, not into {language!r}. Add it to languages in bot.yaml first."
    )


class TextsUnreadable(Refused):
    """The draft has no bot.yaml that can be read, so its languages are not known."""

    code = "texts.unreadable"
    status = 422
    title = "The draft cannot be read"
    sentence = "The draft of {name!r} has no bot.yaml that can be read. Mend that first."


class TextsUnfit(Refused):
    """A file of translations cannot be read."""

    code = "texts.unfit"
    status = 422
    title = "These translations cannot be read"
    sentence = "The file is no {format} with translations: {why}."


class LanguageOut(BaseModel):
    """A language that the bot is translated into, and how many of its texts are how far."""

    language: str
    right_to_left: bool
    texts: int
    translated: int
    missing: int
    stale: int
    shared: int


class TranslationOut(BaseModel):
    """A translation, a text a variant. `stale`: its source text changed since; `shared`: written once, for all languages."""

    texts: list[str]
    state: Literal["translated", "missing", "stale", "shared"]


class TextOut(BaseModel):
    """A text. `key` is its place by the ids of steps, by which translations know it."""

    key: str = Field(examples=["flows/intake/steps/hi/with/text"])
    file: str
    line: int
    source: list[str]
    translations: dict[str, TranslationOut]


class TextsOut(BaseModel):
    """The texts of the draft with this `etag`, written in `source_language`."""

    etag: str
    source_language: str
    languages: list[LanguageOut]
    texts: list[TextOut]


class TranslationIn(Input):
    """A translation by its text's key, a text a variant."""

    key: str = Field(max_length=1000)
    language: str = Field(max_length=35)
    texts: list[Annotated[str, Field(max_length=10_000)]] = Field(min_length=1, max_length=20)


class TranslationsIn(Input):
    """Translations to save."""

    translations: list[TranslationIn] = Field(min_length=1, max_length=5000)

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "translations": [
                        {"key": "flows/intake/steps/hi/with/text", "language": "it", "texts": ["Ciao!"]}
                    ]
                }
            ]
        }
    }


class SavedOut(BaseModel):
    """How many translations are new or changed, and the draft's `etag` now. `unknown`: no such texts, left out."""

    etag: str
    changed: int
    unknown: list[str]


class TextChangeOut(BaseModel):
    """A translation that a file brings. `made_from`: the source text that the file has; empty where it says none.

    `outdated`: that is another one than there is now.
    """

    key: str
    language: str
    source: list[str]
    made_from: list[str]
    before: list[str]
    after: list[str]
    outdated: bool


class BroughtOut(BaseModel):
    """What a file would change in the draft with this `etag`. `unknown`: texts that the bot does not have."""

    etag: str
    changes: list[TextChangeOut]
    unknown: list[str]


@router.get("", summary="Show a draft's texts", responses=problems(NotFound, TextsUnreadable))
async def draft_texts(name: Name, db: ReadDb, who: Viewer, response: Response) -> TextsOut:
    """Every text that contacts read, in all languages of the bot, with what is missing or stale.

    A translation is stale when the text that it was made from changed: by what `texts/` notes, else since the
    published version.
    """
    from flows.direction import right_to_left

    bot = await bots.named(db, name)
    files = dict((await drafts.current(db, bot)).files)
    folder, entries = await _entries(db, bot, files)
    first, *into = _languages(folder)
    response.headers["ETag"] = etag.quoted(tag_of(files))
    return TextsOut(
        etag=tag_of(files),
        source_language=first,
        languages=[_counted(entries, language, right_to_left(language)) for language in into],
        texts=[
            TextOut(
                key=one.key,
                file=one.file,
                line=one.line,
                source=list(one.source),
                translations={
                    language: TranslationOut(
                        texts=list(one.texts.get(language, ())), state=one.state(language)
                    )
                    for language in into
                },
            )
            for one in entries
        ],
    )


@router.get(
    "/file",
    summary="Download a draft's texts",
    response_class=Response,
    responses=problems(NotFound, TextsUnreadable, LanguageUnknown)
    | {200: {"content": _BYTES, "description": "The texts with their translations."}},
)
async def draft_texts_file(
    name: Name, db: ReadDb, who: Viewer, kind: Kind = "csv", language: Into = ""
) -> Response:
    """For translators: PO or XLIFF 1.2 into one language, or a table (CSV) of one or all."""
    from flows.translation_files import written

    bot = await bots.named(db, name)
    folder, entries = await _entries(db, bot, dict((await drafts.current(db, bot)).files))
    first, *into = _languages(folder)
    if language not in into and (language or kind != "csv"):
        raise LanguageUnknown(language=language, there=", ".join(into) or "no other language")
    data = await asyncio.to_thread(written, entries, kind, first, [language] if language else into)
    media, suffix = _FILES[kind]
    stem = f"{name}-{language}" if language else name
    headers = {"Content-Disposition": f'attachment; filename="{stem}.{suffix}"'}
    return Response(data, media_type=media, headers=headers)


@router.post(
    "",
    summary="Translate a draft",
    responses=problems(NotFound, TextsUnreadable, LanguageUnknown, FolderUnfit, *CONDITIONS),
)
async def translate_draft(
    name: Name, body: TranslationsIn, db: WriteDb, who: Editor, when: IfMatch, response: Response
) -> SavedOut:
    """Save translations into the draft's `texts/`, each as made from what its text is now. Asks for the draft's `If-Match`."""
    from flows.translation_files import Given

    given = [Given(one.key, one.language, (), tuple(one.texts)) for one in body.translations]
    return await _take(db, who, name, given, when, response)


@router.put(
    "/file",
    summary="Upload translations",
    responses=problems(
        NotFound, TextsUnreadable, TextsUnfit, LanguageUnknown, FolderUnfit, TooLarge, *CONDITIONS
    ),
    openapi_extra={"requestBody": {"required": True, "content": _BYTES}},
)
async def import_draft_texts(
    name: Name,
    request: Request,
    db: WriteDb,
    who: Editor,
    when: IfMatch,
    response: Response,
    kind: Kind = "csv",
    language: Into = "",
) -> SavedOut:
    """Take translations from a file that translators sent back, into the draft's `texts/`. Asks for its `If-Match`."""
    await bots.named(db, name)
    return await _take(db, who, name, await _given(request, kind, language), when, response)


@router.post(
    "/file",
    summary="Read translations",
    responses=problems(NotFound, TextsUnreadable, TextsUnfit, LanguageUnknown, TooLarge),
    openapi_extra={"requestBody": {"required": True, "content": _BYTES}},
)
async def read_draft_texts(
    name: Name, request: Request, db: ReadDb, who: Viewer, kind: Kind = "csv", language: Into = ""
) -> BroughtOut:
    """What a file that translators sent back would change. Nothing is saved."""
    from flows.translation_files import news

    bot = await bots.named(db, name)
    given = await _given(request, kind, language)
    files = dict((await drafts.current(db, bot)).files)
    folder, entries = await _entries(db, bot, files)
    _require_spoken(folder, given)
    return BroughtOut(
        etag=tag_of(files),
        changes=[
            TextChangeOut(
                key=one.key,
                language=one.language,
                source=list(entry.source),
                made_from=list(one.source),
                before=list(entry.texts.get(one.language, ())),
                after=list(one.texts),
                outdated=bool(one.source) and one.source != tuple(dict.fromkeys(entry.source)),
            )
            for entry, one in news(entries, given)
        ],
        unknown=_unknown(given, entries),
    )


async def _given(request: Request, kind: Form, language: str) -> "list[Given]":
    from flows.translation_files import TranslationsUnfit, read

    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            raise TooLarge(most=MOST_BYTES)
    try:
        return await asyncio.to_thread(read, bytes(data), kind, language)
    except TranslationsUnfit as unfit:
        raise TextsUnfit(format=kind, why=unfit.facts["why"]) from unfit


async def _take(
    db: Session, who: Caller, name: str, given: "list[Given]", when: Condition, response: Response
) -> SavedOut:
    from flows.translation_files import apart

    bot, seen = await held(db, name)
    files = dict(seen.files)
    when.require(f"The draft of {name}", tag_of(files), files)
    folder, entries = await _entries(db, bot, files)
    total = 0
    for language in _require_spoken(folder, given):
        known = folder.texts[language].document if language in folder.texts else None
        own = [one for one in given if one.language == language]
        text, changed = apart(known, entries, own)
        total += changed
        if changed:
            files[folder.texts_path(language)] = text
    if total:
        await save(db, who, bot, seen, bot_folder.fit(files))
    tag = tag_of(files)
    response.headers["ETag"] = etag.quoted(tag)
    return SavedOut(etag=tag, changed=total, unknown=_unknown(given, entries))


def _require_spoken(folder: "Folder", given: "list[Given]") -> list[str]:
    """The languages that are translated into. Raises `LanguageUnknown`."""
    into = _languages(folder)[1:]
    named = list(dict.fromkeys(one.language for one in given))
    for language in named:
        if language not in into:
            raise LanguageUnknown(language=language, there=", ".join(into) or "no other language")
    return named


def _unknown(given: "list[Given]", entries: "list[Entry]") -> list[str]:
    return sorted({one.key for one in given} - {one.key for one in entries})


async def _entries(db: Session, bot: Bot, files: dict[str, str]) -> "tuple[Folder, list[Entry]]":
    around = await world(db)
    published = bot.published_version
    before = (await bots.version(db, bot, published)).files if published is not None else {}
    found = await asyncio.to_thread(_read, files, before, around)
    if found is None:
        raise TextsUnreadable(name=bot.name)
    return found


def _read(
    files: dict[str, str], before: dict[str, str], around: "World"
) -> "tuple[Folder, list[Entry]] | None":
    from flows.bot import load
    from flows.catalogue import catalogue
    from flows.compiler import build

    folder, old = load(files), load(before)
    compiled, earlier = build(folder, around)[0], build(old, around)[0]
    if compiled is None:
        return None
    return folder, catalogue(folder, compiled, catalogue(old, earlier) if earlier else None)


def _languages(folder: "Folder") -> list[str]:
    return folder.document.document.languages if folder.document else []


def _counted(entries: "list[Entry]", language: str, right_to_left: bool) -> LanguageOut:
    states = [one.state(language) for one in entries]
    return LanguageOut(
        language=language,
        right_to_left=right_to_left,
        texts=len(states),
        translated=states.count("translated"),
        missing=states.count("missing"),
        stale=states.count("stale"),
        shared=states.count("shared"),
    )
