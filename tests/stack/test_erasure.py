"""A contact who asks for it is forgotten: nothing of him is left in the database, on the disk, in Redis or in logs.

Real processes, over HTTP. What the search can see is proved by searching before it, too. Only PostgreSQL's own files
are not read: they hold dead rows until its vacuum, of which all that people said is sealed.
"""

import asyncio
import io
import json
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
import redis
from aiohttp import web
from psycopg import sql

from cli.client import ServerRefused
from jobs import erasures, message_search, webhooks
from keys.master import load_master_keys
from keys.seal import SealBroken, Sealer, unwrap
from schemas.problems import Problem
from schemas.words import terms
from tests.conftest import Stack
from tests.installation import Installation
from tests.receiver import receiver
from tests.stack.stage import Served, served
from tests.stack.test_jobs import desk
from tests.webhooks import inbound, inbound_text

NAME, PHONE, TEXT, NICK = "Zebedeo Canarino", "393339876501", "xyzzy-canary-word", "nick-of-canary"
ANSWER, PICTURE = "answer-about-canary", b"\x89PNG picture of the canary" * 50
SHARED = b"\x89PNG the same picture from two" * 50
OTHER = "393331111111"
WORD = "xyzzy"  # of the text
NEEDLES = [one.encode() for one in (NAME, PHONE, TEXT, NICK, ANSWER)]
UNTIL_CLOSED = {"erasures.names"}  # sealed, for ten minutes: by these what comes late is known
NOT_SEALED = {  # hashes, signatures, wrapped keys
    ("audit_entries", "hash"), ("audit_chain", "hash"), ("audit_chain", "signature"), ("api_keys", "hashed"),
    ("data_keys", "wrapped"), ("identities", "blind"), ("idempotency", "key"), ("idempotency", "request"),
}  # fmt: skip


class Sight:
    """Looks for the canary, everywhere."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.home = stack, stack.installed.home
        masters = load_master_keys(self.home, {}, create=False)
        with psycopg.connect(stack.installed.database) as db:
            keys = db.execute("SELECT workspace_id, wrapped FROM data_keys").fetchall()
        self.sealers = [Sealer(unwrap(bytes(wrapped), masters, one), one) for one, wrapped in keys]
        self.words = {word for one in self.sealers for word in one.blind_words(terms(WORD))}

    def everywhere(self) -> set[str]:
        return self.database() | self.files() | self.redis()

    def database(self) -> set[str]:
        found: set[str] = set()
        with psycopg.connect(self.stack.installed.database) as db:
            tables = db.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
            ).fetchall()
            for (table,) in tables:
                rows = db.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
                columns = [column.name for column in rows.description or ()]
                for row in rows:
                    named = dict(zip(columns, row, strict=True))
                    found |= {f"{table}.{one}" for one in columns if self._shows(table, one, named)}
        return found

    def _shows(self, table: str, column: str, row: dict[str, Any]) -> bool:
        value = row[column]
        if (table, column) == ("message_words", "words"):
            return not self.words.isdisjoint(value or ())
        if isinstance(value, memoryview | bytes):
            raw = bytes(value)
            if raw and (table, column) not in NOT_SEALED:
                raw = self._opened(table, column, row, raw)
            return holds(raw)
        return value is not None and holds(json.dumps(value, default=str, ensure_ascii=False).encode())

    def _opened(self, table: str, column: str, row: dict[str, Any], raw: bytes) -> bytes:
        """By whichever column of its row it was sealed for."""
        ids = [one.bytes for one in row.values() if isinstance(one, UUID)]
        ids += [bytes(one) for one in row.values() if isinstance(one, memoryview | bytes)]
        ids += [one.encode() for one in row.values() if isinstance(one, str)]
        if "attempt" in row and "delivery_seq" in row:
            ids.append(f"{row['delivery_seq']}.{row['attempt']}".encode())
        for sealer in self.sealers:
            for key in ids:
                try:
                    return sealer.open(table, column, key, raw)
                except Problem:
                    continue
        raise AssertionError(f"{table}.{column} does not open: say here how it is sealed, or that it is not")

    def files(self) -> set[str]:
        found: set[str] = set()
        for path in self.home.rglob("*"):
            place = path.relative_to(self.home).as_posix()
            if not path.is_file() or place.startswith("postgres"):
                continue
            raw = path.read_bytes()
            if "media" in path.parts:
                raw = b"".join(self._blob(path.name, raw))
            if holds(raw) or PICTURE[:26] in raw:
                found.add(place)
        return found

    def _blob(self, ref: str, raw: bytes) -> Sequence[bytes]:
        for sealer in self.sealers:
            try:
                return [sealer.open("media", "blob", bytes.fromhex(ref), raw)]
            except SealBroken:
                continue
        raise AssertionError(f"the file {ref} does not open")

    def redis(self) -> set[str]:
        found: set[str] = set()
        with redis.Redis.from_url(self.stack.redis.url) as wire:
            for key in wire.scan_iter():
                kept = wire.dump(key)
                if holds(key) or holds(kept if isinstance(kept, bytes) else b""):
                    found.add(f"redis {key!r}")
        return found


def holds(raw: bytes) -> bool:
    return any(needle in raw for needle in NEEDLES)


def bot(folder: Path, hook: str) -> Path:
    """It asks another system about each message, keeps what it says, answers, and waits."""
    home = folder / "canary"
    (home / "flows").mkdir(parents=True)
    (home / "bot.yaml").write_text(
        "chatloom: bot/v1\nid: canary\ntitle: C\nlanguages: [en]\nflows: [talk]\nfallback: talk\n"
        "contact: {fields: {nick: {type: string}}}\n"
    )
    (home / "flows/talk.yaml").write_text(
        "chatloom: flow/v1\nid: talk\ntitle: T\n"
        "data: {schema: {type: object, properties: {about: {type: string}, said: {type: string}}}}\n"
        "steps:\n"
        "  - id: ask\n    action: webhook\n"
        f"    with: {{method: POST, url: '{hook}', json: {{who: '{{{{ contact.name }}}}', said: '{{{{ message.text }}}}'}},\n"
        "      returns: {type: object, properties: {about: {type: string}}}, save: {about: result.json.about}}\n"
        "  - {id: keep, action: set, with: {data: {said: message.text}, contact: {nick: message.text}}}\n"
        "  - {id: tell, action: send, with: {text: 'You said: {{ message.text }}'}}\n"
        "  - {id: wait, action: wait, with: {message: true}, timeout: 2h}\n"
        "  - {id: end, action: send, with: {text: 'Again: {{ message.text }}'}}\n"
    )
    return home


async def plant(line: Served, hook: str) -> str:
    """The canary in every place that there is; the contact's id."""
    installed = line.installed
    stub = line.stub

    async def post(text: str, key: str) -> None:
        await line.post(inbound_text(line.account, PHONE, text, f"wamid.{PHONE}.{key}", name=NAME, at=now()))

    await line.ask(OTHER, "I stay")
    await post(TEXT, "1")
    assert await line.heard(PHONE, 1) == [f"You said: {TEXT}"]
    for who, name, data, key in (
        (PHONE, NAME, PICTURE, "2"),
        (PHONE, NAME, SHARED, "3"),
        (OTHER, "Bo", SHARED, "4"),
    ):
        picture = {"id": stub.add_media(data, "image/png"), "mime_type": "image/png", "caption": f"to {name}"}
        content = {"type": "image", "image": picture}
        await line.post(inbound(line.account, who, content, f"wamid.{who}.{key}", name=name, at=now()))
    await installed.until(
        "SELECT count(*) = 3 FROM action_calls WHERE kind = 'fetch_media' AND state = 'done' AND number_id = %s", line.number
    )  # fmt: skip
    broken = inbound_text(line.account, PHONE, f"{TEXT} SURROGATE", f"wamid.{PHONE}.5", name=NAME, at=now())
    await line.post(broken.replace(b"SURROGATE", b"\\ud800"))
    with installed.client() as api:
        (row,) = api.get("/contacts", phone=f"+{PHONE}")["items"]
        api.put("/contact-fields/nick", {"type": "string"})
        api.patch(f"/contacts/{row['id']}", {"name": NAME, "fields": {"nick": NICK}})
        api.post("/events", {"name": "canary.seen", "contact": row["id"], "data": {"said": TEXT}})
        talk = api.get(f"/contacts/{row['id']}")["conversations"][0]["id"]
        api.post(f"/numbers/{line.number}/conversations/{talk}/reply", {"text": f"Dear {NAME}"})
        api.post("/tasks", {"conversation": talk, "body": f"Call {PHONE}"})
        api.get(f"/numbers/{line.number}/conversations/{talk}/transcript")
    key = (installed.home / "operator.key").read_text().strip()
    async with httpx.AsyncClient(trust_env=False) as http:
        noted = await http.post(
            f"{installed.url}/api/v1/numbers/{line.number}/conversations/{talk}/notes",
            json={"body": f"{NAME} said {TEXT}"},
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"note-{talk}"},
        )
    assert noted.status_code == 201, noted.text
    await stub.until(lambda: any(NAME in taken.text for taken in stub.to(PHONE)))
    return row["id"]


def exported(installed: Installation, contact: str) -> None:
    """What he is handed holds all that was planted, and nothing of anybody else."""
    key = (installed.home / "operator.key").read_text().strip()
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{installed.url}/api/v1/contacts/{contact}/export"
    answer = httpx.get(url, headers=headers, trust_env=False)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        files = {zipped.read(name) for name in zipped.namelist() if name.startswith("files/")}
        raw = zipped.read("contact.json")
    assert files == {PICTURE, SHARED}
    told = json.loads(raw)
    assert told["identities"] == [{"kind": "phone", "value": PHONE}]
    assert (told["contact"]["profile"]["name"], told["contact"]["profile"]["nick"]) == (NAME, NICK)
    (talk,) = told["conversations"]
    said = [line["body"].get("text", "") for line in talk["messages"]]
    assert {TEXT, f"You said: {TEXT}", f"Dear {NAME}"} <= set(said)
    assert ANSWER in json.dumps(talk["calls"])
    assert TEXT in json.dumps(talk["events"])
    assert ANSWER in json.dumps(talk["runs"])
    assert [one["body"] for one in (*talk["notes"], *talk["tasks"])] == [
        f"{NAME} said {TEXT}",
        f"Call {PHONE}",
    ]
    assert OTHER not in raw.decode()
    with installed.client() as api:
        assert api.get("/audit", action="contact.export")["items"][0]["target_id"] == contact


def now() -> int:
    return int(time.time())


async def swept(installed: Installation, contact: str) -> dict[str, Any]:
    """What `chatloom work` does, until all is gone."""
    async with desk(installed) as at:
        while True:
            await erasures.do(at)
            with installed.client() as api:
                if (order := api.get(f"/erasures/{contact}"))["state"] != "ordered":
                    return order
            await asyncio.sleep(0.05)


async def close(installed: Installation, contact: str) -> None:
    """Ten minutes later."""
    late = "UPDATE erasures SET swept_at = swept_at - interval '11 minutes' WHERE id = %s RETURNING 1"
    await installed.rows(late, contact)
    async with desk(installed) as at:
        await erasures.do(at)
    with installed.client() as api:
        assert api.get(f"/erasures/{contact}")["state"] == "closed"


def test_nothing_is_left_of_a_contact_who_was_erased(
    stack: Stack, installed: Installation, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with receiver() as hook:

            async def about(request: web.Request) -> web.StreamResponse:
                asked = await request.text()
                return web.json_response({"about": ANSWER if TEXT in asked else "nothing"})

            hook.answer = about
            with installed.client() as api:
                types = ["message.received", "message.sent", "run.started", "run.ended"]
                endpoint = api.post("/webhooks", {"name": "canary", "url": hook.url, "types": types})["id"]
            private = {"CHATLOOM_ALLOW_PRIVATE_WEBHOOKS": "true"}
            search_in_messages(installed, on=True)
            async with served(installed, bot(tmp_path, hook.url), environment=private) as line:
                contact = await plant(line, hook.url)
                async with desk(installed, allow_private=True) as at:
                    await webhooks.do(at)
                    await message_search.do(at)
                sight = Sight(stack)
                seen = sight.everywhere()
                assert {
                    "contacts.profile", "identities.value", "conversations.state", "conversations.contact",
                    "events.payload", "messages.body", "messages.provider_id", "inbox.source_id",
                    "action_calls.request", "action_calls.result", "quarantine.payload", "webhook_events.data",
                    "contact_changes.fields", "webhook_tries.exchange", "conversation_notes.body",
                    "conversation_tasks.body", "idempotency.answer", "message_words.words",
                } <= seen, sorted(seen)  # fmt: skip
                assert any(one.startswith("media/") for one in seen)
                exported(installed, contact)
                with installed.client() as api:
                    api.delete(f"/contacts/{contact}", sure="true")
                    with pytest.raises(ServerRefused, match="no contact"):
                        api.get(f"/contacts/{contact}")
                    assert api.get("/contacts", phone=PHONE)["items"] == []
                order = await swept(installed, contact)
                assert order["removed"]["messages"] >= 5
                assert sight.everywhere() == UNTIL_CLOSED
                await close(installed, contact)
                assert sight.everywhere() == set()
                assert (await line.ask(OTHER, "still here"))[-1] == "You said: still here", (
                    "others are left alone"
                )
                with installed.client() as api:
                    (other,) = api.get("/contacts", phone=OTHER)["items"]
                    (talk,) = api.get(f"/contacts/{other['id']}")["conversations"]
                    place = f"/numbers/{line.number}/conversations/{talk['id']}"
                    lines = api.get(f"{place}/transcript")["items"]
                    (picture,) = [one for one in lines if one["kind"] == "image"]
                    assert picture["body"]["state"] == "ready"
                    (kept,) = list((installed.home / "media").rglob(picture["body"]["ref"]))
                    assert kept.is_file(), "the same bytes, sent by somebody who stays"
                before = len(line.stub.to(PHONE))
                await line.post(
                    inbound_text(line.account, PHONE, "hello", f"wamid.{PHONE}.9", name="Zeb", at=now())
                )
                assert (await line.heard(PHONE, before + 1))[-1] == "You said: hello", "somebody new"
                with installed.client() as api:
                    (new,) = api.get("/contacts", phone=PHONE)["items"]
                    assert new["id"] != contact
                    api.delete(f"/contacts/{new['id']}", sure="true")
                    api.delete(f"/webhooks/{endpoint}")
                await swept(installed, new["id"])
                await close(installed, new["id"])
                assert sight.everywhere() == set()
            search_in_messages(installed, on=False)

    asyncio.run(scene())


def search_in_messages(installed: Installation, on: bool) -> None:
    with installed.client() as api:
        api.call("PUT", "/message-search", {"on": on}, {"If-Match": "*"})


def test_what_waits_for_a_number_that_does_not_run_goes_too(
    stack: Stack, installed: Installation, tmp_path: Path
) -> None:
    """Also what the order overtook: it would have made the contact anew."""

    async def scene() -> None:
        async with receiver() as hook:
            private = {"CHATLOOM_ALLOW_PRIVATE_WEBHOOKS": "true"}
            async with served(installed, bot(tmp_path, hook.url), environment=private) as line:
                await line.post(
                    inbound_text(line.account, PHONE, TEXT, f"wamid.{PHONE}.w1", name=NAME, at=now())
                )
                await installed.until(
                    "SELECT EXISTS (SELECT FROM conversations WHERE number_id = %s)", line.number
                )
                await asyncio.to_thread(installed.end_numbers)  # it waits for what the stub answers
                for key in ("w2", "w3"):
                    body = inbound_text(
                        line.account, PHONE, TEXT, f"wamid.{PHONE}.{key}", name=NAME, at=now()
                    )
                    await line.post(body)
                with installed.client() as api:
                    (row,) = api.get("/contacts", phone=PHONE)["items"]
                    api.delete(f"/contacts/{row['id']}", sure="true")
                sight = Sight(stack)
                assert "inbox.payload" in sight.everywhere()
                await swept(installed, row["id"])
                assert sight.everywhere() == UNTIL_CLOSED
                again = installed.start_number(line.number, **private)
                await installed.until_online([line.number])
                await installed.until(
                    "SELECT NOT EXISTS (SELECT FROM inbox WHERE number_id = %s AND done_at IS NULL)", line.number
                )  # fmt: skip
                assert await line.rows("SELECT id FROM quarantine WHERE number_id = %s") == []
                assert await line.rows("SELECT id FROM conversations WHERE number_id = %s") == []
                await close(installed, row["id"])
                assert sight.everywhere() == set()
                again.terminate()
                await asyncio.to_thread(again.wait, 20)

    asyncio.run(scene())


def test_every_table_that_names_a_conversation_or_a_contact_is_swept(installed: Installation) -> None:
    """Whoever adds one says in `store/sql/erasures.sql` how it is emptied."""

    async def scene() -> None:
        rows = await installed.rows(
            "SELECT DISTINCT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
            " AND NOT c.relispartition AND a.attname IN ('conversation_id', 'contact_id')"
        )
        told = (Path(__file__).parents[2] / "store/sql/erasures.sql").read_text()
        assert {table for (table,) in rows if f"DELETE FROM {table} " not in told.replace("\n", " ")} == set()

    asyncio.run(scene())
