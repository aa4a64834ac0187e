"""What the checker says of a bot's folder, as the API shows it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from admin_api.field_types import json_schema
from schemas.capabilities import Capabilities
from schemas.problems import Refused
from schemas.tables.numbers import Number
from sessions import registry
from store.admin import contact_fields, custom_actions, message_templates, numbers, secrets, teams, users
from store.admin.desk import Session

if TYPE_CHECKING:  # the engine is imported when a bot is looked at: a server starts without it
    from flows.bot import Bot as Folder
    from flows.compiled import Compiled
    from flows.custom import CustomAction
    from flows.diagnostic import Diagnostic


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
        return cls(
            severity=found.severity,
            code=found.code,
            message=found.message,
            file=found.file,
            line=found.line,
            column=found.column,
            pointer=found.pointer,
            hint=found.hint,
        )


async def checked(
    db: Session, files: dict[str, str], bot: str, secrets_matter: bool = True, number: Number | None = None
) -> list[DiagnosticOut]:
    """All diagnostics of a folder in the caller's workspace: its secrets, teams and people, what the numbers that serve `bot` can show.

    With `number` it is checked for that one. A bot that no number serves yet need only fit one channel: it is
    checked for each that there is, and the best result counts; it is checked again when a number gets it. In
    a thread: a large bot takes a while. A draft may name secrets that are still to be set.
    """
    names = await secrets.names(db) if secrets_matter else None
    fields = {name: json_schema(row.type) for name, row in (await contact_fields.every(db)).items()}
    there = await declared(db)
    known, people = await teams.names(db), await users.addresses(db)
    serve = [number] if number else await numbers.serving(db, bot)
    with_templates = [one for one in serve if registry.capabilities(one.channel, one.settings).template]
    approved = await message_templates.names(db, with_templates)
    can = {registry.capabilities(each.channel, each.settings): None for each in serve}
    sets = [list(can)] if can else [[registry.driver(name).capabilities] for name in registry.names()]

    def best() -> list[DiagnosticOut]:
        said = (diagnostics(files, names, each, fields, there, known, approved, people) for each in sets)
        results = ([DiagnosticOut.of(found) for found in each] for each in said)
        return min(results, key=lambda found: sum(one.severity == "error" for one in found))

    return await asyncio.to_thread(best)


async def declared(db: Session) -> "tuple[CustomAction, ...]":
    """The custom actions of the caller's workspace, as the engine takes them."""
    from flows.custom import CustomAction

    return tuple(CustomAction.of(*custom_actions.shape(row)) for row in await custom_actions.every(db))


def refuse_errors(name: str, diagnostics: list[DiagnosticOut]) -> None:
    """Raise `BotUnfit` if one of them is an error."""
    errors = [found for found in diagnostics if found.severity == "error"]
    if errors:
        first = f"{errors[0].file}:{errors[0].line}: {errors[0].message}"
        shown = [found.model_dump() for found in diagnostics]
        raise BotUnfit(name=name, count=len(errors), first=first, diagnostics=shown)


def read_and_compiled(
    name: str, files: dict[str, str], actions: "tuple[CustomAction, ...]"
) -> "tuple[Folder, Compiled]":
    """A bot's folder, and ready to run. Raises `BotUnfit`."""
    from flows.bot import load
    from flows.compiler import FlowNotValid, compile
    from flows.world import World

    folder = load(files)
    try:
        return folder, compile(folder, World(actions=actions))
    except FlowNotValid as problem:
        refuse_errors(name, [DiagnosticOut.of(found) for found in problem.diagnostics])
        raise


def diagnostics(
    files: dict[str, str],
    secret_names: frozenset[str] | None = None,
    channels: Sequence[Capabilities] = (),
    fields: Mapping[str, Mapping[str, str]] | None = None,
    actions: "tuple[CustomAction, ...] | None" = None,
    team_names: frozenset[str] | None = None,
    template_names: frozenset[str] | None = None,
    people: frozenset[str] | None = None,
) -> "list[Diagnostic]":
    """What the checker says, as the engine names it. `fields`: the contact fields that are declared."""
    from flows.bot import load
    from flows.checking import check
    from flows.world import World

    return check(
        load(files),
        World(
            tuple(channels),
            teams=team_names,
            people=people,
            templates=template_names,
            secrets=secret_names,
            contact_fields=fields,
            actions=actions,
        ),
    )


def content_hash(files: dict[str, str]) -> str:
    """The identity of a folder's content."""
    from flows.bot import content_hash as hash_of

    return hash_of(files)
