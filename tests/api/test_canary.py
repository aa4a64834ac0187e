"""A canary through HTTP: started, watched, promoted, aborted."""

import itertools
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from schemas.ids import new_event_id

HELLO = {
    path.relative_to("bots/hello").as_posix(): path.read_text()
    for path in sorted(Path("bots/hello").rglob("*.yaml"))
}
BROKEN = {"bot.yaml": "chatloom: flow/v1\nnonsense: 1\n"}
_count = itertools.count()


@pytest.fixture
def bot(api: httpx.Client) -> str:
    """A bot with three versions, the first published; the third has an error."""
    name = f"canary-{next(_count)}"
    for files in ({**HELLO, "README.md": "one"}, {**HELLO, "README.md": "two"}, BROKEN):
        api.put(f"/api/v1/bots/{name}", json={"files": files})
    assert api.post(f"/api/v1/bots/{name}/versions/1/publish").status_code == 200
    return name


def start(api: httpx.Client, bot: str, version: int = 2, percent: int = 10) -> httpx.Response:
    return api.post(f"/api/v1/bots/{bot}/canary", json={"version": version, "percent": percent})


def add_runs(url: str, number: UUID, version: int, *hows: str) -> None:
    """Runs that a number's process began just now; an empty `how`: it is open."""
    with psycopg.connect(url) as db:
        for how in hows:
            db.execute(
                "INSERT INTO runs (number_id, id, workspace_id, conversation_id, bot_id, version, flow, started_at,"
                " ended_at, how) SELECT n.id, %s, n.workspace_id, %s, n.bot_id, %s, 'hello', now(),"
                " CASE WHEN %s = '' THEN NULL ELSE now() END, %s FROM numbers n WHERE n.id = %s",
                (new_event_id(), new_event_id(), version, how, how, number),
            )


def add_number(api: httpx.Client, bot: str, **more: Any) -> UUID:
    body = {"name": f"{bot}-{next(_count)}", "channel": "simulator", "bot": bot, **more}
    return UUID(api.post("/api/v1/numbers", json=body).json()["id"])


def test_its_runs_are_counted_beside_the_others(api: httpx.Client, bot: str, migrated_url: str) -> None:
    number, pinned = add_number(api, bot), add_number(api, bot, version=1)
    add_runs(migrated_url, number, 1, "done", "failed")
    started = start(api, bot, percent=25)
    assert started.status_code == 201, started.text
    assert (started.json()["state"], started.json()["canary"]["runs"]) == ("open", 0)
    assert started.json()["base"]["completion_rate"] is None
    add_runs(migrated_url, number, 1, "done", "done", "done", "failed", "expired", "")
    add_runs(migrated_url, number, 2, "done", "failed")
    add_runs(migrated_url, pinned, 1, "failed")
    shown = api.get(f"/api/v1/bots/{bot}/canary").json()
    assert shown["percent"] == 25
    assert shown["base"] == {
        "version": 1,
        "runs": 6,
        "open": 1,
        "completed": 3,
        "failed": 1,
        "completion_rate": 0.6,
        "error_rate": 0.2,
    }
    assert (shown["canary"]["runs"], shown["canary"]["error_rate"]) == (2, 0.5)


def test_one_at_a_time_of_what_is_sound_and_not_published(api: httpx.Client, bot: str) -> None:
    path = f"/api/v1/bots/{bot}/canary"
    assert (api.get(path).status_code, api.get(path).json()) == (200, None)
    assert api.get("/api/v1/bots/no-such-bot/canary").status_code == 404
    for call in (
        api.post(f"{path}/promote"),
        api.post(f"{path}/abort"),
        api.patch(path, json={"percent": 5}),
    ):
        assert (call.status_code, call.json()["code"]) == (409, "canary.closed")
    assert start(api, bot, 1).json()["code"] == "canary.nothing_to_compare"
    assert start(api, bot, 3).json()["code"] == "bots.unfit"
    assert start(api, bot, 9).status_code == 404
    assert start(api, bot, percent=100).status_code == 422
    assert start(api, bot).status_code == 201
    assert start(api, bot).json()["code"] == "canary.open"
    assert api.patch(path, json={"percent": 50}).json()["percent"] == 50
    api.put(f"/api/v1/bots/{bot}-new", json={"files": HELLO})
    assert start(api, f"{bot}-new", 1).json()["code"] == "canary.nothing_to_compare"


def test_promoting_publishes_it(api: httpx.Client, bot: str) -> None:
    start(api, bot)
    out = api.post(f"/api/v1/bots/{bot}/canary/promote").json()
    assert (out["version"], out["before"], out["current"]) == (2, 1, True)
    ended = api.get(f"/api/v1/bots/{bot}/canary").json()
    assert (ended["how"], ended["ended_by"]) == ("promoted", "operator")
    actions = [row["action"] for row in api.get("/api/v1/audit", params={"limit": 2}).json()["items"]]
    assert actions == ["canary.promote", "canary.start"]


def test_aborting_leaves_its_open_runs_begins_them_anew_or_moves_them(
    api: httpx.Client, bot: str, migrated_url: str
) -> None:
    number = add_number(api, bot)
    path = f"/api/v1/bots/{bot}/canary/abort"

    def told(kind: str) -> int:
        with psycopg.connect(migrated_url) as db:
            asked = "SELECT count(*) FROM inbox WHERE number_id = %s AND kind = %s"
            return (db.execute(asked, (number, kind)).fetchone() or (0,))[0]

    start(api, bot)
    add_runs(migrated_url, number, 2, "", "", "done")
    aborted = api.post(path).json()
    assert (aborted["how"], aborted["ended_by"]) == ("aborted", "operator")
    for how, kind in (("restart", "restarted"), ("migrate", "migrated")):
        assert told(kind) == 0
        start(api, bot)
        assert api.post(path, json={"in_flight": how}).json()["state"] == "ended"
        assert told(kind) == 2
    assert api.get(f"/api/v1/bots/{bot}/versions/1").json()["current"]


def test_another_publish_ends_it(api: httpx.Client, bot: str) -> None:
    api.put(f"/api/v1/bots/{bot}", json={"files": {**HELLO, "README.md": "four"}})
    start(api, bot)
    assert api.post(f"/api/v1/bots/{bot}/versions/4/publish", json={"dry_run": True}).status_code == 200
    assert api.get(f"/api/v1/bots/{bot}/canary").json()["state"] == "open"
    assert api.post(f"/api/v1/bots/{bot}/versions/4/publish").status_code == 200
    ended = api.get(f"/api/v1/bots/{bot}/canary").json()
    assert (ended["how"], ended["ended_by"]) == ("replaced", "operator")
