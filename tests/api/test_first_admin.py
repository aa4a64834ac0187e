"""The first admin's link: it opens once, within a day, while nobody is admin, and leads to somebody signed in."""

from collections.abc import Iterator

import httpx
import pytest

from store import migrate
from tests.api.people import PASSWORD, fresh_email, sql
from tests.live import Live, live
from tests.servers import create_database, embedded_server


@pytest.fixture
def server(worker_id: str) -> Iterator[Live]:
    """An installation where nobody is yet."""
    url = create_database(embedded_server(), f"first_{worker_id}")
    migrate.upgrade(url)
    with live(url, rate_limit=0) as running:
        yield running


@pytest.fixture
def nobody(server: Live) -> Iterator[httpx.Client]:
    with server.client(None) as client:
        yield client


def token_of(api: httpx.Client) -> str:
    made = api.post("/api/v1/first-admin/links")
    assert made.status_code == 201, made.text
    assert "/welcome#cli_" in made.json()["url"]
    return made.json()["url"].partition("#")[2]


def become(client: httpx.Client, token: str, **other: str) -> httpx.Response:
    body = {"token": token, "email": fresh_email(), "name": "Ana", "password": PASSWORD, **other}
    return client.post("/api/v1/first-admin", json=body)


def look(client: httpx.Client, token: str) -> httpx.Response:
    return client.post("/api/v1/first-admin/look", json={"token": token})


def test_the_link_makes_an_admin_who_is_signed_in_and_then_is_dead(
    api: httpx.Client, nobody: httpx.Client
) -> None:
    token = token_of(api)
    assert look(nobody, token).status_code == 204
    made = become(nobody, token)
    assert made.status_code == 201, made.text
    nobody.headers["Authorization"] = f"Bearer {made.json()['access_token']}"
    me = nobody.get("/api/v1/me").json()
    assert (me["user"]["name"], me["user"]["role"]) == ("Ana", "admin")
    assert nobody.post("/api/v1/sign-in/refresh", headers={"X-Chatloom": "1"}).status_code == 200
    assert look(nobody, token).json()["code"] == "first_admin.spent"
    assert become(nobody, token).json()["code"] == "first_admin.spent"
    assert api.post("/api/v1/first-admin/links").json()["code"] == "first_admin.there"
    actions = [row["action"] for row in api.get("/api/v1/audit").json()["items"]]
    assert actions == ["first_admin.accept", "first_admin.link"]


def test_only_the_latest_link_opens_and_for_a_day(
    server: Live, api: httpx.Client, nobody: httpx.Client
) -> None:
    old, new = token_of(api), token_of(api)
    assert look(nobody, old).status_code == 404
    assert look(nobody, new).status_code == 204
    assert api.get("/api/v1/invitations").json()["items"] == []
    sql(server, "UPDATE invitations SET expires_at = now()")
    assert become(nobody, new).json()["code"] == "first_admin.spent"
    assert look(nobody, "cli_made-up").json()["code"] == "first_admin.spent"


def test_it_is_dead_as_soon_as_somebody_is_admin(api: httpx.Client, nobody: httpx.Client) -> None:
    token = token_of(api)
    body = {"email": fresh_email(), "name": "Berta", "role": "admin", "password": PASSWORD}
    assert api.post("/api/v1/users", json=body).status_code == 201
    assert look(nobody, token).json()["code"] == "first_admin.there"
    assert become(nobody, token).json()["code"] == "first_admin.there"


def test_what_is_wrong_leaves_the_link_as_it_was(api: httpx.Client, nobody: httpx.Client) -> None:
    token = token_of(api)
    assert become(nobody, token, password="short").json()["code"] == "passwords.weak"
    assert become(nobody, token, email="nobody").json()["code"] == "input.unfit"
    other = nobody.post("/api/v1/invitations/accept", json={"token": token, "password": PASSWORD})
    assert other.json()["code"] == "invitations.spent"  # it names nobody, so it is no invitation
    elsewhere = {"Origin": "https://example.com"}
    body = {"token": token, "email": fresh_email(), "name": "A", "password": PASSWORD}
    refused = nobody.post("/api/v1/first-admin", json=body, headers=elsewhere)
    assert refused.json()["code"] == "caller.cross_site"
    assert become(nobody, token).status_code == 201
