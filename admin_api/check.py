"""What the checker says of a bot's folder, as the API shows it."""

import asyncio
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel

from admin_api.field_types import json_schema
from admin_api.language import spoken
from schemas.problems import Refused
from schemas.tables.bots import Bot, BotVersion
from schemas.tables.numbers import Number
from sessions import registry
from store.admin import (
    bots,
    contact_fields,
    custom_actions,
    event_schemas,
    message_templates,
    numbers,
    secrets,
    teams,
    users,
)
from store.admin.desk import Session

if TYPE_CHECKING:  # the engine is imported when a bot is looked at: a server starts without it
    from flows.bot import Bot as Folder
    from flows.compiled import Compiled
    from flows.diagnostic import Diagnostic
    from flows.world import World


class BotUnfit(Refused):
    """The bot has errors. `diagnostics` lists them."""

    code = "bots.unfit"
    status = 422
    title = "The bot has errors"
    sentence = "Bot {name!r} has {count} errors; the first: {first}"


class DiagnosticOut(BaseModel):
    """One thing that the checker says, and where."""

    severity: Literal["error", "warning"]
    code: str
    message: str
    file: str
    line: int
    column: int
    pointer: str
    hint: str

    @classmethod
    def of(cls, found: "Diagnostic") -> "DiagnosticOut":
        """In the language that the caller reads."""
        from flows.wording import in_language

        return cls(
            severity=found.severity,
            code=found.code,
            message=in_language(found.message, spoken()),
            file=found.file,
            line=found.line,
            column=found.column,
            pointer=found.pointer,
            hint=in_language(found.hint, spoken()),
        )


async def checked(
    db: Session,
    files: dict[str, str],
    bot: str,
    secrets_matter: bool = True,
    number: Number | None = None,
    version: BotVersion | None = None,
) -> list[DiagnosticOut]:
    """All diagnostics of a folder in the caller's workspace: its secrets, teams and people, what the numbers that serve `bot` can show.

    With `number` it is checked for that one. A bot that no number serves yet need only fit one channel: it is
    checked for each that there is, and the best result counts; it is checked again when a number gets it. In
    a thread: a large bot takes a while. A draft may name secrets that are still to be set. With `version` events are
    typed as they were when it was pushed, as it runs; a draft's as they are registered now.
    """
    names = await secrets.names(db) if secrets_matter else None
    fields = {name: json_schema(row.type) for name, row in (await contact_fields.every(db)).items()}
    around = await world(db, version)
    known, people = await teams.names(db), await users.addresses(db)
    serve = [number] if number else await numbers.serving(db, bot)
    with_templates = [one for one in serve if registry.capabilities(one.channel, one.settings).template]
    approved = await message_templates.names(db, with_templates)
    can = {registry.capabilities(each.channel, each.settings): None for each in serve}
    sets = [list(can)] if can else [[registry.driver(name).capabilities] for name in registry.names()]

    there = replace(
        around, teams=known, people=people, templates=approved, secrets=names, contact_fields=fields
    )

    def best() -> list[DiagnosticOut]:
        said = (diagnostics(files, replace(there, channels=tuple(each))) for each in sets)
        results = ([DiagnosticOut.of(found) for found in each] for each in said)
        return min(results, key=lambda found: sum(one.severity == "error" for one in found))

    return await asyncio.to_thread(best)


async def world(db: Session, version: BotVersion | None = None) -> "World":
    """What a bot is compiled with: the workspace's custom actions and event schemas; a `version` brings the latter itself."""
    from flows.custom import CustomAction
    from flows.world import World

    actions = tuple(CustomAction.of(*custom_actions.shape(row)) for row in await custom_actions.every(db))
    events = await event_schemas.every(db) if version is None else version.event_schemas
    return World(actions=actions, events=events)


def refuse_errors(name: str, diagnostics: list[DiagnosticOut]) -> None:
    """Raise `BotUnfit` if one of them is an error."""
    errors = [found for found in diagnostics if found.severity == "error"]
    if errors:
        first = f"{errors[0].file}:{errors[0].line}: {errors[0].message}"
        shown = [found.model_dump() for found in diagnostics]
        raise BotUnfit(name=name, count=len(errors), first=first, diagnostics=shown)


def read_and_compiled(name: str, files: dict[str, str], around: "World") -> "tuple[Folder, Compiled]":
    """A bot's folder, and ready to run. Raises `BotUnfit`."""
    from flows.bot import load
    from flows.compiler import FlowNotValid, compile

    folder = load(files)
    try:
        return folder, compile(folder, around)
    except FlowNotValid as problem:
        refuse_errors(name, [DiagnosticOut.of(found) for found in problem.diagnostics])
        raise


def diagnostics(files: dict[str, str], around: "World | None" = None) -> "list[Diagnostic]":
    """What the checker says, as the engine names it."""
    from flows.bot import load
    from flows.checking import check
    from flows.world import World

    return check(load(files), around or World())


async def kept(
    db: Session, workspace: UUID, name: str, files: dict[str, str], message: str
) -> tuple[Bot, BotVersion, bool]:
    """The folder as a version, with the registered schemas of the events that it names; False: there was one just so."""
    events = await named_events(db, files)
    digest = await asyncio.to_thread(_digest, files, events)
    return await bots.push(db, workspace, name, files, events, digest, message)


async def named_events(db: Session, files: dict[str, str]) -> dict[str, Any]:
    """The registered schemas of the events that a folder names."""
    registered = await event_schemas.every(db)

    def named() -> set[str]:
        from flows.bot import load
        from flows.inferred import event_names

        flows = {name: read.document for name, read in load(files).flows.items()}
        return {event for events in event_names(flows).values() for event in events}

    used = await asyncio.to_thread(named) if registered else set[str]()
    return {name: schema for name, schema in registered.items() if name in used}


def _digest(files: dict[str, str], events: dict[str, Any]) -> str:
    """The identity of a version's content."""
    from flows.bot import content_hash

    of_files = content_hash(files)
    if not events:
        return of_files
    return hashlib.sha256(of_files.encode() + orjson.dumps(events, option=orjson.OPT_SORT_KEYS)).hexdigest()
