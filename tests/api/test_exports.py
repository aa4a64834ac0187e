"""Exports: what was said, who said it and what was collected comes as a file, sealed until a signed link opens it."""

import asyncio
import csv
import io
import json
import re
import resource
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pyarrow.parquet as pq
import pytest

from jobs import erasures, job_pruning, ordered
from store import export_files, jobs
from store.export_files import ExportWriter
from store.jobs import Heard, Outcome
from store.live import Live as Told
from tests.api.listening import listening
from tests.api.listening import until as until_told
from tests.api.people import Enter, add, elsewhere, sql
from tests.api.talk import Talk
from tests.live import Live
from tests.until import until
from tests.worker import worker

FORMULA = '=HYPERLINK("http://example.com","x")'
BOT = {
    "bot.yaml": "chatloom: bot/v1\nid: ask\ntitle: Ask\nflows: [main]\nfallback: main\n",
    "flows/main.yaml": (
        "chatloom: flow/v1\nid: main\n"
        "data: {schema: {type: object, required: [word], properties: {word: {type: string}}}}\nsteps:\n"
        "  - {id: ask, action: send, with: {text: 'Which word?'}}\n"
        "  - {id: hear, action: wait, with: {message: true}}\n"
        "  - {id: keep, action: set, with: {data: {word: message.text}}}\n"
        "  - {id: thanks, action: send, with: {text: 'Thank you.'}}\n"
    ),
}


@pytest.fixture(scope="module")
def talk(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Talk:
    """A conversation that collected something, and whose contact wrote a formula."""
    with server.client() as api:
        made = Talk(server, api, BOT)
        with made.served(tmp_path_factory.mktemp("n")):
            made.hear("+4366012345", "hello", kind="phone", name="Ana Canary")
            made.until_said("Which word?")
            made.hear("+4366012345", FORMULA, kind="phone", name="Ana Canary")
            made.until_said("Thank you.")
    return made


def done(server: Live, api: httpx.Client, **wanted: Any) -> dict[str, Any]:
    """An export, made."""
    started = api.post("/api/v1/exports", json=wanted)
    assert started.status_code == 202, started.text
    assert (started.json()["state"], started.json()["file_until"]) == ("waiting", None)
    work(server)
    shown = api.get(f"/api/v1/exports/{started.json()['id']}").json()
    assert shown["state"] == "done", shown["error"]
    return shown


def work(server: Live) -> None:
    async def all_of_it() -> None:
        async with worker(server) as desk:
            assert not await ordered.do(desk)

    asyncio.run(all_of_it())


def prune(server: Live) -> None:
    async def all_of_it() -> None:
        async with worker(server) as desk:
            await job_pruning.do(desk)

    asyncio.run(all_of_it())


def link_of(api: httpx.Client, export: dict[str, Any], **wanted: int) -> str:
    made = api.post(f"/api/v1/exports/{export['id']}/link", json=wanted)
    assert made.status_code == 201, made.text
    return made.json()["url"]


def downloaded(server: Live, api: httpx.Client, export: dict[str, Any]) -> httpx.Response:
    with server.client(None) as nobody:
        found = nobody.get(link_of(api, export))
    assert found.status_code == 200, found.text
    assert len(found.content) == export["result"]["bytes"] == int(found.headers["content-length"])
    return found


def there(server: Live, export: dict[str, Any]) -> list[Path]:
    return list(server.config.exports.glob(f"{export['id']}.*"))


def test_conversations_as_csv(server: Live, api: httpx.Client, talk: Talk) -> None:
    export = done(server, api, what="conversations", number=talk.name)
    found = downloaded(server, api, export)
    assert re.search(r'filename="conversations-\d{8}-\d{6}\.csv"', found.headers["content-disposition"])
    rows = list(csv.DictReader(io.StringIO(found.text)))
    assert [row["text"] for row in rows] == ["hello", "Which word?", f"'{FORMULA}", "Thank you."]
    assert [row["direction"] for row in rows] == ["in", "out", "in", "out"]
    assert {row["contact_name"] for row in rows} == {"Ana Canary"}
    assert {row["contact_address"] for row in rows} == {"'+4366012345"}
    assert json.loads(rows[2]["body"])["text"] == FORMULA
    assert (export["progress"], export["total"], export["result"]["rows"]) == (4, 4, 4)


def test_collected_data_as_json_lines(server: Live, api: httpx.Client, talk: Talk) -> None:
    export = done(server, api, what="data", format="jsonl", bot=talk.name)
    (row,) = (json.loads(line) for line in downloaded(server, api, export).text.splitlines())
    assert (row["data"], row["bot"], row["version"], row["flow"]) == ({"word": FORMULA}, talk.name, 1, "main")
    assert row["ended_at"].endswith("Z")
    none = done(server, api, what="data", format="jsonl", bot=talk.name, until="2020-01-01T00:00:00Z")
    assert downloaded(server, api, none).text == ""


def test_contacts_as_parquet(server: Live, api: httpx.Client, talk: Talk) -> None:
    export = done(server, api, what="contacts", format="parquet")
    table = pq.read_table(io.BytesIO(downloaded(server, api, export).content))
    ana = next(row for row in table.to_pylist() if "+4366012345" in row["identities"])
    assert json.loads(ana["identities"]) == [{"kind": "phone", "value": "+4366012345"}]
    assert (ana["opted_out"], str(table.schema.field("created_at").type)) == (False, "timestamp[us, tz=UTC]")


@pytest.mark.parametrize(
    ("what", "narrowed"), [("contacts", "number"), ("contacts", "bot"), ("conversations", "bot")]
)
@pytest.mark.parametrize("path", ["exports", "export-schedules"])
def test_who_asks_for_some_of_it_is_not_given_all(
    api: httpx.Client, talk: Talk, path: str, what: str, narrowed: str
) -> None:
    when = {"name": "narrowed", "cron": "0 6 * * *"} if path == "export-schedules" else {}
    refused = api.post(f"/api/v1/{path}", json={"what": what, narrowed: talk.name, **when})
    assert (refused.status_code, refused.json()["code"]) == (422, "input.unfit"), refused.text
    assert f"leave `{narrowed}` out" in refused.text


def test_a_file_is_sealed_and_goes_when_its_time_is_over(server: Live, api: httpx.Client, talk: Talk) -> None:
    export = done(server, api, what="conversations", format="jsonl", number=talk.name)
    (file,) = there(server, export)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"Canary" not in file.read_bytes()
    link = link_of(api, export)
    prune(server)
    assert there(server, export) == [file]
    sql(server, "UPDATE jobs SET file_until = now() WHERE id = %s", export["id"])
    prune(server)
    assert there(server, export) == []
    with server.client(None) as nobody:
        assert nobody.get(link).json()["code"] == "downloads.link_dead"
    refused = api.post(f"/api/v1/exports/{export['id']}/link")
    assert (refused.status_code, refused.json()["code"]) == (409, "exports.no_file")


def test_a_link_is_bounded_in_time_and_cannot_be_made_up(server: Live, api: httpx.Client, talk: Talk) -> None:
    export = done(server, api, what="conversations", number=talk.name)
    link = link_of(api, export, minutes=1)
    said, _, signature = link.rpartition("/")[2].partition(".")
    with server.client(None) as nobody:
        assert nobody.get(link).status_code == 200
        for broken in (f"{said}.{signature[:-2]}xx", said, f"{said}.", "x.y", f"{said[:-2]}.{signature}"):
            answer = nobody.get(f"/api/v1/downloads/{broken}")
            assert (answer.status_code, answer.json()["code"]) == (410, "downloads.link_dead"), broken
    assert api.delete(f"/api/v1/exports/{export['id']}").status_code == 204
    with server.client(None) as nobody:
        assert nobody.get(link).status_code == 410
    assert there(server, export) == []


def test_a_file_goes_once_its_deletion_is_committed_or_is_swept(
    server: Live, api: httpx.Client, talk: Talk
) -> None:
    export = done(server, api, what="conversations", number=talk.name)
    (file,) = there(server, export)
    with psycopg.connect(server.config.database_url, autocommit=True) as db:
        db.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'full'; END $$;"
            "CREATE CONSTRAINT TRIGGER refused AFTER UPDATE ON jobs DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        try:
            assert not api.delete(f"/api/v1/exports/{export['id']}").is_success
        finally:
            db.execute("DROP TRIGGER refused ON jobs; DROP FUNCTION refuse")
    assert there(server, export) == [file]
    assert api.get(f"/api/v1/exports/{export['id']}").json()["file_until"] is not None
    sealed = file.read_bytes()
    file.unlink()
    file.mkdir()  # the disk refuses, as a kill would leave it
    assert api.delete(f"/api/v1/exports/{export['id']}").status_code == 204
    file.rmdir()
    file.write_bytes(sealed)
    prune(server)
    assert there(server, export) == []


def test_deleting_one_that_waits_is_told_to_live_views(api: httpx.Client) -> None:
    with listening(api, "jobs") as said:
        next(said)
        export = api.post("/api/v1/exports", json={"what": "contacts"}).json()["id"]
        assert api.delete(f"/api/v1/exports/{export}").status_code == 204
        assert until_told(said, "jobs", kind="cancelled").data["job"] == export


def test_an_old_link_is_dead(server: Live, api: httpx.Client, talk: Talk) -> None:
    export = done(server, api, what="conversations", number=talk.name)
    sql(server, "UPDATE jobs SET file_until = now() + interval '1 second' WHERE id = %s", export["id"])
    made = api.post(f"/api/v1/exports/{export['id']}/link", json={"minutes": 60}).json()
    assert made["until"] == api.get(f"/api/v1/exports/{export['id']}").json()["file_until"]


def test_reading_is_in_the_audit(server: Live, enter: Enter, api: httpx.Client, talk: Talk) -> None:
    admin = enter(add(api, "admin"))
    export = done(server, admin.client, what="contacts")
    downloaded(server, admin.client, export)
    told = api.get("/api/v1/audit", params={"target": export["id"]}).json()["items"]
    assert [(row["action"], row["who_name"]) for row in told] == [
        (action, admin.email) for action in ("export.download", "export.link", "export.start")
    ]


def test_a_damaged_file_is_not_given_out(server: Live, api: httpx.Client, talk: Talk) -> None:
    export = done(server, api, what="conversations", number=talk.name)
    (file,) = there(server, export)
    whole = file.read_bytes()
    file.write_bytes(whole[:-5])
    with server.client(None) as nobody:
        answer = nobody.get(link_of(api, export))
        assert (answer.status_code, answer.json()["code"]) == (500, "exports.broken")
        file.write_bytes(whole[:4] + bytes([whole[4]]) + whole[5:-1] + bytes([whole[-1] ^ 1]))
        assert nobody.get(link_of(api, export)).status_code >= 400


def test_parts_cannot_be_left_out(tmp_path: Path, talk: Talk) -> None:
    """A file of many parts comes back whole, and not at all without one of them."""
    writer = export_files.ExportWriter(tmp_path, talk.number, 1, talk.sealer)
    said = bytes(range(256)) * 4096  # four parts
    for at in range(0, len(said), 100_000):
        writer.write(said[at : at + 100_000])
    writer.finish()
    assert b"".join(export_files.parts(tmp_path, talk.number, 1, talk.sealer)) == said
    raw = writer.path.read_bytes()
    size = 4 + int.from_bytes(raw[:4], "big")
    writer.path.write_bytes(raw[size:])
    with pytest.raises(Exception, match="sealed"):
        list(export_files.parts(tmp_path, talk.number, 1, talk.sealer))
    writer.path.write_bytes(raw[: 3 * size])
    with pytest.raises(export_files.ExportBroken):
        list(export_files.parts(tmp_path, talk.number, 1, talk.sealer))


def test_a_part_that_a_full_disk_refused_is_not_left_behind(tmp_path: Path, talk: Talk) -> None:
    file = ExportWriter(tmp_path, talk.number, 1, talk.sealer)
    file.write(b"a row\n" * 100)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            file.finish()
        file.drop()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list(tmp_path.iterdir()) == []


def test_a_job_that_waits_is_cancelled_at_once(server: Live, api: httpx.Client) -> None:
    key = api.post("/api/v1/exports", json={"what": "contacts"}).json()["id"]
    assert api.post(f"/api/v1/jobs/{key}/cancel").json()["state"] == "cancelled"
    refused = api.post(f"/api/v1/jobs/{key}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "jobs.ended")
    work(server)
    assert api.get(f"/api/v1/jobs/{key}").json()["state"] == "cancelled"
    listed = api.get("/api/v1/jobs", params={"kind": "export", "state": "cancelled"}).json()["items"]
    assert listed[0]["id"] == key


def test_a_job_that_runs_is_cancelled_and_leaves_no_file(server: Live, api: httpx.Client, talk: Talk) -> None:
    key = api.post("/api/v1/exports", json={"what": "contacts"}).json()["id"]

    where = f"/api/v1/jobs/{key}"

    async def scene() -> None:
        async with (
            worker(server) as desk,
            httpx.AsyncClient(base_url=api.base_url, headers=api.headers) as client,
        ):

            async def running() -> bool:
                return (await client.get(where)).json()["state"] == "running"

            async with await psycopg.AsyncConnection.connect(server.config.database_url) as db:
                await db.execute("LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE")
                working = asyncio.create_task(ordered.do(desk))
                await until(running)
                asked = await client.post(f"{where}/cancel")
                assert asked.json().get("cancel_asked"), asked.text
                desk.stop.set()  # so it looks at once, and hears that it is to be cancelled
            await working

    asyncio.run(scene())
    assert api.get(f"/api/v1/jobs/{key}").json()["state"] == "cancelled"
    assert list(server.config.exports.glob(f"{key}.*")) == []


def test_whoever_fell_silent_has_lost_the_job(server: Live, api: httpx.Client) -> None:
    key = api.post("/api/v1/exports", json={"what": "contacts"}).json()["id"]

    async def scene() -> None:
        async with worker(server) as desk:
            first = await jobs.claim(desk.pool, desk.shelf, "one", ["export"])
            assert first is not None
            assert str(first.id) == key
            assert await jobs.claim(desk.pool, desk.shelf, "two", ["export"]) is None
            assert await jobs.beat(desk.pool, first, 1, 9) is Heard.go_on
            sql(server, "UPDATE jobs SET held_until = now() - interval '1 second' WHERE id = %s", key)
            second = await jobs.claim(desk.pool, desk.shelf, "two", ["export"])
            assert second is not None
            assert (second.id, second.attempt) == (first.id, 2)
            assert await jobs.beat(desk.pool, first, 2, 9) is Heard.lost
            assert not await jobs.settle(desk.pool, first, Outcome("done"), 9, 9)
            assert await jobs.settle(desk.pool, second, Outcome("failed", error="no"), 9, 9)

    asyncio.run(scene())
    assert api.get(f"/api/v1/jobs/{key}").json()["error"] == "no"


def test_one_that_runs_while_somebody_is_erased_begins_anew(
    server: Live, api: httpx.Client, talk: Talk, tmp_path: Path
) -> None:
    """What its worker has read may be his."""
    gone = Talk(server, api)
    with gone.served(tmp_path):
        gone.hear("393339999001", "hello", kind="phone", name="Gone")
        gone.until_said("Say a word, Gone.")
    key = api.post("/api/v1/exports", json={"what": "contacts"}).json()["id"]
    (contact,) = api.get("/api/v1/contacts", params={"phone": "393339999001"}).json()["items"]

    async def do() -> None:
        async with worker(server) as desk:
            claimed = await jobs.claim(desk.pool, desk.shelf, "one", ["export"])
            assert claimed is not None
            assert str(claimed.id) == key
            ordered_one = api.delete  # the worker hears of it while it works
            assert ordered_one(f"/api/v1/contacts/{contact['id']}", params={"sure": True}).is_success
            await erasures.do(desk)
            assert await jobs.beat(desk.pool, claimed, 1, 2) is Heard.lost
            assert not await jobs.settle(desk.pool, claimed, Outcome("done"), 1, 1)

    sql(
        server,
        "INSERT INTO quarantine (id, number_id, workspace_id, kind, payload, error, received_at)"
        " VALUES (gen_random_uuid(), %s, %s, 'received', 'no seal', 'x', now())",
        gone.number,
        gone.workspace,
    )
    asyncio.run(do())
    assert api.get(f"/api/v1/erasures/{contact['id']}").json()["state"] == "swept"
    work(server)
    assert api.get(f"/api/v1/exports/{key}").json()["state"] == "done"


def test_how_far_a_job_is_and_its_end_are_told_to_live_views(
    server: Live, api: httpx.Client, talk: Talk
) -> None:
    with listening(api, "jobs") as said:
        next(said)
        key = api.post("/api/v1/exports", json={"what": "contacts"}).json()["id"]

        async def do() -> None:
            live = Told(server.config.redis_url)
            telling = asyncio.create_task(live.run())
            async with worker(server) as desk:
                await ordered.do(replace(desk, live=live))
            await live.settle()
            telling.cancel()

        asyncio.run(do())
        for kind in ("started", "begun", "progress", "done"):
            assert until_told(said, "jobs", job=key, kind=kind)


def test_a_job_that_kills_its_workers_is_given_up(server: Live, api: httpx.Client) -> None:
    key = api.post("/api/v1/exports", json={"what": "contacts"}).json()["id"]
    sql(server, "UPDATE jobs SET state = 'running', attempt = 10, held_until = now() WHERE id = %s", key)
    work(server)
    shown = api.get(f"/api/v1/jobs/{key}").json()
    assert (shown["state"], shown["error"]) == ("failed", "Its workers died or were stopped, 10 times.")


def test_another_workspace_exports_its_own(server: Live, enter: Enter, api: httpx.Client, talk: Talk) -> None:
    theirs = enter(elsewhere(server)).client
    export = done(server, theirs, what="conversations", format="jsonl")
    assert downloaded(server, theirs, export).content == b""
    assert theirs.get("/api/v1/exports").json()["items"][0]["id"] == export["id"]
    assert export["id"] not in {row["id"] for row in api.get("/api/v1/jobs").json()["items"]}
    assert api.get(f"/api/v1/exports/{export['id']}").status_code == 404
