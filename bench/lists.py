"""Reading through the API with much stored: `python -m bench.lists [--quick] [--json FILE]`.

One number with 100,000 contacts, each with a conversation, and a million messages, written by the functions with
which turns write. Then every GET of the API's own description whose path can be filled from what is there, one
request after another: the first page, the page after it, and the page of each filter.
"""

import argparse
import asyncio
import datetime as dt
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import psycopg

from bench import machine
from cli.client import Client, ServerRefused
from cli.settings import Settings
from keys.master import load_master_keys
from keys.seal import Sealer, unwrap
from schemas.events import Received, codec
from schemas.ids import derived_id, event_id, new_event_id
from schemas.messages import Identity, Inbound, Text, outgoing_codec
from store import contacts, leases, turns
from store.conversations import ConversationRow, conversation_id
from store.events import EventRow
from store.leases import Lease
from store.messages import MessageRow
from store.pool import Connection, Database, connect
from store.roles import url_for
from store.runs import RunEnded, RunStarted
from store.turns import Ask, Entry, TurnRows
from tests.installation import ROOT, Installation

TARGET_MS = 50
LEASE_S = 3_600.0
BATCH = 500
BOT = ROOT / "bots/hello"
NOT_ASKED = (
    "/events",
    "/export",
    "/zip",
    "/live",
    "/file",
    "/session",
    "/history",
)  # streams, files, a linked device's


@dataclass(frozen=True)
class Size:
    """How much is stored, how often each page is asked for."""

    contacts: int = 100_000
    exchanges: int = 5  # a message in and one out
    asked: int = 100


QUICK = Size(contacts=2_000, exchanges=2, asked=10)


async def fill(house: Installation, number: UUID, size: Size) -> None:
    """Write what is stored."""
    masters = load_master_keys(house.home, {}, create=False)
    with psycopg.connect(house.database) as db:
        found = db.execute(
            "SELECT n.workspace_id, k.wrapped FROM numbers n JOIN data_keys k USING (workspace_id) WHERE n.id = %s",
            (number,),
        ).fetchone()
    assert found is not None
    sealer = Sealer(unwrap(found[1], masters, found[0]), found[0])
    conn = await connect(Database(url_for(house.database, "runtime")))
    try:
        lease = await leases.acquire(conn, number, found[0], 0, "bench", LEASE_S)
        assert lease is not None
        for first in range(0, size.contacts, BATCH):
            await _batch(conn, sealer, lease, range(first, min(first + BATCH, size.contacts)), size)
        await leases.release(conn, lease)
    finally:
        await conn.close()
    with psycopg.connect(house.database, autocommit=True) as db:
        # Written in a minute; as if over four weeks, which is what the order of the list is about.
        db.execute("UPDATE conversations SET updated_at = last_in_at")
        db.execute("VACUUM ANALYZE")


async def _batch(conn: Connection, sealer: Sealer, lease: Lease, people: range, size: Size) -> None:
    named = {Identity("phone", f"39{index:010}"): new_event_id() for index in people}
    await contacts.claim(conn, sealer, lease, named, list(named.values()))
    profiles = [
        (sealer.seal("contacts", "profile", key.bytes, orjson.dumps({"name": f"Contact {name.value}"})), key)
        for name, key in named.items()
    ]
    async with conn.pipeline():
        for profile in profiles:
            await conn.execute("UPDATE contacts SET profile = %s, language = 'en' WHERE id = %s", profile)
    rows = TurnRows()
    for index, (name, contact) in zip(people, named.items(), strict=True):
        _talk(rows, lease, index, name, contact, size.exchanges)
    await turns.write(conn, [Entry(lease, sealer, None, rows, None, Ask(dt.datetime.now(dt.UTC)))])


def _talk(rows: TurnRows, lease: Lease, index: int, name: Identity, contact: UUID, exchanges: int) -> None:
    talk = conversation_id(lease.number_id, contact)
    began = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=index % 40_000)
    run = derived_id(event_id(int(began.timestamp() * 1000), contact.bytes[:10]), "run")
    for turn in range(exchanges):
        at = began + dt.timedelta(seconds=turn)
        event = event_id(int(at.timestamp() * 1000), contact.bytes[6:])
        said = Received(event, at, Inbound(f"wamid.{event}", at, (name,), Text(f"message {turn}")))
        place = (talk, "answered", "talk", "ask", 1)
        rows.events.append(EventRow(event, talk, run, 1, "received", at, codec.dump_json(said), "[]"))
        rows.messages.append(
            MessageRow(event, talk, "in", "text", None, "received", f"wamid.{event}", "", "", None, "", 0, at)
        )
        body = outgoing_codec.dump_json(Text(f"answer {turn}"))
        rows.messages.append(
            MessageRow(
                derived_id(event, 0),
                talk,
                "out",
                "text",
                body,
                "read",
                f"wamid.o{event}",
                *place[2:],
                "",
                1,
                at,
            )
        )
    rows.runs_started.append(RunStarted(run, talk, 1, "talk", "message", began))
    if index % 2:
        rows.runs_ended.append(RunEnded(run, began, "done", "done", "", b'{"name": "Ana"}'))
    rows.conversations.append(
        ConversationRow(
            talk, contact, b"{}", b"{}", "idle" if index % 2 else "running", "talk", "ask", 1,
            None if index % 2 else run, "", False, began,
        )
    )  # fmt: skip


def pages(description: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Paths that can be asked for, with the parameters of each page."""
    for path, operations in description["paths"].items():
        if "get" not in operations or not path.startswith("/api/v1/") or path.endswith(NOT_ASKED):
            continue
        parameters = operations["get"].get("parameters", [])
        if any(one["in"] == "path" and one["name"] not in known for one in parameters):
            continue
        filled = path.removeprefix("/api/v1").format_map(known)
        yield filled, {}
        for one in parameters:
            if one["in"] == "query" and one["name"] in known:
                yield filled, {one["name"]: known[one["name"]]}


def ask(api: Client, path: str, parameters: dict[str, str], times: int) -> list[float]:
    """Milliseconds of each request."""
    taken: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        api.get(path, **parameters)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def samples(api: Client, number: str) -> dict[str, str]:
    """What fills paths and filters."""
    conversation = api.get(f"/numbers/{number}/conversations", limit=1)["items"][0]
    line = api.get(f"/numbers/{number}/conversations/{conversation['id']}/transcript")["items"][-1]
    return {
        "number": number,
        "name": "hello",
        "bot": "hello",
        "version": "1",
        "other": "1",
        "conversation": conversation["id"],
        "contact": conversation["contact"],
        "message": line["id"],
        "status": "running",
        "flow": "talk",
        "step": "ask",
        "phone": "390000000007",
        "updated_since": (dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)).isoformat(),
    }


def measure(house: Installation, number: str, size: Size) -> list[dict[str, Any]]:
    """Each page's p50 and p99, the slowest first."""
    found: list[dict[str, Any]] = []
    with Client.operators(Settings(home=house.home), house.url) as api:
        description = json.loads((ROOT / "schemas/json/openapi.json").read_text())
        for path, parameters in pages(description, samples(api, number)):
            try:
                first = api.get(path, **parameters)
            except ServerRefused as refused:
                print(f"not measured: {path}: {refused}")
                continue
            asked = [parameters]
            if isinstance(first, dict) and first.get("next"):
                asked.append({**parameters, "after": first["next"]})
            for one in asked:
                taken = ask(api, path, one, size.asked)
                found.append(
                    {
                        "path": path.replace(number, "N"),
                        "with": ", ".join(one) or "-",
                        "p50_ms": round(statistics.median(taken), 1),
                        "p99_ms": round(statistics.quantiles(taken, n=100)[98], 1),
                    }
                )
    return sorted(found, key=lambda one: -one["p99_ms"])


async def run(size: Size) -> dict[str, Any]:
    """Fill a fresh installation and measure it."""
    with tempfile.TemporaryDirectory(prefix="chatloom-bench-") as folder:
        async with Installation(
            Path(folder) / "home", environment={"CHATLOOM_LOG_LEVEL": "warning"}
        ) as house:
            house.add_app()
            number = house.add_number("1000", "http://127.0.0.1:9", house.add_bot(BOT))
            began = time.perf_counter()
            await fill(house, UUID(number), size)
            filled_s = time.perf_counter() - began
            return {
                "contacts": size.contacts,
                "messages": 2 * size.exchanges * size.contacts,
                "filled_s": round(filled_s, 1),
                "pages": await asyncio.to_thread(measure, house, number, size),
            }


def table(found: Mapping[str, Any]) -> str:
    """For people."""
    rows: Sequence[Mapping[str, Any]] = found["pages"]
    over = sum(one["p99_ms"] > TARGET_MS for one in rows)
    lines = [
        f"{found['contacts']} contacts, {found['messages']} messages, written in {found['filled_s']} s",
        f"{len(rows)} pages, {over} over {TARGET_MS} ms at p99",
        *(f"{one['p50_ms']:8} {one['p99_ms']:8}  {one['path']}  {one['with']}" for one in rows),
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write the figures if asked."""
    asked = argparse.ArgumentParser(prog="python -m bench.lists", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a smoke run")
    asked.add_argument("--json", type=Path, help="write the figures here too")
    given = asked.parse_args()
    found = asyncio.run(run(QUICK if given.quick else Size()))
    print(table(found))
    if given.json:
        given.json.write_text(json.dumps({"machine": machine.described(), **found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
