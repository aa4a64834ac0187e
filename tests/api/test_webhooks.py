"""Webhook endpoints through the API, and what a receiver on loopback gets: verified with the reference library."""

# ruff: noqa: ASYNC212  the server has a thread of its own

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from jobs import webhooks as job
from tests.api.people import elsewhere, signed_in
from tests.api.test_roles import BOT
from tests.live import MASTERS, Live
from tests.receiver import Receiver, deliver, receiver


@pytest.fixture
def api(server: Live) -> Iterator[httpx.Client]:
    """The admin of a workspace of his own."""
    with server.client(None) as client:
        yield signed_in(client, elsewhere(server)).client


class Hooks:
    """A receiver, and an endpoint at it."""

    def __init__(self, api: httpx.Client, url: str, there: Receiver, made: dict[str, Any]) -> None:
        self.api, self.there, self.secret = api, there, made["secret"]
        self.path = f"/api/v1/webhooks/{made['id']}"
        self._url = url

    async def deliver(self, allow_private: bool = True) -> None:
        await deliver(self._url, MASTERS, allow_private)

    def test(self) -> str:
        answer = self.api.post(f"{self.path}/test")
        assert answer.status_code == 202, answer.text
        return answer.json()["event"]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """A query, or a change, of which `%s` is the endpoint's id."""
        with psycopg.connect(self._url, autocommit=True) as db:
            found = db.execute(sql, (self.path.rpartition("/")[2],))  # type: ignore[arg-type]
            return found.fetchall() if found.description else []

    def due(self) -> None:
        """The time of the next try has come."""
        self.rows("UPDATE webhook_deliveries SET due_at = now() WHERE endpoint_id = %s AND state = 'waiting'")

    def delivery(self) -> tuple[Any, ...]:
        return self.rows(
            "SELECT state, attempt, status, error FROM webhook_deliveries WHERE endpoint_id = %s"
            " ORDER BY seq DESC LIMIT 1"
        )[0]


@asynccontextmanager
async def hooked(
    api: httpx.Client, url: str, types: list[str] | None = None, **more: Any
) -> AsyncGenerator[Hooks]:
    async with receiver() as there:
        body = {"name": "CRM", "url": there.url, "types": types or ["number.state"], **more}
        made = api.post("/api/v1/webhooks", json=body)
        assert made.status_code == 201, made.text
        yield Hooks(api, url, there, made.json())


def scene(does: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await does()

    asyncio.run(run())


def test_a_test_call_is_signed(api: httpx.Client, migrated_url: str) -> None:
    async def does() -> None:
        async with hooked(api, migrated_url) as hooks:
            event = hooks.test()
            await hooks.deliver()
            [said] = hooks.there.verified(hooks.secret)
            assert (said["type"], said["data"]) == ("webhook.test", {"endpoint": hooks.path.split("/")[-1]})
            assert hooks.there.came[0][0]["webhook-id"] == event
            assert hooks.delivery() == ("delivered", 1, 204, "")
            await hooks.deliver()
            assert len(hooks.there.came) == 1

    scene(does)


def test_two_secrets_sign_while_they_change_over(api: httpx.Client, migrated_url: str) -> None:
    async def does() -> None:
        async with hooked(api, migrated_url) as hooks:
            renewed = api.post(f"{hooks.path}/new-secret").json()
            assert renewed["secret"] != hooks.secret
            hooks.test()
            await hooks.deliver()
            assert hooks.there.verified(hooks.secret) == hooks.there.verified(renewed["secret"])
            hooks.rows("UPDATE webhook_endpoints SET old_until = now() WHERE id = %s")
            hooks.there.came.clear()
            hooks.test()
            await hooks.deliver()
            assert hooks.there.verified(renewed["secret"])
            with pytest.raises(Exception, match="signature"):
                hooks.there.verified(hooks.secret)

    scene(does)


def test_a_published_bot_is_told_to_those_who_want_it(api: httpx.Client, migrated_url: str) -> None:
    async def does() -> None:
        async with (
            hooked(api, migrated_url, ["bot.published"]) as wants,
            hooked(api, migrated_url, ["number.state"]) as other,
        ):
            assert api.put("/api/v1/bots/b", json={"files": BOT}).status_code == 201
            assert api.post("/api/v1/bots/b/versions/1/publish").status_code == 200
            await wants.deliver()
            [said] = wants.there.verified(wants.secret)
            assert (said["type"], said["data"]["bot"]["name"], said["data"]["version"]) == (
                "bot.published",
                "b",
                1,
            )
            assert other.there.came == []

    scene(does)


async def _hangs(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def _fails(_: web.Request) -> web.StreamResponse:
    return web.Response(status=500, text="no")


async def _redirects(_: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "http://10.0.0.1/"})


async def _half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"half")
    assert request.transport is not None
    request.transport.close()
    return response


async def _floods(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(status=503)
    await response.prepare(request)
    for _ in range(100):
        await response.write(b"x" * 1_000_000)
    return response


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (_fails, 500, "HTTP 500"),
        (_redirects, 302, "HTTP 302"),
        (_floods, 503, "HTTP 503"),
        (_half, 200, "no answer: ClientPayloadError"),
        (_hangs, None, "no whole answer within 0.3 s"),
    ],
)
def test_what_is_not_taken_is_tried_again(
    api: httpx.Client,
    migrated_url: str,
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
    status: int | None,
    error: str,
) -> None:
    monkeypatch.setattr(job, "LIMIT_S", 0.3 if answer is _hangs else 15.0)

    async def does() -> None:
        async with hooked(api, migrated_url) as hooks:
            good, hooks.there.answer = hooks.there.answer, answer
            hooks.test()
            await hooks.deliver()
            assert hooks.delivery() == ("waiting", 1, status, error)
            if answer is _hangs:
                path = f"{hooks.path}/deliveries"
                [row] = api.get(path, headers={"Accept-Language": "it"}).json()["items"]
                assert row["error"] == "nessuna risposta completa entro 0.3 s"
                shown = api.get(f"{path}/{row['id']}", headers={"Accept-Language": "it"}).json()
                assert shown["log"][0]["error"] == row["error"]
            assert api.get(hooks.path).json()["failing_since"]
            assert hooks.rows("SELECT length(exchange) < 20000 FROM webhook_tries t JOIN webhook_deliveries d"
                              " ON d.seq = t.delivery_seq WHERE d.endpoint_id = %s") == [(True,)]  # fmt: skip
            hooks.there.answer = good
            hooks.due()
            await hooks.deliver()
            assert hooks.delivery() == ("delivered", 2, 204, "")
            first, second = (headers["webhook-id"] for headers, _ in hooks.there.came)
            assert first == second
            assert api.get(hooks.path).json()["failing_since"] is None

    scene(does)


def test_why_nobody_answers_is_said_in_words(api: httpx.Client, migrated_url: str) -> None:
    async def does() -> None:
        async with hooked(api, migrated_url) as hooks:
            hooks.test()
            assert api.patch(hooks.path, json={"url": "http://127.0.0.1:9/"}).status_code == 200
            await hooks.deliver()
            why = "no answer: the host does not take the connection"
            assert hooks.delivery() == ("waiting", 1, None, why)

    scene(does)


def test_private_addresses_are_refused_unless_allowed(api: httpx.Client, migrated_url: str) -> None:
    async def does() -> None:
        async with hooked(api, migrated_url) as hooks:
            hooks.test()
            await hooks.deliver(allow_private=False)
            assert hooks.there.came == []
            assert hooks.delivery() == ("waiting", 1, None, "the target is on a private address")
            named = hooks.there.url.replace("127.0.0.1", "localhost")
            assert api.patch(hooks.path, json={"url": named}).status_code == 200
            hooks.due()
            await hooks.deliver(allow_private=False)
            assert hooks.delivery() == ("waiting", 2, None, "the target is on a private address")

    scene(does)


def test_one_that_is_gone_is_disabled_and_enabled_again(api: httpx.Client, migrated_url: str) -> None:
    async def gone(_: web.Request) -> web.StreamResponse:
        return web.Response(status=410)

    async def does() -> None:
        async with hooked(api, migrated_url, ["bot.published"]) as hooks:
            good, hooks.there.answer = hooks.there.answer, gone
            hooks.test()
            await hooks.deliver()
            shown = api.get(hooks.path).json()
            assert shown["disabled_at"]
            assert shown["disabled_why"] == "It answered 410 Gone."
            italian = {"Accept-Language": "it"}
            assert api.get(hooks.path, headers=italian).json()["disabled_why"] == "Ha risposto 410 Gone."
            api.put("/api/v1/bots/b", json={"files": BOT})
            api.post("/api/v1/bots/b/versions/1/publish")
            assert hooks.rows("SELECT count(*) FROM webhook_deliveries WHERE endpoint_id = %s") == [(1,)]
            year = {"since": "2020-01-01T00:00:00Z", "until": "2040-01-01T00:00:00Z"}
            off = api.post(f"{hooks.path}/replay", json=year)
            assert (off.status_code, off.json()["code"]) == (409, "webhooks.endpoint_off")
            hooks.there.answer = good
            assert api.patch(hooks.path, json={"enabled": True}).json()["disabled_at"] is None
            await hooks.deliver()
            assert hooks.delivery() == ("delivered", 2, 204, "")

    scene(does)


def test_one_that_fails_for_days_is_disabled(api: httpx.Client, migrated_url: str) -> None:
    async def does() -> None:
        async with hooked(api, migrated_url) as hooks:
            hooks.there.answer = _fails
            hooks.test()
            await hooks.deliver()
            hooks.rows("UPDATE webhook_endpoints SET failing_since = now() - interval '6 days' WHERE id = %s")
            hooks.due()
            await hooks.deliver()
            assert api.get(hooks.path).json()["disabled_why"] == "No try has succeeded for 5 days."

    scene(does)


def test_the_last_try_is_the_last(api: httpx.Client, migrated_url: str) -> None:
    async def does() -> None:
        async with hooked(api, migrated_url) as hooks:
            hooks.there.answer = _fails
            hooks.test()
            for _ in range(1 + len(job.AGAIN_S)):
                await hooks.deliver()
                hooks.due()
            assert hooks.delivery() == ("failed", 10, 500, "HTTP 500")

    scene(does)


@pytest.mark.parametrize(
    "url", ["ftp://example.com", "https://", "https://a:b@example.com", "https://a b.com"]
)
def test_what_cannot_be_posted_to_is_refused(api: httpx.Client, url: str) -> None:
    answer = api.post("/api/v1/webhooks", json={"name": "x", "url": url, "types": ["number.state"]})
    assert answer.status_code == 422, answer.text


def test_a_removed_one_is_gone(api: httpx.Client) -> None:
    body = {"name": "x", "url": "https://example.com/", "types": ["number.state", "run.ended"]}
    made = api.post("/api/v1/webhooks", json=body).json()
    assert Webhook(made["secret"])
    shown = api.get("/api/v1/webhooks").json()["items"]
    assert [row["id"] for row in shown] == [made["id"]]
    assert "secret" not in shown[0]
    assert api.delete(f"/api/v1/webhooks/{made['id']}").status_code == 204
    assert api.get(f"/api/v1/webhooks/{made['id']}").status_code == 404


def test_the_log_tells_what_was_said_and_it_is_replayed(api: httpx.Client, migrated_url: str) -> None:
    async def does() -> None:
        async with hooked(api, migrated_url) as hooks:
            good, hooks.there.answer = hooks.there.answer, _fails
            event = hooks.test()
            await hooks.deliver()
            path = f"{hooks.path}/deliveries"
            [row] = api.get(path).json()["items"]
            assert (row["event"], row["state"], row["tries"], row["error"]) == (
                event,
                "waiting",
                1,
                "HTTP 500",
            )
            assert row["next_try_at"]
            hooks.there.answer = good
            assert api.post(f"{path}/{row['id']}/replay").status_code == 202
            await hooks.deliver()
            shown = api.get(f"{path}/{row['id']}").json()
            assert (shown["state"], [one["status"] for one in shown["log"]]) == ("delivered", [500, 204])
            assert shown["log"][0]["answer"]["body"] == "no"
            first = shown["log"][0]
            assert Webhook(hooks.secret).verify(shown["body"], first["headers"])["type"] == "webhook.test"
            assert api.get(path, params={"state": "failed"}).json()["items"] == []
            assert api.get("/api/v1/audit").json()["items"][0]["action"] == "webhook.read_delivery"

            def replay(**more: Any) -> int:
                day = {"since": "2000-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
                answer = api.post(f"{hooks.path}/replay", json={**day, **more})
                assert answer.status_code == 202, answer.text
                return answer.json()["events"]

            assert replay() == 0
            other = hooks.test()
            await hooks.deliver()
            assert replay(until="2000-01-02T00:00:00Z", failed_only=False) == 0
            assert replay(failed_only=False) == 2
            assert replay(failed_only=False) == 0
            hooks.there.came.clear()
            await hooks.deliver()
            assert sorted(headers["webhook-id"] for headers, _ in hooks.there.came) == sorted([event, other])

    scene(does)
