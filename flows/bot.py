"""A bot folder, read: its documents as models, each with the source that says where its parts stand."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from flows.diagnostic import Diagnostic, did_you_mean, error, warning
from flows.document import Source, parse
from flows.faults import diagnostics_of
from flows.place import Place
from flows.translations import FOLDER as TEXTS
from flows.translations import Translations, folder_of, merged, translations_of
from flows.versions import newest
from flows.wording import worded
from schemas.flow import (
    LANGUAGE_TAG,
    ActionDocument,
    BotDocument,
    ConversationTest,
    FlowDocument,
    StubsDocument,
    TextsDocument,
)

MAX_FILES = 500
MAX_BYTES = 10 * 1024 * 1024
SUFFIXES = (".yaml", ".yml", ".json")
UNHASHED = ("layout.json",)
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Read(Generic[M]):
    """A document and where its parts stand."""

    document: M
    source: Source


@dataclass(frozen=True, slots=True)
class Bot:
    """What `load` found. `document` is None when `bot.yaml` could not be read; `diagnostics` say why."""

    document: Read[BotDocument] | None
    flows: Mapping[str, Read[FlowDocument]]
    tests: tuple[tuple[str, Read[ConversationTest]], ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    actions: Mapping[str, Read[ActionDocument]] = field(default_factory=dict[str, Read[ActionDocument]])
    stubs: Read[StubsDocument] | None = None
    texts: Mapping[str, Read[TextsDocument]] = field(default_factory=dict[str, Read[TextsDocument]])

    @property
    def translations(self) -> Translations:
        """The translations that stand apart."""
        return tuple(
            one
            for language, read in self.texts.items()
            for one in translations_of(language, read.document, read.source)
        )

    def texts_path(self, language: str) -> str:
        """The file that holds a language's translations, or would."""
        return self.texts[language].source.path if language in self.texts else f"{TEXTS}/{language}.yaml"


def title(files: Mapping[str, bytes | str]) -> str:
    """What a bot calls itself, in its first language; empty where it does not say or cannot be read."""
    read = load({path: text for path, text in files.items() if path.startswith("bot.")}).document
    if read is None:
        return ""
    given = read.document.title
    if isinstance(given, dict):
        given = given.get(read.document.languages[0], "")
    return given if isinstance(given, str) else given[0] if given else ""


def load(files: Mapping[str, bytes | str]) -> Bot:
    """Read a bot folder, given as its files by path. Never raises for what an author wrote."""
    texts, found = _texts(files)
    document: Read[BotDocument] | None = None
    stubs: Read[StubsDocument] | None = None
    flows: dict[str, Read[FlowDocument]] = {}
    tests: list[tuple[str, Read[ConversationTest]]] = []
    actions: dict[str, Read[ActionDocument]] = {}
    translated = _apart(texts, found)
    translations = Bot(None, {}, (), texts=translated).translations
    first = _first_language(texts) if translations else ""

    def read(path: str, model: type[M]) -> Read[M] | None:
        apart = tuple(one for one in translations if folder_of(one.key) == path.rpartition(".")[0])
        return _keep(_read(path, texts[path], model, first, apart), found)

    for path in sorted(texts):
        if not path.endswith(SUFFIXES) or path in UNHASHED:
            continue
        stem, folder = path.rsplit(".", 1)[0], path.partition("/")[0]
        if stem == "bot":
            document = read(path, BotDocument)
        elif stem == "stubs":
            stubs = _keep(_read(path, texts[path], StubsDocument), found)
        elif folder == "flows":
            flow = read(path, FlowDocument)
            if flow is not None and flow.document.id in flows:
                other = flows[flow.document.id].source.path
                found.append(
                    error(
                        "F005",
                        worded("{other} already has the id {id!r}", other=other, id=flow.document.id),
                        flow.source.place("/id"),
                    )
                )
            elif flow is not None:
                flows[flow.document.id] = flow
        elif folder == "actions":
            action = _keep(_read(path, texts[path], ActionDocument), found)
            if action is not None and action.document.name in actions:
                other, name = actions[action.document.name].source.path, action.document.name
                place = action.source.place("/name")
                found.append(
                    error("F005", worded("{other} already declares {name!r}", other=other, name=name), place)
                )
            elif action is not None:
                actions[action.document.name] = action
        elif folder == "tests":
            test = _keep(_read(path, texts[path], ConversationTest), found)
            if test is not None:
                tests.append((path, test))
    known = {path.rpartition(".")[0] for path in texts if not path.startswith("texts/")}
    for one in translations:
        if folder_of(one.key) not in known:
            message = worded("there is no text {key!r} to translate", key=one.key)
            found.append(warning("F127", message, one.place, did_you_mean(folder_of(one.key), known)))
    if document is None and not any(one.file.startswith("bot.") for one in found):
        found.append(
            error(
                "F001",
                worded("there is no bot.yaml"),
                Place("bot.yaml"),
                worded("a bot folder begins with one"),
            )
        )
    return Bot(document, flows, tuple(tests), tuple(found), texts, actions, stubs, translated)


def content_hash(files: Mapping[str, str]) -> str:
    """SHA-256 over paths and texts; `layout.json` is left out, since it changes nothing that the bot does."""
    digest = hashlib.sha256()
    for path in sorted(files):
        if path not in UNHASHED:
            for part in (path.encode(), files[path].encode("utf-8", "surrogatepass")):
                digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _texts(files: Mapping[str, bytes | str]) -> tuple[dict[str, str], list[Diagnostic]]:
    found: list[Diagnostic] = []
    texts: dict[str, str] = {}
    if len(files) > MAX_FILES:
        found.append(
            error(
                "F006",
                worded("{count} files: at most {limit} are read", count=len(files), limit=MAX_FILES),
                Place("bot.yaml"),
            )
        )
    if sum(len(data) for data in files.values()) > MAX_BYTES:
        found.append(
            error(
                "F006",
                worded("the folder is larger than {limit} MB", limit=MAX_BYTES // 1024 // 1024),
                Place("bot.yaml"),
            )
        )
        return texts, found
    for path in sorted(files)[:MAX_FILES]:
        data = files[path]
        if isinstance(data, str):
            texts[path] = data
            continue
        try:
            texts[path] = data.decode("utf-8")
        except UnicodeDecodeError as fault:
            if path.endswith(SUFFIXES):
                line = data[: fault.start].count(b"\n") + 1
                found.append(
                    error(
                        "F007",
                        worded("this is not UTF-8 text"),
                        Place(path, line),
                        worded("save the file as UTF-8"),
                    )
                )
    return texts, found


def _keep(read: tuple[Read[M] | None, tuple[Diagnostic, ...]], found: list[Diagnostic]) -> Read[M] | None:
    found.extend(read[1])
    return read[0]


def _apart(texts: Mapping[str, str], found: list[Diagnostic]) -> dict[str, Read[TextsDocument]]:
    """The files in `texts/`, by language."""
    made: dict[str, Read[TextsDocument]] = {}
    for path in sorted(texts):
        folder, _, name = path.partition("/")
        if folder != TEXTS or not path.endswith(SUFFIXES):
            continue
        language = name.rpartition(".")[0]
        if not re.fullmatch(LANGUAGE_TAG, language) or language in made:
            hint = worded("name one file by each language, as in texts/it.yaml")
            found.append(
                error(
                    "F008",
                    worded("{language!r} is not a language, or has a file", language=language),
                    Place(path),
                    hint,
                )
            )
            continue
        read = _keep(_read(path, texts[path], TextsDocument), found)
        if read is not None:
            made[language] = read
    return made


def _first_language(texts: Mapping[str, str]) -> str:
    """The language that the bot's texts are written in."""
    path = next((f"bot{suffix}" for suffix in SUFFIXES if f"bot{suffix}" in texts), "")
    read = _read(path, texts[path], BotDocument)[0] if path else None
    return read.document.languages[0] if read is not None else "en"


@lru_cache(maxsize=4096)
def _read(
    path: str, text: str, model: type[M], first: str = "", apart: Translations = ()
) -> tuple[Read[M] | None, tuple[Diagnostic, ...]]:
    """One file as its model. Remembered by content: an unchanged file is not parsed again.

    `apart` are its translations that stand in other files, `first` the language that it is written in.
    """
    source = parse(path, text)
    if not isinstance(source, Source):
        return None, tuple(source)
    if not isinstance(source.value, dict):
        return None, (error("F008", worded("the file must hold a mapping"), source.place("")),)
    source = newest(source)
    if isinstance(source, Diagnostic):
        return None, (source,)
    said: tuple[Diagnostic, ...] = ()
    if apart:
        source, said = merged(source, first, apart)
    try:
        return Read(model.model_validate(source.value), source), said
    except ValidationError as fault:
        return None, (*said, *diagnostics_of(fault, source, "", model))
