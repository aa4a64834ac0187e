"""Lists in another order: each column that is offered, in both directions, page by page."""

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from schemas.ids import new_event_id
from tests.api.described import document
from tests.api.people import PASSWORD, elsewhere, fresh_email, signed_in
from tests.live import Live

HELLO = {
    "bot.yaml": "chatloom: bot/v1\nid: b\ntitle: B\nflows: [f]\nfallback: f\n",
    "flows/f.yaml": "chatloom: flow/v1\nid: f\nsteps:\n  - {id: a, action: send, with: {text: Hi}}\n",
}
NAMES = ("cherry", "apple", "banana")  # neither their order nor its reverse is that in which they are made


@pytest.fixture(scope="module")
def api(server: Live) -> Iterator[httpx.Client]:
    """An admin of a workspace with three of everything."""
    email = elsewhere(server)
    with server.client(None) as client:
        signed_in(client, email)

        def done(answer: httpx.Response) -> None:
            assert answer.is_success, answer.text

        for name in NAMES:
            done(client.put(f"/api/v1/bots/{name}", json={"files": HELLO}))
            done(client.put("/api/v1/bots/apple", json={"files": {**HELLO, "README.md": name}}))
            done(client.post("/api/v1/numbers", json={"name": name, "channel": "simulator"}))
            done(client.post("/api/v1/api-keys", json={"name": name, "role": "viewer"}))
            done(client.post("/api/v1/exports", json={"what": "contacts"}))
            person = {"email": fresh_email(name), "name": name, "role": "viewer", "password": PASSWORD}
            done(client.post("/api/v1/users", json=person))
        csv = "phone,name\n" + "".join(f"+3933312345{i},{name}\n" for i, name in enumerate(NAMES))
        done(client.post("/api/v1/contacts/import", json={"csv": csv}))
        first = client.get("/api/v1/contacts").json()["items"][-1]["id"]
        done(client.patch(f"/api/v1/contacts/{first}", json={"name": "date"}))
        talks(server, client)
        yield client


def talks(server: Live, api: httpx.Client) -> None:
    """Three conversations, with a task and a thread beside each."""
    number = api.get("/api/v1/numbers/apple").json()["id"]
    with psycopg.connect(server.config.database_url) as db:
        for minute, due in ((2, 4), (0, 5), (9, 3)):
            key = new_event_id()
            db.execute(
                "INSERT INTO conversations (number_id, id, workspace_id, contact_id, updated_at, flow, step, version)"
                " SELECT id, %s, workspace_id, %s, make_timestamptz(2030, 1, 1, 0, %s, 0, 'UTC'), 'f', %s, 3"
                " FROM numbers WHERE id = %s",
                (key, key, minute, f"s{minute}", number),
            )
            db.execute(
                "INSERT INTO threads (id, workspace_id, number_id, conversation_id, opened_at, how, opened_by)"
                " SELECT id, workspace_id, number_id, id, updated_at, 'taken_over', 'ana' FROM conversations"
                " WHERE id = %s",
                (key,),
            )
            db.commit()
            body = {"conversation": str(key), "body": "Call", "due_at": f"2030-01-0{due}T00:00:00Z"}
            assert api.post("/api/v1/tasks", json=body).status_code == 201


def sorts() -> list[tuple[str, list[str]]]:
    """Lists that can be sorted, and how."""
    return [
        (path, one["schema"]["enum"])
        for path, methods in document()["paths"].items()
        for one in methods.get("get", {}).get("parameters", [])
        if one["name"] == "sort" and "{number}" not in path
    ]


def whole(api: httpx.Client, path: str, sort: str) -> list[dict[str, Any]]:
    """All of a list, two at a time."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = api.get(path, params={"sort": sort, "limit": 2, **({"after": after} if after else {})})
        assert page.status_code == 200, page.text
        found += page.json()["items"]
        if not (after := page.json()["next"] or ""):
            return found


@pytest.mark.parametrize(("path", "orders"), sorts())
def test_a_list_comes_in_the_order_that_is_asked_for(api: httpx.Client, path: str, orders: list[str]) -> None:
    path = path.format(name="apple")
    usual = api.get(path).json()["items"]
    assert usual == whole(api, path, orders[0])
    assert len(usual) >= 3
    for sort in orders:
        rows = whole(api, path, sort)
        keys = [row[sort.removeprefix("-")] for row in rows]
        assert keys == sorted(keys, reverse=sort.startswith("-")), sort
        assert sorted(map(str, rows)) == sorted(map(str, usual)), sort


def test_a_place_in_one_order_is_none_in_another(api: httpx.Client) -> None:
    after = api.get("/api/v1/bots", params={"sort": "-name", "limit": 1}).json()["next"]
    for sort in ("name", "created_at", None):
        wanted = {"after": after, **({"sort": sort} if sort else {})}
        refused = api.get("/api/v1/bots", params=wanted)
        assert (refused.status_code, refused.json()["code"]) == (422, "page.sorted_otherwise"), refused.text
        assert refused.json()["detail"].startswith("That `after` is of the list sorted by -name")
    plain = api.get("/api/v1/teams", params={"after": after})
    assert plain.json()["code"] == "page.cursor_unfit"


def test_an_order_that_is_not_offered_is_refused_with_those_that_are(api: httpx.Client) -> None:
    refused = api.get("/api/v1/numbers", params={"sort": "secrets"})
    assert refused.status_code == 422
    assert "name, -name, created_at, -created_at" in refused.json()["detail"]


def test_conversations_of_a_number_come_in_both_orders_by_filters(api: httpx.Client) -> None:
    for path in ("/api/v1/numbers/apple/conversations", "/api/v1/conversations"):
        rows = whole(api, path, "updated_at")
        assert rows == whole(api, path, "-updated_at")[::-1]
        assert [row["step"] for row in rows] == ["s0", "s2", "s9"]

        def steps(**wanted: object) -> list[str]:
            return [row["step"] for row in api.get(path, params=wanted).json()["items"]]  # noqa: B023

        assert steps(flow="f", version=3, status="idle") == ["s9", "s2", "s0"]
        assert steps(flow="f", step="s2") == ["s2"]
        assert steps(flow="g") == steps(version=2) == steps(status="running") == []
        assert steps(flow="") == []
        alone = api.get(path, params={"step": "s2"})
        assert (alone.status_code, alone.json()["code"]) == (422, "conversations.step_alone")


def test_tasks_without_a_date_come_after_those_that_are_due(api: httpx.Client) -> None:
    talk = api.get("/api/v1/conversations").json()["items"][0]["id"]
    made = api.post("/api/v1/tasks", json={"conversation": talk, "body": "Some day"}).json()["id"]
    due = api.get("/api/v1/tasks", params={"sort": "due_at"}).json()["items"]
    assert [row["due_at"] and row["due_at"][:10] for row in due] == [
        "2030-01-03",
        "2030-01-04",
        "2030-01-05",
        None,
    ]
    moved = api.patch(f"/api/v1/tasks/{made}", json={"due_at": "2030-01-02T00:00:00Z"})
    assert moved.status_code == 200
    assert api.get("/api/v1/tasks", params={"sort": "due_at"}).json()["items"][0]["id"] == made
    beside = api.get("/api/v1/tasks", params={"conversation": talk, "sort": "-created_at"}).json()["items"]
    assert (len(beside), beside[0]["id"]) == (2, made)
    assert api.delete(f"/api/v1/tasks/{made}").status_code == 204
