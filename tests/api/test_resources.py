"""Bots, apps, numbers and secrets, through HTTP."""

import itertools
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.people import elsewhere, signed_in
from tests.live import Live
from tests.runtime.linked import pocket

HELLO = {
    path.relative_to("bots/hello").as_posix(): path.read_text()
    for path in sorted(Path("bots/hello").rglob("*.yaml"))
}
BROKEN = {"bot.yaml": "chatloom: flow/v1\nnonsense: 1\n"}
_count = itertools.count()


def fresh(what: str) -> str:
    return f"{what}-{next(_count)}"


@pytest.fixture
def bot(api: httpx.Client) -> str:
    """A bot with a published version."""
    name = fresh("hello")
    files = {**HELLO, "README.md": name}
    assert api.put(f"/api/v1/bots/{name}", json={"files": files}).status_code == 201
    assert api.post(f"/api/v1/bots/{name}/versions/1/publish").status_code == 200
    return name


def test_the_same_folder_is_the_same_version(api: httpx.Client) -> None:
    name = fresh("bot")
    first = api.put(f"/api/v1/bots/{name}", json={"files": HELLO, "message": "one"})
    again = api.put(f"/api/v1/bots/{name}", json={"files": HELLO, "message": "two"})
    other = api.put(f"/api/v1/bots/{name}", json={"files": {**HELLO, "README.md": "x"}})
    assert [first.status_code, again.status_code, other.status_code] == [201, 200, 201]
    assert [each.json()["version"] for each in (first, again, other)] == [1, 1, 2]
    assert [row["version"] for row in api.get(f"/api/v1/bots/{name}/versions").json()["items"]] == [2, 1]
    assert api.get(f"/api/v1/bots/{name}/versions/1/files").json() == HELLO


def test_a_bot_with_errors_is_kept_but_not_published(api: httpx.Client) -> None:
    name = fresh("broken")
    pushed = api.put(f"/api/v1/bots/{name}", json={"files": BROKEN})
    assert pushed.status_code == 201
    assert pushed.json()["diagnostics"]
    refused = api.post(f"/api/v1/bots/{name}/versions/1/publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "bots.unfit")
    assert refused.json()["diagnostics"][0]["file"] == "bot.yaml"


def test_publishing_says_which_version_is_current(api: httpx.Client, bot: str) -> None:
    assert [row["current"] for row in api.get(f"/api/v1/bots/{bot}/versions").json()["items"]] == [True]


@pytest.mark.parametrize("path", ["../bot.yaml", "/bot.yaml", "flows//x.yaml", "flows\\x.yaml", ""])
def test_a_path_stays_in_the_folder(api: httpx.Client, path: str) -> None:
    answer = api.put(f"/api/v1/bots/{fresh('bot')}", json={"files": {path: "x"}})
    assert answer.status_code == 422


def test_a_simulated_number(api: httpx.Client, bot: str) -> None:
    name = fresh("demo")
    body = {"name": name, "channel": "simulator", "bot": bot, "settings": {"throttle": "off"}}
    added = api.post("/api/v1/numbers", json=body)
    assert added.status_code == 201, added.text
    assert (added.json()["bot"], added.json()["desired"]) == (bot, "running")
    assert api.post("/api/v1/numbers", json=body).json()["code"] == "taken"
    assert api.post(f"/api/v1/numbers/{name}/pause").json()["desired"] == "paused"
    assert api.post(f"/api/v1/numbers/{name}/resume").json()["desired"] == "running"
    assigned = api.post(f"/api/v1/numbers/{name}/assign", json={"bot": bot, "version": 1})
    assert assigned.json()["version"] == 1
    assert api.get(f"/api/v1/numbers/{added.json()['id']}").json()["name"] == name
    assert api.delete(f"/api/v1/numbers/{name}").json()["code"] == "numbers.not_sure"
    assert api.delete(f"/api/v1/numbers/{name}", params={"sure": True}).status_code == 204
    assert api.get(f"/api/v1/numbers/{name}").status_code == 404
    assert api.post("/api/v1/numbers", json=body).status_code == 201


def test_a_number_that_was_given_up_is_tried_again_when_it_is_changed(
    api: httpx.Client, bot: str, migrated_url: str
) -> None:
    name = fresh("down")
    api.post("/api/v1/numbers", json={"name": name, "channel": "simulator", "bot": bot})
    orders = [
        (api.post, f"/api/v1/numbers/{name}/resume", None),
        (api.patch, f"/api/v1/numbers/{name}", {"settings": {"throttle": "off"}}),
        (api.post, f"/api/v1/bots/{bot}/versions/1/publish", None),
        (api.post, f"/api/v1/numbers/{name}/assign", {"bot": bot}),
    ]
    for call, path, body in orders:
        with psycopg.connect(migrated_url, autocommit=True) as db:
            db.execute("UPDATE numbers SET state = 'failed', state_why = 'why' WHERE name = %s", (name,))
        assert api.get(f"/api/v1/numbers/{name}").json()["state"] == "failed"
        assert call(path, json=body, headers={"If-Match": "*"}).status_code == 200
        after = api.get(f"/api/v1/numbers/{name}").json()
        assert (after["state"], after["state_why"]) == ("stopped", ""), path


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"settings": {"throttle": "sometimes"}}, "numbers.settings_unfit"),
        ({"settings": {"unknown": 1}}, "numbers.settings_unfit"),
        ({"secrets": {"token": "x"}}, "numbers.secrets_unfit"),
        ({"channel": "pigeon"}, "not_found"),
        ({"bot": "nobody"}, "not_found"),
        ({"channel": "cloud_api"}, "numbers.app_missing"),
        ({"name": "../x"}, "input.unfit"),
    ],
)
def test_what_a_number_may_not_be(api: httpx.Client, change: dict[str, object], code: str) -> None:
    body = {"name": fresh("number"), "channel": "simulator", **change}
    assert api.post("/api/v1/numbers", json=body).json()["code"] == code


def test_a_bot_that_is_not_published_is_not_served(api: httpx.Client) -> None:
    name = fresh("draft")
    api.put(f"/api/v1/bots/{name}", json={"files": HELLO})
    body = {"name": fresh("number"), "channel": "simulator", "bot": name}
    assert api.post("/api/v1/numbers", json=body).json()["code"] == "numbers.bot_not_published"
    assert api.post("/api/v1/numbers", json={**body, "version": 1}).status_code == 201


def test_an_app_and_its_number_keep_their_secrets(api: httpx.Client) -> None:
    app, account = fresh("meta"), fresh("1234")
    secrets = {"secret": "hush-secret", "verify_token": "hush-verify"}
    unfit = api.post("/api/v1/apps", json={"name": app, "secrets": {"secret": "x"}})
    assert unfit.json()["code"] == "apps.secrets_unfit"
    added = api.post("/api/v1/apps", json={"name": app, "secrets": secrets})
    assert added.status_code == 201
    assert added.json()["hook"] == f"/hooks/cloud_api/{app}"
    number = {
        "name": account,
        "channel": "cloud_api",
        "account": account,
        "app": app,
        "secrets": {"access_token": "hush-token"},
    }
    assert api.post("/api/v1/numbers", json=number).status_code == 201
    shown = api.get("/api/v1/apps").text + api.get("/api/v1/numbers").text
    assert "hush" not in shown
    changed = api.patch(f"/api/v1/numbers/{account}", json={"secrets": {"access_token": "hush-2"}})
    assert changed.status_code == 200
    assert api.delete(f"/api/v1/apps/{app}").json()["code"] == "apps.in_use"
    api.delete(f"/api/v1/numbers/{account}", params={"sure": True})
    assert api.delete(f"/api/v1/apps/{app}").status_code == 204


def test_secrets_show_names_only(api: httpx.Client) -> None:
    assert api.put("/api/v1/secrets/crm_token", json={"value": "hush"}).status_code == 200
    assert api.put("/api/v1/secrets/crm_token", json={"value": "hush-2"}).status_code == 200
    listed = api.get("/api/v1/secrets")
    assert [row["name"] for row in listed.json()["items"]] == ["crm_token"]
    assert "hush" not in listed.text
    assert api.delete("/api/v1/secrets/crm_token").status_code == 204
    assert api.delete("/api/v1/secrets/crm_token").status_code == 404


def test_bots_versions_numbers_apps_and_secrets_come_in_pages(server: Live) -> None:
    with server.client(None) as client:
        admin = signed_in(client, elsewhere(server)).client
        names = ["a", "b", "c"]
        for name in names:
            admin.put(f"/api/v1/bots/{name}", json={"files": HELLO})
            admin.put("/api/v1/bots/a", json={"files": {**HELLO, "README.md": name}})
            admin.post(
                "/api/v1/numbers", json={"name": name, "channel": "simulator", "bot": name, "version": 1}
            )
            admin.post("/api/v1/apps", json={"name": name, "secrets": {"secret": "x", "verify_token": "y"}})
            admin.put(f"/api/v1/secrets/{name}", json={"value": "x"})
        for path in ("bots", "numbers", "apps", "secrets"):
            rows = paged(admin, f"/api/v1/{path}")
            assert [row["name"] for row in rows] == names, path
        assert [row["bot"] for row in paged(admin, "/api/v1/numbers")] == names
        assert [row["version"] for row in paged(admin, "/api/v1/bots/a/versions")] == [4, 3, 2, 1]
        for path in ("bots", "bots/a/versions", "numbers", "apps", "secrets"):
            unfit = admin.get(f"/api/v1/{path}", params={"after": "nonsense"})
            assert unfit.json()["code"] == "page.cursor_unfit", path


def paged(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """All rows of a list, one a page."""
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        page = client.get(path, params={"limit": 1, "after": after}).json()
        assert len(page["items"]) <= 1
        rows += page["items"]
        if (after := page["next"]) is None:
            return rows


LONG_TITLE = {
    "bot.yaml": "chatloom: bot/v1\nid: b\ntitle: B\nlanguages: [en]\nflows: [f]\nfallback: f\n",
    "flows/f.yaml": "chatloom: flow/v1\nid: f\ntitle: F\nsteps:\n"
    "  - id: ask\n    action: menu\n"
    f"    with: {{text: Which?, as: buttons, choices: {{one: {'x' * 30}, two: Two}}}}\n"
    "    timeout: 1h\n    then: {one: stop, two: stop, other: ask, timeout: stop}\n",
}


def test_what_a_channel_cannot_show_is_refused_at_publish(api: httpx.Client) -> None:
    name = fresh("long")
    assert api.put(f"/api/v1/bots/{name}", json={"files": LONG_TITLE}).status_code == 201
    refused = api.post(f"/api/v1/bots/{name}/versions/1/publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "bots.unfit")
    errors = [one for one in refused.json()["diagnostics"] if one["severity"] == "error"]
    places = {(one["file"], one["line"], one["pointer"]) for one in errors}
    assert places == {("flows/f.yaml", 7, "/steps/0/with/as")}
    assert any("cloud_api" in one["message"] for one in errors)
    mended = {**LONG_TITLE, "flows/f.yaml": LONG_TITLE["flows/f.yaml"].replace("x" * 30, "One")}
    assert api.put(f"/api/v1/bots/{name}", json={"files": mended}).status_code == 201
    published = api.post(f"/api/v1/bots/{name}/versions/2/publish")
    assert published.status_code == 200, published.text


def test_a_bot_is_checked_again_for_the_channel_of_the_number(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    pocket(monkeypatch)  # a channel without buttons
    name, numbered, shown = fresh("buttons"), fresh("numbered"), fresh("shown")
    flow = LONG_TITLE["flows/f.yaml"].replace("x" * 30, "One")
    assert (
        api.put(f"/api/v1/bots/{name}", json={"files": {**LONG_TITLE, "flows/f.yaml": flow}}).status_code
        == 201
    )
    published = api.post(f"/api/v1/bots/{name}/versions/1/publish")
    assert published.status_code == 200, "it fits some channel"
    for number, channel in ((numbered, "pocket"), (shown, "simulator")):
        assert api.post("/api/v1/numbers", json={"name": number, "channel": channel}).status_code == 201
    for chosen in ({"bot": name}, {"bot": name, "version": 1}):
        assert api.post(f"/api/v1/numbers/{shown}/assign", json=chosen).status_code == 200
        refused = api.post(f"/api/v1/numbers/{numbered}/assign", json=chosen)
        assert (refused.status_code, refused.json()["code"]) == (422, "bots.unfit")
        assert "on pocket" in refused.json()["detail"]
    body = {"name": fresh("new"), "channel": "linked_device", "bot": name}
    assert api.post("/api/v1/numbers", json=body).json()["code"] == "bots.unfit"
    polls = api.post("/api/v1/numbers", json={**body, "settings": {"choices": "poll"}})
    assert polls.status_code == 201, "with polls its choices are tapped"
