"""Numbers as people set them up: settings that nobody overwrites unawares, their history, and what removing does."""

import asyncio
import datetime as dt
import itertools
from typing import Any

import httpx

from jobs import session_pruning
from tests.api.people import sql
from tests.live import Live
from tests.until import until
from tests.webhooks import signed
from tests.worker import worker

_count = itertools.count()


def add(api: httpx.Client, **more: Any) -> str:
    name = f"set-up-{next(_count)}"
    made = api.post("/api/v1/numbers", json={"name": name, "channel": "simulator", **more})
    assert made.status_code == 201, made.text
    return f"/api/v1/numbers/{name}"


def test_settings_take_the_tag_of_what_was_seen(api: httpx.Client) -> None:
    where = add(api, settings={"throttle": 5})
    shown = api.get(where)
    assert shown.headers["etag"] == f'"{shown.json()["etag"]}"'
    assert api.patch(where, json={"settings": {}}).json()["code"] == "precondition.missing"
    seen = {"If-Match": shown.headers["etag"]}
    changed = api.patch(where, json={"settings": {"throttle": "off"}}, headers=seen)
    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] != shown.headers["etag"]
    late = api.patch(where, json={"settings": {"throttle": 7}}, headers=seen)
    assert (late.status_code, late.json()["code"]) == (412, "precondition.failed")
    assert late.json()["theirs"] == {"throttle": "off"}
    assert late.json()["etag"] == changed.headers["etag"]
    strange = {"If-Match": changed.headers["etag"]}
    unfit = api.patch(where, json={"settings": {"throttle": -1}}, headers=strange)
    assert unfit.json()["code"] == "numbers.settings_unfit"


def test_each_change_of_state_is_in_the_history(server: Live, api: httpx.Client) -> None:
    where = add(api)
    api.post(f"{where}/pause")
    api.post(f"{where}/pause")
    api.post(f"{where}/resume")
    first = api.get(f"{where}/states", params={"limit": 2}).json()
    assert [(row["desired"], row["state"]) for row in first["items"]] == [
        ("running", "stopped"),
        ("paused", "stopped"),
    ]
    rest = api.get(f"{where}/states", params={"after": first["next"]}).json()
    assert [row["desired"] for row in rest["items"]] == ["running"]
    assert rest["next"] is None
    key = api.get(where).json()["id"]
    sql(server, "UPDATE number_states SET at = %s WHERE number_id = %s", dt.datetime(2020, 1, 1), key)

    async def prune() -> None:
        async with worker(server) as desk:
            await session_pruning.do(desk)

    asyncio.run(prune())
    assert len(api.get(f"{where}/states").json()["items"]) == 1  # what it is now stays known


def test_removing_says_before_what_it_does(api: httpx.Client, server: Live) -> None:
    app = f"app-{next(_count)}"
    secrets = {"secret": "x", "verify_token": "y"}
    assert api.post("/api/v1/apps", json={"name": app, "secrets": secrets}).status_code == 201
    where = f"/api/v1/numbers/gone-{app}"
    body = {"name": f"gone-{app}", "channel": "cloud_api", "account": app, "app": app}
    made = api.post("/api/v1/numbers", json={**body, "secrets": {"access_token": "t"}}).json()
    row = (made["id"], made["id"])
    sql(
        server,
        "INSERT INTO inbox (number_id, source_id, workspace_id, event_id, kind, received_at)"
        " SELECT id, 's', workspace_id, %s, 'received', now() FROM numbers WHERE id = %s",
        *row,
    )
    sql(
        server,
        "INSERT INTO outbox (number_id, message_id, workspace_id, conversation_id, due_at, created_at)"
        " SELECT id, %s, workspace_id, id, now(), now() FROM numbers WHERE id = %s",
        *row,
    )
    told = api.get(f"{where}/removal").json()
    none = dict.fromkeys(("timers", "calls", "open_runs", "conversations"), 0)
    assert told == {"secrets": ["access_token"], "unsent": 1, "unprocessed": 1, "linked": False} | none
    assert api.get(where).status_code == 200
    assert api.delete(where, params={"sure": True}).status_code == 204
    assert api.get(f"{where}/removal").status_code == 404


def test_channels_show_schema_and_hints_apart(api: httpx.Client) -> None:
    channels = {each["name"]: each for each in api.get("/api/v1/channels").json()}
    linked = channels["linked_device"]
    assert "quiet_hours" in linked["settings"]["properties"]
    assert "ui:" not in str(linked["settings"])
    assert linked["ui_schema"]["throttle"]["ui:help"].startswith("Beyond this")


def test_an_apps_secrets_are_rotated_while_both_open_its_door(server: Live, api: httpx.Client) -> None:
    app = f"app-{next(_count)}"
    first = {"secret": "one", "verify_token": "first"}
    hook = api.post("/api/v1/apps", json={"name": app, "secrets": first}).json()["hook"]
    body = b'{"object": "whatsapp_business_account", "entry": []}'

    def opens(secret: str) -> bool:
        with server.client(None) as vendor:
            return vendor.post(hook, content=body, headers=signed(body, secret)).status_code == 200

    def shakes(token: str) -> bool:
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "7"}
        with server.client(None) as vendor:
            return vendor.get(hook, params=query).status_code == 200

    assert opens("one")
    assert not opens("two")
    where = f"/api/v1/apps/{app}"
    changed = api.patch(where, json={"secrets": {"secret": "two", "verify_token": "second"}})
    assert changed.status_code == 200, changed.text
    assert changed.json()["old_secrets_until"] is not None
    assert "two" not in changed.text
    asyncio.run(until(lambda: opens("two")))
    assert opens("one")
    assert shakes("first")
    assert shakes("second")
    assert api.patch(where, json={"secrets": {"secret": "three"}, "both_hours": 0}).status_code == 200
    asyncio.run(until(lambda: opens("three")))
    assert not opens("two")
    assert shakes("second")  # it was not named, so it stays
    assert not shakes("first")
    unfit = api.patch(where, json={"secrets": {"strange": "x"}})
    assert unfit.json()["code"] == "apps.secrets_unfit"
    told = api.get("/api/v1/audit", params={"action": "app.change"}).json()["items"]
    assert told[-1]["changes"] == {"secrets": ["secret", "verify_token"], "both_hours": 24}
