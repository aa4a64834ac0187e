"""Webhook doors, as a vendor meets them."""

import hashlib
import hmac
import itertools
from concurrent.futures import ThreadPoolExecutor

import httpx
import orjson
import psycopg
import pytest

from store import migrate
from tests import webhooks
from tests.live import Live, live
from tests.servers import create_database, embedded_server

SECRET, VERIFY = "hush-secret", "hush-verify"
ACCOUNT = "106540352242922"
APP = "meta-door"
_count = itertools.count()


@pytest.fixture(scope="module")
def door(server: Live) -> str:
    """The path of a door, with one number behind it."""
    with server.client() as api:
        secrets = {"secret": SECRET, "verify_token": VERIFY}
        added = api.post("/api/v1/apps", json={"name": APP, "secrets": secrets})
        number = {
            "name": "door-number",
            "channel": "cloud_api",
            "account": ACCOUNT,
            "app": APP,
            "secrets": {"access_token": "t"},
        }
        assert api.post("/api/v1/numbers", json=number).status_code == 201
        hook: str = added.json()["hook"]
        wait_until_known(api, hook)
        return hook


def wait_until_known(api: httpx.Client, hook: str) -> None:
    """A door that was just added answers within a moment: the first request waits for it."""
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    answer = api.get(hook, params=query)
    assert (answer.status_code, answer.text) == (200, "1158201444")


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()}


def wamid() -> str:
    return f"wamid.door{next(_count)}"


def rows(url: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as db:
        return db.execute(statement, values).fetchall()


def test_a_signed_message_is_durable_when_it_is_answered(server: Live, migrated_url: str, door: str) -> None:
    name = wamid()
    body = webhooks.inbound_text(ACCOUNT, "393331234567", "ciao", name)
    with server.client(None) as vendor:
        for _ in range(2):
            assert vendor.post(door, content=body, headers=signed(body)).status_code == 200
    found = rows(migrated_url, "SELECT kind, payload FROM inbox WHERE source_id = %s", f"wa:{name}")
    assert [kind for kind, _ in found] == ["received"]
    assert b"ciao" not in bytes(found[0][1])  # type: ignore[call-overload]


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_what_is_not_signed_leaves_nothing(server: Live, migrated_url: str, door: str, secret: str) -> None:
    name = wamid()
    body = webhooks.inbound_text(ACCOUNT, "393331234567", "ciao", name)
    before = rows(migrated_url, "SELECT count(*) FROM quarantine")
    with server.client(None) as vendor:
        answer = vendor.post(door, content=body, headers=signed(body, secret) if secret else {})
        assert (answer.status_code, answer.json()["code"]) == (401, "door.not_signed")
        assert 'channel="cloud_api",result="not_signed"' in vendor.get("/metrics").text
    assert not rows(migrated_url, "SELECT 1 FROM inbox WHERE source_id = %s", f"wa:{name}")
    assert rows(migrated_url, "SELECT count(*) FROM quarantine") == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"object": 1}', b"\xff\xfe"])
def test_signed_nonsense_is_answered(server: Live, door: str, body: bytes) -> None:
    with server.client(None) as vendor:
        assert vendor.post(door, content=body, headers=signed(body)).status_code == 200


def test_signed_but_unreadable_is_kept_whole(server: Live, door: str) -> None:
    body = b'{"broken": '
    with server.client() as api:
        assert api.post(door, content=body, headers=signed(body)).status_code == 200
        entry = next(
            each for each in api.get("/api/v1/quarantine").json()["items"] if each["kind"] == "unread"
        )
        assert entry["content"] is None
        shown = api.get(f"/api/v1/quarantine/{entry['id']}", params={"content": True}).json()
    assert shown["content"] == body.decode()


def test_a_number_that_was_just_added_is_known(server: Live, migrated_url: str, door: str) -> None:
    with server.client() as api:
        for turn in range(5):
            account, name = f"77000{turn}", wamid()
            number = {"name": account, "channel": "cloud_api", "account": account, "app": APP}
            added = api.post("/api/v1/numbers", json={**number, "secrets": {"access_token": "t"}})
            assert added.status_code == 201
            body = webhooks.inbound_text(account, "393331234567", "first", name)
            assert api.post(door, content=body, headers=signed(body)).status_code == 200
            assert rows(migrated_url, "SELECT kind FROM inbox WHERE source_id = %s", f"wa:{name}")


def test_a_number_that_is_not_ours_goes_to_quarantine(server: Live, door: str) -> None:
    body = webhooks.inbound_text("999", "393331234567", "whose am I", wamid())
    with server.client() as api:
        assert api.post(door, content=body, headers=signed(body)).status_code == 200
        latest = api.get("/api/v1/quarantine", params={"limit": 1}).json()["items"][0]
        assert (latest["kind"], latest["number"]) == ("webhook", None)
        shown = api.get(f"/api/v1/quarantine/{latest['id']}", params={"content": True}).json()
    assert orjson.loads(shown["content"]) == orjson.loads(body)


def test_a_value_that_the_database_refuses_goes_to_quarantine_alone(
    server: Live, migrated_url: str, door: str
) -> None:
    good = [wamid() for _ in range(8)]
    bodies = [webhooks.inbound_text(ACCOUNT, "393331234567", "x", name) for name in [*good, "wamid.\0nul"]]
    with server.client() as api, ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(lambda body: api.post(door, content=body, headers=signed(body)), bodies))
        assert [each.status_code for each in answers] == [200] * 9
    taken = rows(
        migrated_url, "SELECT count(*) FROM inbox WHERE source_id = ANY(%s)", [f"wa:{name}" for name in good]
    )
    assert taken == [(8,)]
    assert rows(migrated_url, "SELECT 1 FROM quarantine WHERE payload IS NOT NULL AND error LIKE %s", "%NUL%")


def test_receipts_are_inserted(server: Live, migrated_url: str, door: str) -> None:
    body = webhooks.statuses(ACCOUNT, [webhooks.status("wamid.out", "delivered", to="393331234567")])
    with server.client(None) as vendor:
        assert vendor.post(door, content=body, headers=signed(body)).status_code == 200
    assert rows(migrated_url, "SELECT status FROM receipts WHERE provider_id = 'wamid.out'") == [
        ("delivered",)
    ]


def test_what_a_door_refuses(server: Live, door: str) -> None:
    large = b"x" * ((3 << 20) + 1)
    with server.client(None) as vendor:
        assert vendor.post(door, content=large, headers=signed(large)).status_code == 413
        chunked = vendor.post(door, content=iter([large[: 2 << 20], large[2 << 20 :]]))
        assert chunked.status_code == 413
        assert vendor.post("/hooks/cloud_api/nobody", content=b"{}").status_code == 404
        assert vendor.post("/hooks/pigeon/x", content=b"{}").status_code == 404
        assert vendor.put(door, content=b"{}").status_code == 405
        query = {"hub.mode": "subscribe", "hub.verify_token": "wrong", "hub.challenge": "1"}
        assert vendor.get(door, params=query).status_code == 403


def test_while_the_database_is_away_the_vendor_is_asked_to_come_again() -> None:
    server_url = embedded_server()
    url = create_database(server_url, "door_away")
    migrate.upgrade(url)
    with live(url) as running, running.client() as api:
        secrets = {"secret": SECRET, "verify_token": VERIFY}
        hook = api.post("/api/v1/apps", json={"name": "meta", "secrets": secrets}).json()["hook"]
        number = {
            "name": "n",
            "channel": "cloud_api",
            "account": ACCOUNT,
            "app": "meta",
            "secrets": {"access_token": "t"},
        }
        assert api.post("/api/v1/numbers", json=number).status_code == 201
        wait_until_known(api, hook)
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute("ALTER DATABASE door_away ALLOW_CONNECTIONS false")
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'door_away'"
            )
            body = webhooks.inbound_text(ACCOUNT, "393331234567", "ciao", "wamid.away")
            refused = api.post(hook, content=body, headers=signed(body))
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
            assert api.get("/health/ready").status_code == 503
            assert api.get("/health/live").status_code == 200
            admin.execute("ALTER DATABASE door_away ALLOW_CONNECTIONS true")
