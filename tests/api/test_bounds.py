"""What every answer tells a browser, and what a request may not be."""

import asyncio
import select
import socket
from collections.abc import Iterator

import httpx
import pytest

from admin_api.bounds import MOST_BYTES, STRANGERS_BYTES, Bounds
from admin_api.headers import USUAL
from schemas.ids import new_event_id
from tests.live import Live, live

HEADERS = {name.decode(): value.decode() for name, value in USUAL.items()}
ORIGIN = "https://crm.example.com"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/numbers"),
        ("GET", "/api/v1/openapi.json"),
        ("POST", "/api/v1/sign-in"),
        ("GET", "/health/nothing"),
        ("GET", "/health"),
        ("GET", "/hooks/nothing"),
    ],
)
def test_every_answer_has_the_headers(api: httpx.Client, method: str, path: str) -> None:
    answer = api.request(method, path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "strict-transport-security" not in answer.headers


def test_a_page_keeps_its_own(api: httpx.Client) -> None:
    number = {"name": "framed nowhere", "channel": "simulator"}
    assert api.post("/api/v1/numbers", json=number).status_code == 201
    page = api.get("/simulator/framed nowhere")
    api.delete("/api/v1/numbers/framed nowhere", params={"sure": True})
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"


@pytest.fixture(scope="module")
def worldwide(migrated_url: str) -> Iterator[Live]:
    """A server that the world reaches by https, and a site that may call it."""
    with live(
        migrated_url, rate_limit=0, public_url="https://bots.example.com", cors_origins=(ORIGIN,)
    ) as running:
        yield running


def test_a_server_behind_https_stays_there(worldwide: Live) -> None:
    with worldwide.client() as api:
        assert api.get("/api/v1/me").headers["strict-transport-security"] == "max-age=31536000"


def preflight(client: httpx.Client, origin: str) -> httpx.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return client.options("/api/v1/numbers", headers=asked)


def test_pages_of_other_sites_may_not_call(api: httpx.Client) -> None:
    for answer in (preflight(api, ORIGIN), api.get("/api/v1/me", headers={"Origin": ORIGIN})):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_but_those_that_are_named_may(worldwide: Live) -> None:
    with worldwide.client() as api:
        allowed = preflight(api, ORIGIN)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] in (ORIGIN, "*")
        assert "access-control-allow-credentials" not in allowed.headers
        assert preflight(api, "https://evil.example.com").status_code == 400


@pytest.mark.parametrize("counted", [True, False], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("key", ["", "0192"], ids=["", "to be done once"])
def test_a_request_that_is_too_large_is_refused(server: Live, counted: bool, key: str) -> None:
    headers = {"Idempotency-Key": f"{key}{new_event_id()}"} if key else {}
    for client, most, path in (
        (server.client(None), STRANGERS_BYTES, "/api/v1/sign-in"),
        (server.client(), MOST_BYTES, "/api/v1/numbers"),
    ):
        with client:
            parts = [b" " * (1 << 16)] * (most >> 16) + [b" "]
            body = b"".join(parts) if counted else iter(parts)
            answer = client.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


def test_one_that_takes_too_long_is_given_up() -> None:
    ended: list[bool] = []

    async def forever(*_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(Bounds(forever, most_s=0))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get("/")

    answer = asyncio.run(call())
    assert (answer.status_code, answer.json()["code"]) == (503, "request.took_too_long")
    assert ended == [True]


def test_a_stream_may_take_its_time_once_it_has_begun() -> None:
    async def slow(_: object, __: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        for _unused in range(3):
            await asyncio.sleep(0)  # the limit's turn
        await send({"type": "http.response.body", "body": b"all"})  # type: ignore[operator]

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(Bounds(slow, most_s=0))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get("/")

    assert asyncio.run(call()).text == "all"


@pytest.mark.parametrize("path", ["/hooks/cloud_api/heard-out", "/api/v1/sign-in"])
def test_who_sends_too_much_gets_the_answer_and_no_reset(server: Live, api: httpx.Client, path: str) -> None:
    if path.startswith("/hooks/"):
        secrets = {"secret": "s", "verify_token": "v"}
        assert api.post("/api/v1/apps", json={"name": "heard-out", "secrets": secrets}).status_code == 201
    url = httpx.URL(server.url)
    large = 4 << 20
    with socket.create_connection((url.host, url.port or 80), timeout=30) as client:
        client.sendall(f"POST {path} HTTP/1.1\r\nHost: chatloom\r\nContent-Length: {large}\r\n\r\n".encode())
        select.select(
            [client], [], [], 0.2
        )  # an answer that does not wait for the body would be there by now
        client.sendall(bytes(large))
        assert client.recv(4096).split(b" ")[1] == b"413"
