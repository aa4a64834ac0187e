"""Who may do what: every route × every role, and nobody reaches another workspace.

`LEAST` is the table; a route that is not in it fails, so nobody opens one unawares.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.api.described import operations as described
from tests.api.people import ROLES, add, elsewhere, fresh_email, signed_in
from tests.live import Live

BOT = {"bot.yaml": "chatloom: bot/v1\nid: b\ntitle: B\nlanguages: [en]\nflows: [f]\nfallback: f\n"}
BOT["flows/f.yaml"] = (
    "chatloom: flow/v1\nid: f\ntitle: F\nsteps:\n  - {id: a, action: send, with: {text: Hi}}\n"
)

ANYBODY = {
    "POST /sign-in",
    "POST /sign-in/refresh",
    "DELETE /sign-in",
    "POST /invitations/look",
    "POST /action-callbacks/{token}",
    "POST /invitations/accept",
    "GET /downloads/{token}",
    "POST /first-admin/look",
    "POST /first-admin",
}
IN_PERSON = {
    "POST /first-admin/links",
    "GET /reply-drafts",
    "GET /numbers/{number}/conversations/{conversation}/reply-draft",
    "PUT /numbers/{number}/conversations/{conversation}/reply-draft",
    "DELETE /numbers/{number}/conversations/{conversation}/reply-draft",
    "PATCH /me",
    "POST /me/password",
    "POST /me/second-factor",
    "POST /me/second-factor/confirm",
    "POST /me/second-factor/remove",
    "POST /me/recovery-codes",
    "GET /sign-ins",
    "DELETE /sign-ins/{sign_in}",
    "POST /sign-ins/end-others",
    "POST /users",
    "PATCH /users/{user}",
    "DELETE /users/{user}",
    "DELETE /users/{user}/sign-ins",
    "DELETE /users/{user}/second-factor",
    "POST /users/{user}/reset",
    "POST /invitations",
    "DELETE /invitations/{invitation}",
    "POST /api-keys",
    "DELETE /api-keys/{key}",
}
LEAST: dict[str, str] = {
    "GET /api-keys": "admin",
    "POST /api-keys": "admin",
    "GET /api-keys/{key}": "admin",
    "DELETE /api-keys/{key}": "admin",
    "GET /apps": "admin",
    "POST /apps": "admin",
    "PATCH /apps/{name}": "admin",
    "DELETE /apps/{name}": "admin",
    "GET /audit": "admin",
    "GET /audit/verification": "admin",
    "GET /bots": "viewer",
    "PUT /bots/{name}": "editor",
    "GET /bots/{name}/versions": "viewer",
    "GET /bots/{name}/versions/{version}/files": "viewer",
    "POST /bots/{name}/versions/{version}/publish": "editor",
    "GET /bots/{name}/draft": "viewer",
    "PUT /bots/{name}/draft": "editor",
    "GET /bots/{name}/draft/diff": "viewer",
    "GET /bots/{name}/draft/savings": "viewer",
    "GET /bots/{name}/draft/savings/{saving}/files": "viewer",
    "GET /bots/{name}/draft/savings/{saving}/diff": "viewer",
    "GET /bots/{name}/draft/zip": "viewer",
    "PUT /bots/{name}/draft/zip": "editor",
    "GET /bots/{name}/draft/files/{path}": "viewer",
    "PUT /bots/{name}/draft/files/{path}": "editor",
    "DELETE /bots/{name}/draft/files/{path}": "editor",
    "POST /bots/{name}/draft/check": "viewer",
    "GET /bots/{name}/draft/inspect": "viewer",
    "GET /bots/{name}/draft/names": "viewer",
    "GET /bots/{name}/versions/{version}/inspect": "viewer",
    "GET /bots/{name}/draft/texts": "viewer",
    "POST /bots/{name}/draft/texts": "editor",
    "GET /bots/{name}/draft/texts/file": "viewer",
    "POST /bots/{name}/draft/texts/file": "viewer",
    "PUT /bots/{name}/draft/texts/file": "editor",
    "POST /bots/{name}/draft/complete": "viewer",
    "POST /bots/{name}/draft/simulate": "viewer",
    "POST /bots/{name}/draft/simulate/call": "editor",
    "GET /bots/{name}/recorded-calls/{step}": "editor",
    "POST /bots/{name}/draft/test": "viewer",
    "POST /bots/{name}/draft/replay": "editor",
    "GET /bots/{name}/versions/{version}": "viewer",
    "GET /bots/{name}/versions/{version}/diff/{other}": "viewer",
    "GET /bots/{name}/canary": "viewer",
    "POST /bots/{name}/canary": "editor",
    "PATCH /bots/{name}/canary": "editor",
    "POST /bots/{name}/canary/promote": "editor",
    "POST /bots/{name}/canary/abort": "editor",
    "POST /bots/{name}/draft/publish": "editor",
    "POST /bots/{name}/rollback": "editor",
    "GET /channels": "viewer",
    "GET /custom-actions": "editor",
    "POST /custom-actions": "admin",
    "GET /custom-actions/{name}": "editor",
    "PATCH /custom-actions/{name}": "admin",
    "DELETE /custom-actions/{name}": "admin",
    "POST /custom-actions/{name}/new-secret": "admin",
    "POST /custom-actions/{name}/try": "editor",
    "GET /conversations": "agent",
    "GET /numbers/{number}/conversations": "agent",
    "GET /numbers/{number}/conversations/{conversation}": "agent",
    "GET /numbers/{number}/conversations/{conversation}/transcript": "agent",
    "GET /numbers/{number}/conversations/{conversation}/turns": "agent",
    "POST /numbers/{number}/conversations/{conversation}/save-as-test": "editor",
    "POST /numbers/{number}/conversations/{conversation}/take-over": "agent",
    "POST /numbers/{number}/conversations/{conversation}/reply": "agent",
    "POST /numbers/{number}/conversations/{conversation}/give-back": "agent",
    "POST /numbers/{number}/conversations/{conversation}/end": "agent",
    "POST /numbers/{number}/conversations/{conversation}/restart": "agent",
    "GET /numbers/{number}/conversations/{conversation}/messages/{message}/file": "agent",
    "POST /events": "agent",
    "GET /contacts": "agent",
    "GET /contacts/{contact}": "agent",
    "PATCH /contacts/{contact}": "agent",
    "DELETE /contacts/{contact}": "admin",
    "GET /contacts/{contact}/export": "admin",
    "GET /erasures": "admin",
    "GET /erasures/{contact}": "admin",
    "GET /numbers/{number}/templates": "agent",
    "POST /numbers/{number}/templates/sync": "editor",
    "POST /contacts/import": "editor",
    "POST /contacts/{contact}/merge": "editor",
    "POST /contacts/{contact}/opt-out": "agent",
    "POST /contacts/{contact}/opt-in": "agent",
    "GET /contact-fields": "viewer",
    "GET /contact-fields/{name}": "viewer",
    "PUT /contact-fields/{name}": "editor",
    "DELETE /contact-fields/{name}": "editor",
    "GET /event-schemas": "viewer",
    "GET /event-schemas/{name}": "viewer",
    "PUT /event-schemas/{name}": "editor",
    "DELETE /event-schemas/{name}": "editor",
    "GET /dead-letters": "agent",
    "GET /dead-letters/{message}": "agent",
    "POST /dead-letters/retry": "agent",
    "GET /export-schedules": "admin",
    "POST /export-schedules": "admin",
    "GET /export-schedules/{schedule}": "admin",
    "PATCH /export-schedules/{schedule}": "admin",
    "DELETE /export-schedules/{schedule}": "admin",
    "GET /exports": "admin",
    "POST /exports": "admin",
    "GET /exports/{export}": "admin",
    "POST /exports/{export}/link": "admin",
    "DELETE /exports/{export}": "admin",
    "GET /live": "viewer",
    "POST /first-admin/links": "admin",
    "GET /invitations": "admin",
    "POST /invitations": "admin",
    "DELETE /invitations/{invitation}": "admin",
    "GET /jobs": "viewer",
    "GET /jobs/{job}": "viewer",
    "POST /jobs/{job}/cancel": "admin",
    "GET /me": "viewer",
    "PATCH /me": "viewer",
    "POST /me/password": "viewer",
    "POST /me/second-factor": "viewer",
    "POST /me/second-factor/confirm": "viewer",
    "POST /me/second-factor/remove": "viewer",
    "POST /me/recovery-codes": "viewer",
    "GET /numbers": "viewer",
    "GET /overview": "viewer",
    "POST /numbers": "admin",
    "GET /numbers/{number}": "viewer",
    "PATCH /numbers/{number}": "admin",
    "DELETE /numbers/{number}": "admin",
    "GET /numbers/{number}/states": "viewer",
    "GET /numbers/{number}/removal": "admin",
    "POST /numbers/{number}/assign": "editor",
    "POST /numbers/{number}/pause": "admin",
    "POST /numbers/{number}/resume": "admin",
    "POST /numbers/{number}/simulator-links": "agent",
    "GET /numbers/{number}/session": "viewer",
    "GET /numbers/{number}/session/history": "viewer",
    "GET /numbers/{number}/session/events": "admin",
    "POST /numbers/{number}/session/pair": "admin",
    "DELETE /numbers/{number}/session/pair": "admin",
    "POST /numbers/{number}/session/restart": "admin",
    "POST /numbers/{number}/session/unlink": "admin",
    "GET /quarantine": "admin",
    "GET /quarantine/{entry}": "admin",
    "GET /message-search": "agent",
    "PUT /message-search": "admin",
    "GET /messages": "agent",
    "GET /workspace": "viewer",
    "PATCH /workspace": "admin",
    "GET /retention": "admin",
    "PUT /retention": "admin",
    "POST /retention/dry-run": "admin",
    "GET /schemas/actions": "viewer",
    "GET /schemas/triggers": "viewer",
    "GET /schemas/flow": "viewer",
    "GET /secrets": "admin",
    "PUT /secrets/{name}": "admin",
    "DELETE /secrets/{name}": "admin",
    "GET /sign-ins": "viewer",
    "DELETE /sign-ins/{sign_in}": "viewer",
    "POST /sign-ins/end-others": "viewer",
    "GET /numbers/{number}/conversations/{conversation}/notes": "agent",
    "POST /numbers/{number}/conversations/{conversation}/notes": "agent",
    "PUT /numbers/{number}/conversations/{conversation}/notes/{note}": "agent",
    "DELETE /numbers/{number}/conversations/{conversation}/notes/{note}": "agent",
    "GET /numbers/{number}/conversations/{conversation}/presence": "agent",
    "PUT /numbers/{number}/conversations/{conversation}/presence/{tab}": "agent",
    "DELETE /numbers/{number}/conversations/{conversation}/presence/{tab}": "agent",
    "GET /bots/{name}/draft/presence": "viewer",
    "PUT /bots/{name}/draft/presence/{tab}": "viewer",
    "DELETE /bots/{name}/draft/presence/{tab}": "viewer",
    "GET /reply-drafts": "agent",
    "GET /numbers/{number}/conversations/{conversation}/reply-draft": "agent",
    "PUT /numbers/{number}/conversations/{conversation}/reply-draft": "agent",
    "DELETE /numbers/{number}/conversations/{conversation}/reply-draft": "agent",
    "POST /numbers/{number}/conversations/{conversation}/files": "agent",
    "POST /numbers/{number}/conversations/{conversation}/messages/{message}/send-again": "agent",
    "GET /threads": "agent",
    "GET /threads/assignees": "agent",
    "POST /threads/{thread}/assign": "agent",
    "GET /tasks": "agent",
    "POST /tasks": "agent",
    "PATCH /tasks/{task}": "agent",
    "DELETE /tasks/{task}": "agent",
    "GET /teams": "viewer",
    "POST /teams": "admin",
    "GET /teams/{team}": "viewer",
    "PATCH /teams/{team}": "admin",
    "DELETE /teams/{team}": "admin",
    "GET /teams/{team}/members": "viewer",
    "PUT /teams/{team}/members/{user}": "admin",
    "DELETE /teams/{team}/members/{user}": "admin",
    "GET /users": "admin",
    "POST /users": "admin",
    "GET /users/{user}": "admin",
    "PATCH /users/{user}": "admin",
    "DELETE /users/{user}": "admin",
    "GET /users/{user}/sign-ins": "admin",
    "DELETE /users/{user}/sign-ins": "admin",
    "DELETE /users/{user}/second-factor": "admin",
    "POST /users/{user}/reset": "admin",
    "GET /webhooks": "admin",
    "POST /webhooks": "admin",
    "GET /webhooks/{endpoint}": "admin",
    "PATCH /webhooks/{endpoint}": "admin",
    "DELETE /webhooks/{endpoint}": "admin",
    "POST /webhooks/{endpoint}/new-secret": "admin",
    "POST /webhooks/{endpoint}/test": "admin",
    "GET /webhooks/{endpoint}/deliveries": "admin",
    "GET /webhooks/{endpoint}/deliveries/{delivery}": "admin",
    "POST /webhooks/{endpoint}/deliveries/{delivery}/replay": "admin",
    "POST /webhooks/{endpoint}/replay": "admin",
}
MAKES = {
    "PUT /bots/{name}",
    "PUT /bots/{name}/draft",
    "PUT /bots/{name}/draft/zip",
    "PUT /secrets/{name}",
    "PUT /event-schemas/{name}",
    "PUT /contact-fields/{name}",
}  # one's own, whatever is elsewhere
BODIES: dict[str, Any] = {
    "POST /contacts/{contact}/merge": {"other": str(UUID(int=2))},
    "PUT /numbers/{number}/conversations/{conversation}/notes/{note}": {"body": "x"},
    "POST /numbers/{number}/conversations/{conversation}/notes": {"body": "x"},
    "POST /bots/{name}/draft/publish": {},
    "POST /bots/{name}/draft/texts": {"translations": [{"key": "k", "language": "it", "texts": ["x"]}]},
    "POST /bots/{name}/draft/replay": {"number": "n"},
    "POST /bots/{name}/draft/simulate/call": {"state": "x", "step": "x"},
    "POST /bots/{name}/draft/complete": {"file": "bot.yaml", "line": 1, "column": 1},
    "POST /bots/{name}/rollback": {},
    "POST /custom-actions/{name}/try": {"input": {}},
    "POST /bots/{name}/canary": {"version": 1, "percent": 10},
    "PATCH /bots/{name}/canary": {"percent": 10},
    "POST /webhooks/{endpoint}/replay": {"since": "2030-01-01T00:00:00Z", "until": "2030-01-02T00:00:00Z"},
    "PATCH /apps/{name}": {"secrets": {"secret": "x"}},
    "PATCH /numbers/{number}": {"settings": {}},
    "PATCH /export-schedules/{schedule}": {"paused": True},
    "PUT /contact-fields/{name}": {"type": "string"},
    "POST /numbers/{number}/assign": {"bot": "b"},
    "PUT /bots/{name}/draft/files/{path}": {"text": "x"},
    "PATCH /users/{user}": {"role": "viewer"},
    "POST /dead-letters/retry": {"number": "n"},
    "PUT /message-search": {"on": False},
}


def operations() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path.removeprefix('/api/v1')}", operation)
        for method, path, operation in described()
        if path.startswith("/api/v1/")
    ]


@pytest.fixture(scope="module")
def callers(server: Live) -> Iterator[dict[str, httpx.Client]]:
    """Somebody of each role, and an API key of each: "key viewer" and so on. Of a workspace of their own."""
    with ExitStack() as clients:

        def opened(key: str | None) -> httpx.Client:
            return clients.enter_context(server.client(key))

        admin = signed_in(opened(None), elsewhere(server)).client
        found: dict[str, httpx.Client] = {}
        for role in ROLES:
            found[role] = signed_in(opened(None), add(admin, role)).client
            made = admin.post("/api/v1/api-keys", json={"name": role, "role": role}).json()
            found[f"key {role}"] = opened(made["key"])
        yield found


def call(client: httpx.Client, operation: str, names: dict[str, str]) -> httpx.Response:
    method, path = operation.split(" ")
    filled = re.sub(r"{(\w+)}", lambda found: names.get(found[1], "1"), path)
    params = {"sure": "true"} if method == "DELETE" else {}
    request = client.build_request(method, f"/api/v1{filled}", json=BODIES.get(operation, {}), params=params)
    answer = client.send(request, stream=True)
    if not answer.headers.get("content-type", "").startswith("text/event-stream"):  # which has no end
        answer.read()
    answer.close()
    return answer


def test_the_table_is_whole() -> None:
    guarded = {name for name, operation in operations() if operation.get("security")}
    assert guarded == set(LEAST)
    assert {name for name, _ in operations()} - guarded == ANYBODY
    assert set(LEAST) >= IN_PERSON


@pytest.mark.parametrize("operation", [name for name in LEAST if name != "POST /sign-ins/end-others"])
def test_a_role_may_what_it_may(callers: dict[str, httpx.Client], operation: str) -> None:
    """Named are things that are not there, so who may gets 404 or 422; nobody is changed."""
    for who, client in callers.items():
        role = who.removeprefix("key ")
        key = role != who
        may = ROLES.index(role) >= ROLES.index(LEAST[operation]) and not (key and operation in IN_PERSON)
        answer = call(client, operation, {})
        assert answer.status_code != 401, (who, answer.text)
        assert (answer.status_code != 403) == may, (who, answer.status_code, answer.text)


@pytest.fixture(scope="module")
def theirs(server: Live) -> Iterator[httpx.Client]:
    """The admin of another workspace."""
    with server.client(None) as client:
        yield signed_in(client, elsewhere(server)).client


@pytest.fixture(scope="module")
def others(theirs: httpx.Client) -> dict[str, str]:
    """Names and ids of what another workspace has, by the parameter that names it."""
    api = theirs
    assert api.put("/api/v1/bots/theirs", json={"files": BOT}).status_code == 201
    assert api.post("/api/v1/bots/theirs/versions/1/publish").status_code == 200
    number = {"name": "theirs", "channel": "simulator", "bot": "theirs"}
    app = {"name": "theirs", "secrets": {"secret": "x", "verify_token": "y"}}
    assert api.put("/api/v1/secrets/theirs", json={"value": "x"}).status_code == 200
    assert api.post("/api/v1/apps", json=app).status_code == 201
    invited = {"email": fresh_email(), "role": "viewer"}
    export = api.post("/api/v1/exports", json={"what": "contacts"}).json()["id"]
    plan = {"name": "theirs", "what": "contacts", "cron": "0 6 * * *"}
    assert api.post("/api/v1/export-schedules", json=plan).status_code == 201
    assert api.post("/api/v1/teams", json={"name": "theirs"}).status_code == 201
    hook = {"name": "theirs", "url": "https://example.com/", "types": ["number.state"]}
    return {
        "name": "theirs",
        "team": "theirs",
        "job": export,
        "schedule": "theirs",
        "step": "f.s",
        "export": export,
        "version": "1",
        "saving": "1",
        "number": api.post("/api/v1/numbers", json=number).json()["id"],
        "user": api.get("/api/v1/me").json()["user"]["id"],
        "sign_in": api.get("/api/v1/sign-ins").json()["items"][0]["id"],
        "invitation": api.post("/api/v1/invitations", json=invited).json()["id"],
        "key": api.post("/api/v1/api-keys", json={"name": "k", "role": "viewer"}).json()["id"],
        "endpoint": api.post("/api/v1/webhooks", json=hook).json()["id"],
        "conversation": str(UUID(int=1)),
        "note": str(UUID(int=1)),
        "task": str(UUID(int=1)),
        "thread": str(UUID(int=1)),
        "contact": str(UUID(int=1)),
        "message": str(UUID(int=1)),
        "entry": str(UUID(int=1)),
    }


@pytest.mark.parametrize("operation", [name for name in LEAST if "{" in name and name not in MAKES])
def test_what_another_workspace_has_is_not_found(
    callers: dict[str, httpx.Client], others: dict[str, str], operation: str
) -> None:
    answer = call(callers["admin"], operation, others)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), answer.text


def test_a_person_is_not_found_by_address_either(server: Live, callers: dict[str, httpx.Client]) -> None:
    assert callers["admin"].get(f"/api/v1/users/{elsewhere(server)}").status_code == 404


def test_lists_show_ones_own_workspace(callers: dict[str, httpx.Client], others: dict[str, str]) -> None:
    for path in ("apps", "bots", "numbers", "secrets"):
        assert callers["admin"].get(f"/api/v1/{path}").json()["items"] == []
    mine = callers["admin"].get("/api/v1/users").json()["items"]
    assert len(mine) == 1 + len(ROLES)
    assert others["user"] not in {row["id"] for row in mine}


def test_another_workspaces_things_are_still_there(
    theirs: httpx.Client, others: dict[str, str], callers: dict[str, httpx.Client]
) -> None:
    for operation in (name for name in LEAST if name.startswith("DELETE") and "{" in name):
        call(callers["admin"], operation, others)
    for path in ("apps", "bots", "numbers", "secrets", "users", "invitations", "api-keys", "sign-ins"):
        assert len(theirs.get(f"/api/v1/{path}").json()["items"]) == 1
