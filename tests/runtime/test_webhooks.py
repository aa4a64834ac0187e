"""Webhooks against a server on loopback that fails, hangs, redirects and talks too much."""

import asyncio
import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from runtime.breaker import Answers, Breaker
from schemas.effects import Cache, CallWebhook, SecretRef
from schemas.ids import new_event_id
from sessions import webhooks
from sessions.outbound import is_public, session
from sessions.webhooks import MOST_BYTES
from tests.runtime.house import Channel, House

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@asynccontextmanager
async def server(handler: Handler) -> AsyncGenerator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def call(url: str, **options: Any) -> CallWebhook:
    return CallWebhook("POST", (url,), id=new_event_id(), **{"limit_s": 0.5, **options})


def attempt(
    handler: Handler, path: str = "/", allow_private: bool = True, secrets: Any = None, **options: Any
):
    async def run():
        async with server(handler) as url, session(allow_private) as client:
            return await webhooks.attempt(client, call(url + path, **options), secrets or {}, allow_private)

    return asyncio.run(run())


async def _json(request: web.Request) -> web.Response:
    return web.json_response({"id": "L-7", "nul": "a\0b"})


async def _fails(request: web.Request) -> web.Response:
    return web.Response(status=503, headers={"Retry-After": "7"})


async def _hangs(request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


async def _redirects(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})


async def _talks(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    try:
        for _ in range(64):
            await answer.write(b"x" * 65_536)
    except ConnectionError:
        pass
    return answer


def test_an_answer_is_read() -> None:
    answer = attempt(_json)
    assert answer.ok
    assert answer.result["status"] == 200
    assert answer.result["json"] == {"id": "L-7", "nul": "a\0b"}


def test_a_secret_inside_a_url_stays_one_part_of_it() -> None:
    asked: list[tuple[str, str]] = []

    async def hears(request: web.Request) -> web.Response:
        asked.append((request.raw_path.partition("?")[0], request.query["k"]))
        return web.Response()

    async def run() -> None:
        secrets = {"base": "", "key": "a/b?c=1&d#é"}
        async with server(hears) as url, session(True) as client:
            secrets["base"] = f"{url}/from/"
            wanted = replace(call(""), url=(SecretRef("base"), SecretRef("key"), "/to?k=", SecretRef("key")))
            await webhooks.attempt(client, wanted, secrets, True)

    asyncio.run(run())
    assert asked == [("/from/a%2Fb%3Fc=1&d%23%C3%A9/to", "a/b?c=1&d#é")]


def test_a_failing_host_is_tried_again_when_it_says() -> None:
    answer = attempt(_fails)
    assert (answer.ok, answer.final, answer.retry_in_s, answer.counts) == (False, False, 7.0, True)


def test_a_hanging_host_is_left() -> None:
    answer = attempt(_hangs, limit_s=0.1)
    assert (answer.ok, answer.final) == (False, False)
    assert "0.1 s" in answer.error


def test_a_redirect_is_a_failure_and_not_followed() -> None:
    answer = attempt(_redirects)
    assert (answer.ok, answer.final, answer.error) == (False, True, "HTTP 302")


def test_an_endless_answer_is_cut() -> None:
    answer = attempt(_talks, limit_s=5)
    assert (answer.ok, answer.final) == (False, True)
    assert str(MOST_BYTES) in answer.error


def test_private_addresses_are_refused_by_number_and_by_name() -> None:
    answer = attempt(_json, allow_private=False)
    assert (answer.ok, answer.final, answer.error) == (False, True, "the target is on a private address")

    async def by_name() -> None:
        async with server(_json) as url, session(False) as client:
            named = url.replace("127.0.0.1", "localhost")
            answer = await webhooks.attempt(client, call(named), {}, False)
            assert (answer.ok, answer.final, answer.error) == (
                False,
                True,
                "the target is on a private address",
            )

    asyncio.run(by_name())


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("10.0.0.1", False), ("127.0.0.1", False), ("169.254.169.254", False), ("0.0.0.0", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("::1", False), ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False), ("fe80::1%eth0", False),
        ("2606:4700::1111", True),
    ],
)  # fmt: skip
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_secrets_are_put_in_and_the_request_is_signed() -> None:
    seen: dict[str, Any] = {}

    async def note(request: web.Request) -> web.Response:
        seen.update(headers=request.headers, body=await request.read())
        return web.Response()

    attempt(
        note,
        secrets={"crm": "s3", "webhook_secret": SIGNING},
        headers=(("Authorization", ("Bearer ", SecretRef("crm"))),),
        json={"key": {"$secret": ["k-", SecretRef("crm")]}},
        has_body=True,
    )
    assert seen["headers"]["Authorization"] == "Bearer s3"
    assert seen["body"] == b'{"key":"k-s3"}'
    assert seen["headers"]["Idempotency-Key"] == seen["headers"]["webhook-id"]
    signed = (
        f"{seen['headers']['webhook-id']}.{seen['headers']['webhook-timestamp']}.".encode() + seen["body"]
    )
    digest = hmac.digest(b64decode(SIGNING.removeprefix("whsec_")), signed, hashlib.sha256)
    assert seen["headers"]["webhook-signature"] == "v1," + b64encode(digest).decode()


def test_a_secret_that_is_not_there_fails_for_good() -> None:
    answer = attempt(_json, headers=(("A", (SecretRef("gone"),)),))
    assert (answer.ok, answer.final) == (False, True)
    assert "gone" in answer.error


def test_a_circuit_opens_and_one_try_decides() -> None:
    breaker = Breaker()
    for _ in range(5):
        assert breaker.wait("h", 0) == 0
        breaker.ended("h", False, 0)
    assert breaker.wait("h", 10) == 20
    assert breaker.wait("h", 31) == 0
    assert breaker.wait("h", 32) > 0
    breaker.ended("h", True, 33)
    assert breaker.wait("h", 33) == 0


def test_a_kept_answer_stands_in_as_long_as_the_step_allows() -> None:
    answers, one = Answers(), call("http://h", cache=Cache(10, 100))
    answers.keep(one, 0, {"status": 200})
    assert answers.get(one, 5, stale=False) == {"status": 200}
    assert answers.get(one, 50, stale=False) is None
    assert answers.get(one, 50, stale=True) == {"status": 200}
    assert answers.get(one, 500, stale=True) is None
    assert answers.get(call("http://h"), 5, stale=True) is None


async def _flow(house: House) -> None:
    tries: list[str] = []

    async def third_time(request: web.Request) -> web.Response:
        tries.append(request.headers["Idempotency-Key"])
        return web.Response(status=500 if len(tries) < 3 else 201)

    channel = Channel()
    async with server(third_time) as url, house.serve(channel):
        await house.hear(("1", f"hook {url}"))
        await channel.until(lambda: len(channel.sent) == 1)
    assert channel.texts() == ["hook True 201 "]
    assert len(tries) == 3
    assert len(set(tries)) == 1
    rows = await house.rows("SELECT state, attempt FROM action_calls WHERE number_id = %s", house.number_id)
    assert rows == [("done", 3)]


def test_a_call_is_tried_again_and_its_result_reaches_the_flow(house: House) -> None:
    asyncio.run(_flow(house))


async def _resumed(house: House) -> None:
    channel = Channel()
    reached = asyncio.Event()

    async def slow_once(request: web.Request) -> web.Response:
        if not reached.is_set():
            reached.set()
            await asyncio.sleep(30)
        return web.Response(status=200)

    async with server(slow_once) as url:
        async with house.serve(channel):
            await house.hear(("1", f"hook {url}"))
            await asyncio.wait_for(reached.wait(), 10)
        assert channel.sent == []
        async with house.serve(channel):
            await channel.until(lambda: len(channel.sent) == 1)
    assert channel.texts() == ["hook True 200 "]


def test_a_call_that_was_cut_off_is_made_again(house: House) -> None:
    asyncio.run(_resumed(house))


def test_a_call_that_keeps_failing_ends_as_failed(house: House) -> None:
    async def run() -> None:
        channel = Channel()
        async with server(_fails_fast) as url, house.serve(channel):
            await house.hear(("1", f"hook {url}"))
            await channel.until(lambda: len(channel.sent) == 1)
        assert channel.texts() == ["hook False 500 HTTP 500"]

    asyncio.run(run())


async def _fails_fast(request: web.Request) -> web.Response:
    return web.Response(status=500)
