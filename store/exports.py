"""What exports read: a workspace's messages, contacts or collected data, a bounded batch at a time, opened.

Batches follow ids, which begin with the time, so an export needs no long transaction: what is written while it runs
may be in it or not, and nothing is in it twice. Sealed values are opened in a thread.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson

from keys.seal import Sealer
from schemas.ids import month_of
from store.named_sql import query
from store.pool import Pool, lent

BATCH = 500
MOST_COUNTED = 2_000_000  # of each number: progress needs no more
BEGINNING = UUID(int=0)

What = Literal["conversations", "contacts", "data"]
Kind = Literal["text", "int", "bool", "time", "json"]
Row = dict[str, Any]

# Columns of each, in their order, and what they hold. `json` is an object or a list.
COLUMNS: Mapping[What, Mapping[str, Kind]] = {
    "conversations": {
        "number": "text", "conversation": "text", "contact": "text", "contact_name": "text", "contact_address": "text",
        "message": "text", "at": "time", "direction": "text", "kind": "text", "text": "text", "body": "json",
        "status": "text", "error": "text", "by": "text", "flow": "text", "step": "text", "version": "int",
        "provider_id": "text",
    },
    "contacts": {
        "contact": "text", "name": "text", "language": "text", "opted_out": "bool", "identities": "json",
        "fields": "json", "created_at": "time", "updated_at": "time",
    },
    "data": {
        "number": "text", "conversation": "text", "contact": "text", "contact_name": "text", "contact_address": "text",
        "run": "text", "bot": "text", "version": "int", "flow": "text", "trigger": "text", "started_at": "time",
        "ended_at": "time", "how": "text", "result": "text", "error": "text", "data": "json",
    },
}  # fmt: skip


class Wanted(NamedTuple):
    """What to read: of one number or all, of one bot's runs or all, ids from `first` up to `until`."""

    what: What
    workspace: UUID
    number: UUID | None
    bot: UUID | None
    first: UUID
    until: UUID


async def total(pool: Pool, wanted: Wanted) -> int:
    """How many rows there are; of very many, that there are very many."""
    found = 0
    for params in await _sections(pool, wanted):
        async with lent(pool) as conn:
            row = await (await conn.execute(query("exports", _COUNTS[wanted.what]), params)).fetchone()
        found += row[0] if row else 0
    return found


async def batches(pool: Pool, sealer: Sealer, wanted: Wanted) -> AsyncGenerator[list[Row]]:
    """The rows, by number and time, with the columns of `COLUMNS`."""
    async with lent(pool) as conn:
        found = await conn.execute(query("exports", "bots"), {"workspace": wanted.workspace})
        bots = dict(await found.fetchall())
    for section in await _sections(pool, wanted):
        params = {**section, "after": BEGINNING, "month": section["first_month"]}
        while True:
            async with lent(pool) as conn:
                rows = await (await conn.execute(query("exports", _READS[wanted.what]), params)).fetchall()
                names: Sequence[Any] = ()
                if rows and wanted.what == "contacts":
                    whose = {"workspace": wanted.workspace, "contacts": [row[0] for row in rows]}
                    names = await (await conn.execute(query("exports", "identities"), whose)).fetchall()
            if not rows:
                break
            match wanted.what:
                case "conversations":
                    yield await asyncio.to_thread(_messages, sealer, section["name"], rows)
                    params |= {"month": rows[-1][0], "after": rows[-1][1]}
                case "contacts":
                    yield await asyncio.to_thread(_contacts, sealer, rows, names)
                    params["after"] = rows[-1][0]
                case "data":
                    yield await asyncio.to_thread(_runs, sealer, section["name"], bots, rows)
                    params["after"] = rows[-1][0]


_COUNTS: Mapping[What, str] = {
    "conversations": "count_messages",
    "contacts": "count_contacts",
    "data": "count_runs",
}
_READS: Mapping[What, str] = {"conversations": "messages", "contacts": "contacts", "data": "runs"}


async def _sections(pool: Pool, wanted: Wanted) -> list[dict[str, Any]]:
    """The parameters of each number's queries, or of the workspace's."""
    common = {
        "workspace": wanted.workspace,
        "bot": wanted.bot,
        "first": wanted.first,
        "until": wanted.until,
        "first_month": month_of(wanted.first),
        "last_month": month_of(wanted.until),
        "limit": BATCH,
        "most": MOST_COUNTED,
    }
    if wanted.what == "contacts":
        return [common]
    async with lent(pool) as conn:
        params = {"workspace": wanted.workspace, "only": wanted.number}
        rows = await (await conn.execute(query("exports", "numbers"), params)).fetchall()
    return [{**common, "number": number, "name": name} for number, name in rows]


def _messages(sealer: Sealer, number: str, rows: Sequence[Sequence[Any]]) -> list[Row]:
    people: dict[UUID, tuple[str, str]] = {}
    found: list[Row] = []
    for _, key, conversation, contact, copy, at, direction, kind, body, payload, *rest in rows:
        said: dict[str, Any] = {}
        if body is not None:
            said = orjson.loads(sealer.open("messages", "body", key.bytes, bytes(body)))
        elif payload is not None:
            event = orjson.loads(sealer.open("events", "payload", key.bytes, bytes(payload)))
            said = event.get("message", {}).get("content", {})
        values = (number, conversation, contact, *_person(sealer, people, conversation, copy))
        values += (key, _moment(at), direction, kind, _words(said), said, *rest)
        found.append(_row("conversations", values))
    return found


def _contacts(sealer: Sealer, rows: Sequence[Sequence[Any]], names: Sequence[Sequence[Any]]) -> list[Row]:
    known: dict[UUID, list[dict[str, str]]] = {}
    for contact, kind, blind, value in names:
        opened = sealer.open("identities", "value", bytes(blind), bytes(value)).decode()
        known.setdefault(contact, []).append({"kind": kind, "value": opened})
    found: list[Row] = []
    for key, sealed, language, opted_out, made, changed in rows:
        fields: dict[str, Any] = {}
        if sealed is not None:
            fields = orjson.loads(sealer.open("contacts", "profile", key.bytes, bytes(sealed)))
        values = (key, str(fields.get("name") or ""), language, opted_out, known.get(key, []), fields)
        found.append(_row("contacts", (*values, _moment(made), _moment(changed))))
    return found


def _runs(sealer: Sealer, number: str, bots: Mapping[UUID, str], rows: Sequence[Sequence[Any]]) -> list[Row]:
    people: dict[UUID, tuple[str, str]] = {}
    found: list[Row] = []
    for key, conversation, contact, copy, bot, version, flow, trigger, started, ended, *rest in rows:
        how, result, error, sealed = rest
        data = {} if sealed is None else orjson.loads(sealer.open("runs", "data", key.bytes, bytes(sealed)))
        values = (number, conversation, contact, *_person(sealer, people, conversation, copy), key)
        values += (bots.get(bot, ""), version, flow, trigger, _moment(started), _moment(ended))
        found.append(_row("data", (*values, how, result, error, data)))
    return found


def _person(
    sealer: Sealer, known: dict[UUID, tuple[str, str]], conversation: UUID, copy: Any
) -> tuple[str, str]:
    """The contact's name and address, as the conversation has them."""
    if conversation not in known:
        said: dict[str, Any] = {}
        if copy is not None:
            said = orjson.loads(sealer.open("conversations", "contact", conversation.bytes, bytes(copy)))
        name = said.get("profile", {}).get("name") or said.get("name") or ""
        named = dict(said.get("identities", ()))
        known[conversation] = str(name), str(named.get("phone") or next(iter(named.values()), ""))
    return known[conversation]


def _words(said: Mapping[str, Any]) -> str:
    """What a person would read of a message, where it has words."""
    return next((said[name] for name in ("text", "caption", "title") if isinstance(said.get(name), str)), "")


def _moment(at: dt.datetime | None) -> dt.datetime | None:
    return at and at.astimezone(dt.UTC)


def _row(what: What, values: Sequence[Any]) -> Row:
    return {
        name: str(value) if isinstance(value, UUID) else value
        for name, value in zip(COLUMNS[what], values, strict=True)
    }
