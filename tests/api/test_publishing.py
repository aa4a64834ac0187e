"""Publishing and rolling back, through HTTP, and what becomes of open runs."""

import itertools
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from schemas.ids import new_event_id
from tests.api.talk import Talk, sealer_of
from tests.live import Live

HELLO = {
    path.relative_to("bots/hello").as_posix(): path.read_text()
    for path in sorted(Path("bots/hello").rglob("*.yaml"))
}
BOT = "chatloom: bot/v1\nid: b\ntitle: B\nlanguages: [en]\nflows: [f]\nfallback: f\n"
FAILING = "test: It says what it does not say\ntalk:\n  - user: hello\n  - bot: Good night\n"
_count = itertools.count()


def publish(api: httpx.Client, name: str, version: int, **how: Any) -> httpx.Response:
    return api.post(f"/api/v1/bots/{name}/versions/{version}/publish", json=how)


@pytest.fixture
def bot(api: httpx.Client) -> str:
    """A bot with two versions, the first published."""
    name = f"published-{next(_count)}"
    for text in ("one", "two"):
        api.put(f"/api/v1/bots/{name}", json={"files": {**HELLO, "README.md": text}})
    assert publish(api, name, 1).status_code == 200
    return name


@pytest.fixture
def open_run(api: httpx.Client, bot: str, migrated_url: str) -> UUID:
    """The number of a conversation with a run open on version 1; another number is pinned to that version."""
    for name, version in ((bot, None), (f"{bot}-pinned", 1)):
        body = {"name": name, "channel": "simulator", "bot": bot, "version": version}
        number = UUID(api.post("/api/v1/numbers", json=body).json()["id"])
        with psycopg.connect(migrated_url) as db:
            db.execute(
                "INSERT INTO runs (number_id, id, workspace_id, conversation_id, bot_id, version, flow, started_at)"
                " SELECT n.id, %s, n.workspace_id, %s, n.bot_id, 1, 'hello', now() FROM numbers n WHERE n.id = %s",
                (new_event_id(), new_event_id(), number),
            )
        if version is None:
            first = number
    return first


def restarts(url: str, number: UUID) -> list[str]:
    """By whom runs of the number were begun anew."""
    with psycopg.connect(url) as db:
        rows = db.execute(
            "SELECT event_id, payload FROM inbox WHERE number_id = %s AND kind = 'restarted'", (number,)
        ).fetchall()
    sealer = sealer_of(url, number)
    return [json.loads(sealer.open("inbox", "payload", key.bytes, payload))["by"] for key, payload in rows]


def test_a_failing_test_keeps_a_version_back(api: httpx.Client, bot: str) -> None:
    api.put(f"/api/v1/bots/{bot}", json={"files": {**HELLO, "tests/night.yaml": FAILING}})
    refused = publish(api, bot, 3)
    assert (refused.status_code, refused.json()["code"]) == (422, "bots.tests_failing"), refused.text
    assert refused.json()["tests"][0]["file"] == "tests/night.yaml"
    assert api.get(f"/api/v1/bots/{bot}/versions/3").json()["published_at"] is None


def test_a_dry_run_counts_and_changes_nothing(
    api: httpx.Client, bot: str, open_run: UUID, migrated_url: str
) -> None:
    said = publish(api, bot, 2, in_flight="restart", dry_run=True).json()
    assert said["open_runs"] == [{"number": bot, "version": 1, "runs": 1}]
    assert (said["restarted"], said["current"], said["published_at"]) == (1, False, None)
    assert restarts(migrated_url, open_run) == []
    assert api.get(f"/api/v1/bots/{bot}/versions/1").json()["current"]


def test_open_runs_stay_or_begin_anew(api: httpx.Client, bot: str, open_run: UUID, migrated_url: str) -> None:
    pinned = publish(api, bot, 2).json()
    assert (pinned["before"], pinned["restarted"], pinned["current"]) == (1, 0, True)
    assert restarts(migrated_url, open_run) == []
    anew = publish(api, bot, 2, in_flight="restart").json()
    assert anew["restarted"] == 1
    assert restarts(migrated_url, open_run) == ["operator"]


MENU = (
    "chatloom: flow/v1\nid: main\nsteps:\n"
    "  - {id: hi, action: send, with: {text: Hello}}\n"
    "  - {id: ask, action: menu, with: {text: 'Tea?', choices: {yes: Yes, no: No}}, then: {other: ask}}\n"
    "  - {id: bye, action: send, with: {text: %s}}\n"
)
MIGRATING = "chatloom: bot/v1\nid: t\nflows: [main]\nfallback: main\non_publish: migrate\n"


def test_open_runs_go_on_with_what_is_published_if_they_fit(
    server: Live, api: httpx.Client, tmp_path: Path
) -> None:
    talk = Talk(server, api, {"bot.yaml": MIGRATING, "flows/main.yaml": MENU % "One"})
    path = f"/api/v1/bots/{talk.name}"

    def push(flow: str) -> None:
        files = {"bot.yaml": MIGRATING, "flows/main.yaml": flow, "README.md": talk.name}
        assert api.put(path, json={"files": files}).status_code == 201

    push(MENU.replace("id: ask,", "id: ask2,").replace("other: ask}", "other: ask2}") % "Two")
    push(MENU % "Three")
    with talk.served(tmp_path):
        talk.hear("1", "hello")
        one = talk.until_said("Hello")
        dry = publish(api, talk.name, 2, dry_run=True).json()
        assert (dry["in_flight"], dry["migrated"], dry["open_runs"][0]["runs"]) == ("migrate", 0, 1)
        assert dry["staying"] == [
            {
                "version": 1,
                "code": "step_gone",
                "reason": "there is no step main.ask any more",
                "flow": "main",
                "step": "ask",
                "runs": 1,
            }
        ]
        draft = api.post(f"{path}/draft/publish", json={"dry_run": True}).json()
        assert (draft["migrated"], draft["current"], draft["version"]) == (1, False, 4)
        assert publish(api, talk.name, 2).json()["staying"] == dry["staying"]
        done = publish(api, talk.name, 3).json()
        assert (done["migrated"], done["staying"]) == (1, [])
        talk.hear("1", "yes")
        talk.until_said("Three", one)
    assert publish(api, talk.name, 1).json()["open_runs"] == []


def test_a_key_called_owner_is_not_the_numbers_owner(
    server: Live, api: httpx.Client, bot: str, open_run: UUID, migrated_url: str
) -> None:
    made = api.post("/api/v1/api-keys", json={"name": "owner", "role": "editor"}).json()
    with server.client(made["key"]) as program:
        assert publish(program, bot, 2, in_flight="restart").json()["restarted"] == 1
    assert restarts(migrated_url, open_run) == ["key owner"]


def test_rolling_back_publishes_the_version_before(api: httpx.Client, bot: str) -> None:
    assert publish(api, bot, 2).status_code == 200
    back = api.post(f"/api/v1/bots/{bot}/rollback", json={}).json()
    assert (back["version"], back["before"], back["current"]) == (1, 2, True)
    nothing = api.post(f"/api/v1/bots/{bot}/rollback", json={})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "bots.nothing_before")
    assert api.post(f"/api/v1/bots/{bot}/rollback", json={"version": 2}).json()["current"]


def test_a_draft_is_published_in_one_step(api: httpx.Client, bot: str) -> None:
    draft = api.get(f"/api/v1/bots/{bot}/draft")
    path = f"/api/v1/bots/{bot}/draft/publish"
    seen = {"If-Match": draft.headers["etag"]}
    saved = {"files": {**HELLO, "README.md": "three"}}
    changed = api.put(f"/api/v1/bots/{bot}/draft", json=saved, headers=seen)
    assert api.post(path, json={}, headers=seen).status_code == 412
    out = api.post(path, json={"message": "m"}, headers={"If-Match": changed.headers["etag"]}).json()
    assert (out["version"], out["current"]) == (3, True)
    assert api.get(f"/api/v1/bots/{bot}/draft").json()["base_version"] == 3
    assert api.get(f"/api/v1/bots/{bot}/versions/3").json()["message"] == "m"


def test_versions_are_compared_by_step_and_by_text(api: httpx.Client) -> None:
    name = f"compared-{next(_count)}"
    flow = "chatloom: flow/v1\nid: f\nsteps:\n  - {id: a, action: send, with: {text: Hi}}\n"
    step = "  - {id: %s, action: send, with: {text: %s}}\n"
    first = {"bot.yaml": BOT, "flows/f.yaml": flow + step % ("b", "Two") + step % ("c", "Three")}
    second = {"bot.yaml": BOT, "flows/f.yaml": flow + step % ("b", "II") + step % ("d", "Four"), "a.md": "x"}
    for files in (first, second):
        assert api.put(f"/api/v1/bots/{name}", json={"files": files}).status_code == 201
    said = api.get(f"/api/v1/bots/{name}/versions/1/diff/2").json()
    assert said["steps"] == [{"flow": "f", "added": ["d"], "removed": ["c"], "changed": {"b": ["with"]}}]
    assert [(one["path"], one["how"]) for one in said["files"]] == [
        ("a.md", "added"),
        ("flows/f.yaml", "changed"),
    ]
    assert "-  - {id: b, action: send, with: {text: Two}}\n" in said["files"][1]["diff"]
    assert api.get(f"/api/v1/bots/{name}/versions/1/diff/1").json()["files"] == []
    assert api.get(f"/api/v1/bots/{name}/draft/diff").json()["flows_added"] == ["f"]  # nothing is published
    assert api.post(f"/api/v1/bots/{name}/versions/1/publish").status_code == 200
    assert api.get(f"/api/v1/bots/{name}/draft/diff").json() == {**said, "authors": []}
    assert api.get(f"/api/v1/bots/{name}/versions/1/diff/9").status_code == 404
