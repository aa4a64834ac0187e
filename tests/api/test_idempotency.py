"""A POST with an Idempotency-Key is done once."""

import asyncio
import hashlib
import json

import httpx
import psycopg
import pytest

from jobs import request_pruning
from schemas.ids import new_event_id
from store.chores import forget_requests
from store.pool import Database, pool
from store.roles import url_for
from tests.api.people import Enter, add, elsewhere, fresh_email, sql
from tests.live import Live


@pytest.fixture
def api(server: Live, enter: Enter) -> httpx.Client:
    """The admin of a workspace of its own."""
    return enter(elsewhere(server)).client


def post(client: httpx.Client, path: str, body: object, key: str) -> httpx.Response:
    return client.post(f"/api/v1{path}", json=body, headers={"Idempotency-Key": key})


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def rows(server: Live, statement: str, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(server.config.database_url) as db:
        return db.execute(statement, values).fetchall()  # type: ignore[call-overload]


def test_a_repeat_is_answered_as_before_and_not_done_again(api: httpx.Client) -> None:
    body, key = {"name": "ci", "role": "viewer"}, str(new_event_id())
    first, again = post(api, "/api-keys", body, key), post(api, "/api-keys", body, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(api.get("/api/v1/api-keys").json()["items"]) == 1


def test_another_request_under_the_same_key_is_refused(api: httpx.Client) -> None:
    key = str(new_event_id())
    assert post(api, "/api-keys", {"name": "ci", "role": "viewer"}, key).status_code == 201
    other = post(api, "/api-keys", {"name": "ci", "role": "admin"}, key)
    assert code(other) == (422, "idempotency.key_reused")
    elsewhere = post(api, "/invitations", {"name": "ci", "role": "viewer"}, key)
    assert code(elsewhere) == (422, "idempotency.key_reused")


@pytest.mark.parametrize("key", ["", "x" * 256, "two words"])
def test_what_is_no_key_is_refused(api: httpx.Client, key: str) -> None:
    assert code(post(api, "/api-keys", {"name": "ci", "role": "viewer"}, key)) == (
        422,
        "idempotency.key_unfit",
    )


def test_ones_keys_are_ones_own(api: httpx.Client, enter: Enter) -> None:
    other, key = enter(add(api, "admin")).client, str(new_event_id())
    mine = post(api, "/api-keys", {"name": "ci", "role": "viewer"}, key)
    theirs = post(other, "/api-keys", {"name": "ci", "role": "viewer"}, key)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]


def test_what_was_refused_may_be_sent_again_with_its_key(api: httpx.Client) -> None:
    email, key = fresh_email(), str(new_event_id())
    body = {"email": email, "role": "viewer"}
    user = {"email": email, "name": "A", "role": "viewer", "password": "some words in a row"}
    assert api.post("/api/v1/users", json=user).status_code == 201
    assert code(post(api, "/invitations", body, key)) == (409, "taken")
    assert api.delete(f"/api/v1/users/{email}").status_code == 204
    assert post(api, "/invitations", body, key).status_code == 201


def running(server: Live, api: httpx.Client, key: str, done: bool) -> None:
    """As a process leaves it that is in the middle of a request, or that ended there."""
    body, sent = {"name": "ci", "role": "viewer"}, str(new_event_id())
    request = httpx.Request("POST", server.url, json=body).content
    assert post(api, "/api-keys", body, sent).status_code == 201
    sql(
        server,
        "UPDATE idempotency SET done = %s, answer = NULL, key = %s, request = %s WHERE key = %s",
        done,
        hashlib.sha256(key.encode()).digest(),
        hashlib.sha256(b"/api/v1/api-keys?\n" + request).digest(),
        hashlib.sha256(sent.encode()).digest(),
    )


def test_a_request_that_is_still_running_is_not_begun_again(server: Live, api: httpx.Client) -> None:
    key = str(new_event_id())
    running(server, api, key, done=False)
    answer = post(api, "/api-keys", {"name": "ci", "role": "viewer"}, key)
    assert code(answer) == (409, "idempotency.still_running")
    assert answer.headers["retry-after"] == "1"


def test_one_that_was_abandoned_before_it_was_done_is(server: Live, api: httpx.Client) -> None:
    key = str(new_event_id())
    running(server, api, key, done=False)
    sql(server, "UPDATE idempotency SET claimed_at = now() - interval '3 minutes'")
    assert post(api, "/api-keys", {"name": "ci", "role": "viewer"}, key).status_code == 201


def test_one_that_was_done_is_not_even_when_its_answer_is_lost(server: Live, api: httpx.Client) -> None:
    key = str(new_event_id())
    running(server, api, key, done=True)
    sql(server, "UPDATE idempotency SET claimed_at = now() - interval '3 minutes'")
    answer = post(api, "/api-keys", {"name": "ci", "role": "viewer"}, key)
    assert code(answer) == (409, "idempotency.answer_lost")


def test_a_day_later_the_key_is_new(server: Live, api: httpx.Client) -> None:
    body, key = {"name": "ci", "role": "viewer"}, str(new_event_id())
    assert post(api, "/api-keys", body, key).status_code == 201
    sql(server, "UPDATE idempotency SET claimed_at = now() - interval '25 hours'")
    assert "idempotency-replayed" not in post(api, "/api-keys", body, key).headers
    assert len(api.get("/api/v1/api-keys").json()["items"]) == 2


def test_what_is_older_than_a_day_goes(server: Live, api: httpx.Client) -> None:
    key = str(new_event_id())
    assert post(api, "/api-keys", {"name": "ci", "role": "viewer"}, key).status_code == 201
    sql(server, "UPDATE idempotency SET claimed_at = now() - interval '25 hours'")

    async def forget() -> int:
        database = Database(url_for(server.config.database_url, "runtime"))
        async with pool(database, least=0, most=1) as connections:
            return await forget_requests(connections, request_pruning.AGE)

    assert asyncio.run(forget()) >= 1
    assert rows(server, "SELECT 1 FROM idempotency WHERE claimed_at < now() - interval '1 day'") == []


def test_answers_are_kept_sealed(server: Live, api: httpx.Client) -> None:
    made = post(api, "/api-keys", {"name": "ci", "role": "viewer"}, "of-the-sealing").json()
    kept = rows(server, "SELECT answer, key FROM idempotency")
    assert all(made["key"].encode() not in bytes(each) for row in kept for each in row if each)  # type: ignore[call-overload]


def test_the_description_names_the_header_at_each_post_of_known_callers(api: httpx.Client) -> None:
    document = api.get("/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            named = "Idempotency-Key" in json.dumps(operation.get("parameters", []))
            assert named == (method == "post" and "security" in operation), (method, path)
