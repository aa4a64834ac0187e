"""Teams: made, renamed, peopled and removed; bots that name one that is not there are refused."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.api.people import Enter, add, elsewhere
from tests.live import Live

BOT = {
    "bot.yaml": "chatloom: bot/v1\nid: handing\ntitle: H\nflows: [main]\nfallback: main\n",
    "flows/main.yaml": (
        "chatloom: flow/v1\nid: main\nsteps:\n"
        "  - id: people\n    action: handoff\n    with: {team: sales}\n"
        "    timeout: 2h\n    then: {timeout: bye}\n"
        "  - {id: bye, action: send, with: {text: Bye}}\n"
    ),
}


@pytest.fixture
def admin(server: Live, enter: Enter) -> httpx.Client:
    """The admin of a workspace that has no team."""
    return enter(elsewhere(server)).client


def make(admin: httpx.Client, name: str) -> str:
    made = admin.post("/api/v1/teams", json={"name": name, "title": name.title()})
    assert made.status_code == 201, made.text
    return made.json()["id"]


def said_of_bot(admin: httpx.Client) -> list[tuple[str, str, int]]:
    found = admin.put("/api/v1/bots/handing", json={"files": BOT}).json()["diagnostics"]
    return [(one["code"], one["hint"], one["line"]) for one in found if one["severity"] == "error"]


def test_a_misspelt_team_is_found_before_it_is_published(admin: httpx.Client) -> None:
    assert said_of_bot(admin) == []  # no team at all: none is looked for
    make(admin, "sale")
    assert said_of_bot(admin) == [("F162", "did you mean 'sale'?", 6)]
    refused = admin.post("/api/v1/bots/handing/versions/1/publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "bots.unfit")
    assert admin.patch("/api/v1/teams/sale", json={"name": "sales"}).status_code == 200
    assert said_of_bot(admin) == []
    assert admin.post("/api/v1/bots/handing/versions/1/publish").status_code == 200


def test_a_renamed_team_keeps_the_names_that_it_had(admin: httpx.Client) -> None:
    key = make(admin, "sales")
    make(admin, "support")
    for name in ("selling", "traders", "selling"):
        changed = admin.patch(f"/api/v1/teams/{key}", json={"name": name})
        assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["former"]) == ("selling", ["sales", "traders"])
    taken = admin.patch("/api/v1/teams/selling", json={"name": "support"})
    assert (taken.status_code, taken.json()["code"]) == (409, "taken")
    make(admin, "sales")  # a name that is another team's now
    assert admin.get("/api/v1/teams/selling").json()["former"] == ["traders"]
    listed = admin.get("/api/v1/teams").json()["items"]
    assert [one["name"] for one in listed] == ["sales", "selling", "support"]


def test_people_join_and_leave(admin: httpx.Client) -> None:
    make(admin, "sales")
    emails = [add(admin, "agent") for _ in range(3)]
    for email in (*emails, emails[0]):
        assert admin.put(f"/api/v1/teams/sales/members/{email}").status_code == 204
    first = admin.get("/api/v1/teams/sales/members", params={"limit": 2}).json()
    rest = admin.get("/api/v1/teams/sales/members", params={"limit": 2, "after": first["next"]}).json()
    assert [one["email"] for one in (*first["items"], *rest["items"])] == emails
    assert rest["next"] is None
    assert admin.delete(f"/api/v1/teams/sales/members/{emails[0]}").status_code == 204
    gone = admin.delete(f"/api/v1/teams/sales/members/{emails[0]}")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert (
        admin.delete(f"/api/v1/users/{emails[1]}").status_code == 204
    )  # who leaves the workspace leaves his teams
    left = admin.get("/api/v1/teams/sales/members").json()["items"]
    assert [one["email"] for one in left] == emails[2:]
    done = [one["action"] for one in admin.get("/api/v1/audit").json()["items"] if "team." in one["action"]]
    assert sorted(done) == ["team.join"] * 3 + ["team.leave", "team.make"]


def test_people_of_elsewhere_cannot_join(api: httpx.Client, admin: httpx.Client) -> None:
    make(admin, "sales")
    assert admin.put(f"/api/v1/teams/sales/members/{add(api, 'agent')}").status_code == 404


def test_a_removed_team_is_gone(admin: httpx.Client) -> None:
    make(admin, "sales")
    admin.put(f"/api/v1/teams/sales/members/{add(admin, 'agent')}")
    assert admin.delete("/api/v1/teams/sales").status_code == 204
    assert admin.get("/api/v1/teams/sales").status_code == 404
    assert admin.get("/api/v1/teams").json()["items"] == []


def test_who_lays_down_the_same_at_once_hears_that_it_is_done(api: httpx.Client, server: Live) -> None:
    """Two PUTs of one thing that was not there: both hold, and the last one stays."""
    assert api.post("/api/v1/teams", json={"name": "twins"}).status_code == 201
    email = add(api, "agent")
    puts: list[tuple[str, Any]] = [
        (f"/api/v1/teams/twins/members/{email}", None),
        ("/api/v1/event-schemas/twins.came", {"data_schema": {"type": "object"}}),
        ("/api/v1/contact-fields/twins", {"type": "string"}),
    ]
    with server.client() as second, ThreadPoolExecutor(8) as crowd:
        for path, body in puts:
            asked = [crowd.submit(each.put, path, json=body) for each in (api, second) * 4]
            assert {one.result().is_success for one in asked} == {True}, [one.result().text for one in asked]
