"""The audit: who did what, and that it only grows."""

import inspect
import json
import re
from typing import Any

import httpx
import psycopg
import pytest
from fastapi.routing import APIRoute

from admin_api import simulator
from admin_api.app import routers
from store.roles import url_for
from tests.api.people import PASSWORD, Enter, add, elsewhere, sql
from tests.live import Live


@pytest.fixture
def api(server: Live, enter: Enter) -> httpx.Client:
    """The admin of a workspace of its own: others count what there is."""
    return enter(elsewhere(server)).client


def entries(api: httpx.Client, **params: Any) -> list[dict[str, Any]]:
    answer = api.get("/api/v1/audit", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_what_was_done_is_told(api: httpx.Client, enter: Enter) -> None:
    ana = enter(add(api, "admin"))
    assert ana.client.put("/api/v1/secrets/crm_audit", json={"value": "hush-hush"}).status_code == 200
    number = {"name": "audited", "channel": "simulator", "settings": {"throttle": "off"}}
    assert ana.client.post("/api/v1/numbers", json=number).status_code == 201
    assert ana.client.post("/api/v1/numbers/audited/pause").status_code == 200
    told = entries(api, by=ana.email)
    assert [each["action"] for each in told] == ["number.pause", "number.add", "secret.set", "sign_in.begin"]
    assert {each["who_kind"] for each in told} == {"person"}
    assert {each["who_id"] for each in told} == {ana.id}
    assert {each["address"] for each in told} == {"127.0.0.1"}
    assert [each["target_name"] for each in told] == ["audited", "audited", "crm_audit", ""]
    assert told[1]["changes"] == {"channel": "simulator", "bot": None}
    assert "hush-hush" not in json.dumps(told)
    assert PASSWORD not in json.dumps(told)


def test_a_change_of_role_says_from_what_to_what(server: Live) -> None:
    with server.client() as api:
        email = add(api, "viewer")
        assert api.patch(f"/api/v1/users/{email}", json={"role": "editor"}).status_code == 200
        told, added = entries(api, target=email)
    assert (told["action"], told["changes"]) == ("user.change", {"role": ["viewer", "editor"]})
    assert (added["action"], added["who_kind"], added["who_name"]) == ("user.add", "operator", "operator")


def test_a_key_is_named(server: Live, api: httpx.Client) -> None:
    made = api.post("/api/v1/api-keys", json={"name": "ci of audit", "role": "admin"}).json()
    with server.client(made["key"]) as program:
        assert program.put("/api/v1/secrets/by_key", json={"value": "x"}).status_code == 200
    (told,) = entries(api, by=made["id"])
    assert (told["who_kind"], told["who_name"], told["action"]) == ("api_key", "ci of audit", "secret.set")


def test_what_was_refused_is_not_told(api: httpx.Client) -> None:
    assert api.delete("/api/v1/secrets/never_there").status_code == 404
    assert entries(api, target="never_there") == []


def test_filters_and_pages(api: httpx.Client) -> None:
    for value in "abc":
        api.put("/api/v1/secrets/paged", json={"value": value})
    api.delete("/api/v1/secrets/paged")
    first = api.get("/api/v1/audit", params={"target": "paged", "limit": 3}).json()
    rest = entries(api, target="paged", limit=3, after=first["next"])
    told = first["items"] + rest
    assert [each["action"] for each in told] == ["secret.remove", *["secret.set"] * 3]
    assert len(entries(api, target="paged", action="secret.set")) == 3
    assert len(entries(api, target="paged", action="secret.")) == 4
    assert entries(api, target="paged", action="secret") == []
    middle = told[1]["at"]
    assert entries(api, target="paged", since=middle) == told[:2]
    assert entries(api, target="paged", until=middle) == told[2:]
    for far in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        assert len(entries(api, target="paged", since=far, until=far)) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who_name = 'nobody'",
        "UPDATE audit SET place = 1, hash = 'x'",
        "DELETE FROM audit",
        "INSERT INTO audit_marks (workspace_id, kind, place, hash, key_id, signature)"
        " SELECT workspace_id, 'start', 9, 'x', 'k', 's' FROM audit LIMIT 1",
    ],
)
def test_the_api_cannot_take_back_what_it_told(server: Live, api: httpx.Client, statement: str) -> None:
    api.put("/api/v1/secrets/told", json={"value": "x"})
    workspace = api.get("/api/v1/me").json()["workspace"]
    with psycopg.connect(url_for(server.config.database_url, "api")) as db:
        db.execute("SELECT set_config('chatloom.workspace', %s, true)", [workspace])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement)


def test_not_even_a_superuser_changes_an_entry_by_mistake(server: Live, api: httpx.Client) -> None:
    api.put("/api/v1/secrets/told", json={"value": "x"})
    for statement in ("UPDATE audit SET who_name = 'nobody'", "DELETE FROM audit"):
        with pytest.raises(psycopg.errors.IntegrityError):
            sql(server, statement)


UNTOLD = {
    "POST /sign-in/refresh",  # goes on with what was told when it began
    "POST /me/second-factor",  # nothing counts until it is confirmed
    "POST /action-callbacks/{token}",  # an event of a conversation, as a contact's message is; nobody is signed in
    "POST /bots/{name}/draft/texts",
    "POST /bots/{name}/draft/texts/file",  # shows what a file would change
    "PUT /bots/{name}/draft/texts/file",  # saves the draft by `drafts.save`, which tells it
    "PUT /bots/{name}/draft/presence/{tab}",  # who is there, for seconds
    "DELETE /bots/{name}/draft/presence/{tab}",
    "PUT /numbers/{number}/conversations/{conversation}/presence/{tab}",
    "DELETE /numbers/{number}/conversations/{conversation}/presence/{tab}",
    "PUT /numbers/{number}/conversations/{conversation}/reply-draft",  # one's own notes until they are sent
    "DELETE /numbers/{number}/conversations/{conversation}/reply-draft",
}
TRIES = re.compile(r"/(check|complete|dry-run|look|simulate|test|try)$")  # change nothing


def test_every_route_that_changes_something_tells_it() -> None:
    """A law on the source: the route, or a function of `admin_api` that it calls, calls `audit`."""
    silent: set[str] = set()
    for router in (*routers(), simulator.links):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            module = inspect.getmodule(route.endpoint)
            source = inspect.getsource(route.endpoint)
            for room, name in set(re.findall(r"\b(?:(\w+)\.)?(\w+)\(", source)):
                called = getattr(getattr(module, room, None) if room else module, name, None)
                if inspect.isfunction(called) and called.__module__.startswith("admin_api."):
                    source += inspect.getsource(called)
            tries = TRIES.search(route.path) is not None
            if route.methods != {"GET"} and not tries and "await audit(" not in source:
                silent |= {f"{method} {route.path.removeprefix('/api/v1')}" for method in route.methods}
    assert silent == UNTOLD
