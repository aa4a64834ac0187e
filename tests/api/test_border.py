"""The API's border: who may in, how it says no, how often, and that an answer means that it is written."""

import re
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.described import document, operations
from tests.live import Live, live


def is_problem(answer: httpx.Response) -> bool:
    document = answer.json()
    named = {"type", "title", "status", "detail", "code"} <= set(document)
    kind = answer.headers["content-type"] == "application/problem+json"
    return named and kind and document["status"] == answer.status_code


@pytest.mark.parametrize("key", [None, "clk_of-somebody-else"])
def test_nobody_gets_in_without_a_key(server: Live, key: str | None) -> None:
    let_in: list[str] = []
    with server.client(key) as stranger:
        for method, path, operation in operations():
            if operation.get("security"):
                answer = stranger.request(method, re.sub(r"{\w+}", "1", path), json={})
                kept_out = answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
                if not (kept_out and is_problem(answer)):
                    let_in.append(f"{method} {path}: {answer.status_code} {answer.text}")
    assert let_in == []


def test_every_operation_is_described() -> None:
    for method, path, operation in operations():
        assert operation["summary"], (method, path)
        assert operation.get("description"), (method, path)
        assert "HTTPValidationError" not in str(operation["responses"]), (method, path)
        stream = (
            operation["responses"].get("200", {}).get("content", {}).get("text/event-stream", {"itemSchema"})
        )
        assert "itemSchema" in stream, (method, path)


def test_a_method_that_no_path_has_is_refused(api: httpx.Client) -> None:
    for path in document()["paths"]:
        answer = api.request("TRACE", re.sub(r"{\w+}", "1", path))
        assert (answer.status_code, is_problem(answer)) == (405, True), (path, answer.text)


def test_operations_have_names_of_their_own() -> None:
    names = [each[2]["operationId"] for each in operations()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v1/nothing", None, 404),
        ("GET", "/health/nothing", None, 404),
        ("DELETE", "/api/v1/bots", None, 405),
        ("POST", "/api/v1/numbers", b"{", 422),
        ("POST", "/api/v1/numbers", b"[]", 422),
        ("POST", "/api/v1/numbers", b"{}", 422),
        ("GET", "/api/v1/bots/NO", None, 405),
        ("GET", "/api/v1/bots/NO/versions", None, 422),
        ("GET", "/api/v1/numbers/nobody", None, 404),
        ("GET", "/api/v1/dead-letters?limit=0", None, 422),
        ("GET", "/api/v1/dead-letters?number=%00", None, 422),
    ],
)
def test_every_no_is_a_problem_document(
    api: httpx.Client, method: str, path: str, body: bytes | None, status: int
) -> None:
    answer = api.request(method, path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert is_problem(answer)


@pytest.mark.parametrize(
    ("method", "path", "body", "at", "near"),
    [
        ("POST", "/api/v1/teams", {"name": "sales", "titel": "Sales"}, "body.titel", "did you mean 'title'?"),
        ("POST", "/api/v1/teams", {"name": "sales", "colour": "red"}, "body.colour", ""),
        (
            "POST",
            "/api/v1/events",
            {"name": "paid", "contact": {"kind": "phone", "valeu": "1"}, "data": {"anything": 1}},
            "body.contact.NamedIn.valeu",
            "did you mean 'value'?",
        ),
        (
            "POST",
            "/api/v1/numbers/shop/conversations/0190d3f0-0000-7000-8000-000000000000/restart",
            {"flows": "intake"},
            "body.flows",
            "did you mean 'flow'?",
        ),
    ],
)
def test_a_key_that_nothing_reads_is_refused_by_name(
    api: httpx.Client, method: str, path: str, body: dict[str, Any], at: str, near: str
) -> None:
    answer = api.request(method, path, json=body)
    assert answer.status_code == 422, answer.text
    [fault] = [each for each in answer.json()["errors"] if each["kind"] == "extra_forbidden"]
    assert fault["at"] == at
    assert fault["why"].endswith(near or "no such key is read here")


def test_no_body_takes_keys_that_are_not_described() -> None:
    shapes, open_ones = document()["components"]["schemas"], set[str]()

    def look(part: Any, at: str, seen: frozenset[str]) -> None:
        if isinstance(part, list):
            for each in part:
                look(each, at, seen)
        elif isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                look(shapes[name], name, seen | {name})
            if "properties" in part and part.get("additionalProperties") is not False:
                open_ones.add(at)
            for key, each in part.items():
                if key != "examples":
                    look(each, at, seen)

    for _, path, operation in operations():
        look(operation.get("requestBody"), path, frozenset())
    assert open_ones == set()


def test_a_refused_secret_is_not_repeated_to_the_caller(api: httpx.Client) -> None:
    answer = api.post("/api/v1/apps", json={"name": "A b", "secrets": {"secret": "hush"}})
    assert answer.status_code == 422
    assert "hush" not in answer.text


def test_an_answer_is_given_after_the_commit(migrated_url: str) -> None:
    """A commit that fails is a 5xx, not a success that never was."""
    with psycopg.connect(migrated_url, autocommit=True) as db:
        db.execute(
            "CREATE FUNCTION no_commit() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$"
        )
        db.execute(
            "CREATE CONSTRAINT TRIGGER no_commit AFTER INSERT ON secrets DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW WHEN (NEW.name = 'doomed') EXECUTE FUNCTION no_commit()"
        )
        try:
            with live(migrated_url) as running, running.client() as client:
                answer = client.put("/api/v1/secrets/doomed", json={"value": "x"})
                assert answer.status_code >= 500
                assert is_problem(answer)
                assert client.get("/api/v1/secrets").json()["items"] == []
        finally:
            db.execute("DROP TRIGGER no_commit ON secrets")
            db.execute("DROP FUNCTION no_commit")


@pytest.mark.parametrize("shared", [True, False])
def test_callers_without_a_key_are_limited(migrated_url: str, any_redis_url: str, shared: bool) -> None:
    with live(
        migrated_url, redis_url=any_redis_url if shared else "", rate_limit=3, rate_window_s=60
    ) as running:
        with running.client(None) as stranger:
            answers = [stranger.get("/api/v1/bots") for _ in range(5)]
            assert [each.status_code for each in answers] == [401, 401, 401, 429, 429]
            assert is_problem(answers[-1])
            assert 0 < int(answers[-1].headers["retry-after"]) <= 60
            assert stranger.get("/health/live").status_code == 200
            assert stranger.get("/metrics").status_code == 200
        with running.client() as operator:
            assert [operator.get("/api/v1/bots").status_code for _ in range(5)] == [200] * 5


def test_an_ipv6_network_counts_as_one_caller(migrated_url: str) -> None:
    with (
        live(migrated_url, rate_limit=1, trusted_proxies="127.0.0.1") as running,
        running.client(None) as client,
    ):
        sent = [{"X-Forwarded-For": each} for each in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")]
        answers = [client.get("/api/v1/bots", headers=each).status_code for each in sent]
        assert answers == [401, 429, 401]


def test_only_a_trusted_proxy_is_believed(migrated_url: str) -> None:
    """Otherwise whoever writes the header is a new caller each time."""
    for trusted, second in (("", 429), ("127.0.0.0/8", 401), ("10.0.0.0/8", 429)):
        with (
            live(migrated_url, rate_limit=1, trusted_proxies=trusted) as running,
            running.client(None) as client,
        ):
            sent = [{"X-Forwarded-For": f"203.0.113.{each}"} for each in (1, 2)]
            answers = [client.get("/api/v1/bots", headers=each).status_code for each in sent]
            assert answers == [401, second]


def test_health(server: Live) -> None:
    with server.client(None) as anybody:
        assert anybody.get("/health/live").json() == {"status": "ok", "away": []}
        assert anybody.get("/health/ready").json() == {"status": "ok", "away": []}


def test_without_redis_it_works_and_says_so(migrated_url: str) -> None:
    with live(migrated_url, redis_url="redis://127.0.0.1:1/0") as running, running.client() as client:
        assert client.get("/health/ready").json()["away"] == ["redis"]
        assert client.get("/api/v1/bots").status_code == 200
