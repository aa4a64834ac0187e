"""Schedules of exports: each is started when it is due, once, and those that were missed are made up by one."""

import asyncio
import datetime as dt

import httpx
import pytest

from jobs import export_schedules, ordered
from store.cron import CronUnfit, next_run
from tests.api.people import sql
from tests.cli.calling import call
from tests.live import KEY, Live
from tests.worker import worker

AT = dt.datetime(2026, 11, 25, 21, tzinfo=dt.UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("cron", "zone", "next_at"),
    [
        ("0 6 * * 1-5", "Europe/Rome", "2026-11-26T05:00"),
        ("0 3 * * 0", "UTC", "2026-11-29T03:00"),
        ("0 3 * * 7", "UTC", "2026-11-29T03:00"),
        ("0 3 * * 5-7", "UTC", "2026-11-27T03:00"),
        ("0 3 * * 0-2/2", "UTC", "2026-11-29T03:00"),
        ("0 3 * * 1/3", "UTC", "2026-11-26T03:00"),
        ("0 3 * * sat", "UTC", "2026-11-28T03:00"),
        ("0 21 * * *", "UTC", "2026-11-26T21:00"),
        ("5 */2 * * *", "UTC", "2026-11-25T22:05"),
        ("30 4 29 2 *", "UTC", "2028-02-29T04:30"),
        ("0 3 30 * 5", "UTC", "2026-11-27T03:00"),
        ("30 2 * 3 SUN", "Europe/Rome", "2027-03-07T01:30"),
    ],
)
def test_cron_tells_the_next_time(cron: str, zone: str, next_at: str) -> None:
    assert next_run(cron, zone, AT) == dt.datetime.fromisoformat(f"{next_at}:00+00:00")


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("* * * * *", "UTC"),
        ("0 3 * *", "UTC"),
        ("0 25 * * *", "UTC"),
        ("0 3 30 2 *", "UTC"),
        ("0 3 * * 3-1", "UTC"),
        ("0 3 * * x", "UTC"),
        ("0 3 * * *", "Mars/Base"),
        ("0 3 * * *", "Europe"),
        ("0 3 * * *", "../etc/passwd"),
    ],
)
def test_what_is_no_time_is_refused(api: httpx.Client, cron: str, zone: str) -> None:
    with pytest.raises(CronUnfit):
        next_run(cron, zone, AT)
    body = {"name": "bad", "what": "contacts", "cron": cron, "zone": zone}
    refused = api.post("/api/v1/export-schedules", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "cron.unfit")


def look(server: Live, workers: int = 1, make: bool = False) -> None:
    """What each of so many workers does every ten seconds."""

    async def all_of_it() -> None:
        async with worker(server) as desk:
            await asyncio.gather(*(export_schedules.do(desk) for _ in range(workers)))
            if make:
                await ordered.do(desk)

    asyncio.run(all_of_it())


def test_an_export_is_started_when_it_is_due_and_once(server: Live, api: httpx.Client) -> None:
    body = {"name": "each day", "what": "contacts", "format": "jsonl", "cron": "0 6 * * *", "zone": "UTC"}
    made = api.post("/api/v1/export-schedules", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["next_at"].endswith("T06:00:00Z")
    assert api.post("/api/v1/export-schedules", json=body).json()["code"] == "taken"
    where = "/api/v1/export-schedules/each day"
    look(server)
    assert api.get(where).json()["last_job"] is None

    sql(server, "UPDATE export_schedules SET next_at = now() - interval '5 days' WHERE name = 'each day'")
    look(server, workers=2, make=True)
    shown = api.get(where).json()
    assert shown["next_at"] == made.json()["next_at"]  # five were missed, one was made
    first = api.get(f"/api/v1/exports/{shown['last_job']}").json()
    assert (first["state"], first["since"], first["made_by"]) == ("done", None, "operator")
    look(server)
    assert api.get(where).json()["last_job"] == first["id"]

    sql(server, "UPDATE export_schedules SET next_at = now() WHERE name = 'each day'")
    look(server, make=True)
    second = api.get(f"/api/v1/exports/{api.get(where).json()['last_job']}").json()
    assert (second["since"], second["state"]) == (first["until"], "done")  # only what is new

    assert api.patch(where, json={"paused": True}).json()["paused"]
    sql(server, "UPDATE export_schedules SET next_at = now() - interval '1 day' WHERE name = 'each day'")
    look(server)
    assert api.get(where).json()["last_job"] == second["id"]
    resumed = api.patch(where, json={"paused": False}).json()
    assert (resumed["paused"], resumed["next_at"]) == (
        False,
        made.json()["next_at"],
    )  # what was missed is not made up
    (told, *_) = api.get("/api/v1/audit", params={"action": "export.schedule_change"}).json()["items"]
    assert told["changes"] == {"paused": [True, False]}

    seen = {"If-Match": f'"{resumed["etag"]}"'}
    later = {"cron": "30 7 * * 1", "zone": "Europe/Rome"}
    assert api.patch(where, json=later).json()["code"] == "precondition.missing"
    unfit = api.patch(where, json={"cron": "x"}, headers=seen)
    assert (unfit.status_code, unfit.json()["code"]) == (422, "cron.unfit")
    changed = api.patch(where, json=later, headers=seen).json()
    assert (changed["cron"], changed["zone"], changed["new_only"]) == (*later.values(), True)
    assert changed["next_at"] != resumed["next_at"]
    stale = api.patch(where, json={"cron": "0 9 * * *"}, headers=seen)
    assert (stale.status_code, stale.json()["theirs"]) == (412, later)
    (told, *_) = api.get("/api/v1/audit", params={"action": "export.schedule_change"}).json()["items"]
    assert told["changes"] == {"cron": ["0 6 * * *", "30 7 * * 1"], "zone": ["UTC", "Europe/Rome"]}

    words = ("exports", "reschedule", "each day", "--at", "0 8 * * *")
    said = call(*words, CHATLOOM_SERVER=server.url, CHATLOOM_OPERATOR_KEY=KEY)
    assert said.returncode == 0, said.stderr
    moved = api.get(where).json()
    assert (moved["cron"], moved["zone"]) == ("0 8 * * *", "Europe/Rome")

    assert [row["name"] for row in api.get("/api/v1/export-schedules").json()["items"]] == ["each day"]
    assert api.delete(where).status_code == 204
    assert api.get(where).status_code == 404
    (told,) = api.get("/api/v1/audit", params={"action": "export.schedule"}).json()["items"]
    assert told["target_name"] == "each day"


def test_a_time_zone_that_is_gone_holds_up_no_other(server: Live, api: httpx.Client) -> None:
    for name in ("gone", "good"):
        body = {"name": name, "what": "contacts", "cron": "0 6 * * *", "zone": "UTC"}
        assert api.post("/api/v1/export-schedules", json=body).status_code == 201
    sql(server, "UPDATE export_schedules SET next_at = now(), zone = 'Mars/Base' WHERE name = 'gone'")
    sql(server, "UPDATE export_schedules SET next_at = now() WHERE name = 'good'")
    look(server)
    gone, good = (api.get(f"/api/v1/export-schedules/{name}").json() for name in ("gone", "good"))
    assert good["last_job"] is not None
    assert (gone["last_job"], gone["last_at"]) == (None, None)
    assert gone["next_at"] > gone["created_at"]  # it is looked at again, later
    for name in ("gone", "good"):
        assert api.delete(f"/api/v1/export-schedules/{name}").status_code == 204
