"""The Cloud API's driver against a Graph API on loopback."""

import asyncio
import base64
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.seal import Sealer, new_data_key
from runtime.media import Uploads
from schemas.ids import new_event_id
from schemas.messages import Button, Buttons, Identity, Media, Outbound, Text
from schemas.problems import NotFound, Problem
from sessions import registry
from sessions.driver import Account, LoggedOut, Receipt, Rejected, Throttled, Unreachable
from sessions.drivers.cloud_api import CloudApi, CloudSettings
from store.media import Media as Blobs
from tests.graph import Fault, Graph
from tests.webhooks import inbound_text, signed

pytestmark = pytest.mark.anyio

NUMBER = "106540352242922"
TOKEN = "EAAG-very-secret-token"
WORDS = "Your table is booked"
PHONE = "393331112222"
ID = "019b7a5c-0000-8000-8000-000000000001"


@asynccontextmanager
async def opened(base_url: str, **settings: Any) -> AsyncIterator[CloudApi]:
    account = Account(UUID(int=7), NUMBER, {"base_url": base_url, **settings}, {"access_token": TOKEN})
    driver = CloudApi(account)
    try:
        yield driver
    finally:
        await driver.close()


def message(text: str = WORDS, id: str = ID) -> Outbound:
    return Outbound(id, (Identity("phone", PHONE),), Text(text))


async def problem_of(fault: Fault, **settings: Any) -> Problem:
    """The problem that `send` raises; its text and repr give nothing away."""
    async with Graph(latency_s=0, fault=fault) as graph, opened(graph.base_url, **settings) as driver:
        with pytest.raises(Problem) as raised:
            await driver.send(message())
        told = f"{raised.value} {raised.value!r} {driver!r} {driver.account!r} {raised.value.document()}"
        for hidden in (TOKEN, WORDS, PHONE):
            assert hidden not in told
        return raised.value


async def test_sends_and_says_what_the_channel_calls_it() -> None:
    async with Graph(latency_s=0, token=TOKEN) as graph, opened(graph.base_url) as driver:
        sent = await driver.send(message())
    assert [(t.provider_id, t.account, t.to, t.text, t.tracker) for t in graph.taken] == [
        (sent.provider_id, NUMBER, PHONE, WORDS, ID)
    ]


async def test_three_hundred_sends_wait_for_their_answers_side_by_side() -> None:
    async with Graph(latency_s=0, fault=Fault("hang")) as graph, opened(graph.base_url) as driver:
        sends = [asyncio.create_task(driver.send(message())) for _ in range(300)]
        await graph.until(lambda: graph.requests == 300)
        for send in sends:
            send.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError)
            for end in await asyncio.gather(*sends, return_exceptions=True)
        )


@pytest.mark.parametrize("code", [4, 17, 613, 80007, 130429, 131057])
async def test_the_number_is_throttled(code: int) -> None:
    problem = await problem_of(Fault.of(code))
    assert isinstance(problem, Throttled)
    assert (problem.scope, problem.retry_in_s) == ("number", None)


async def test_the_pair_is_throttled() -> None:
    problem = await problem_of(Fault.of(131056))
    assert isinstance(problem, Throttled)
    assert problem.scope == "pair"


async def test_too_many_requests_without_a_code_is_throttled() -> None:
    problem = await problem_of(Fault(status=429, headers=(("Retry-After", "17"),)))
    assert isinstance(problem, Throttled)
    assert problem.retry_in_s == 17


async def test_retry_after_may_be_a_date_or_rubbish() -> None:
    at = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2))
    problem = await problem_of(Fault(code=130429, status=400, headers=(("Retry-After", at),)))
    assert isinstance(problem, Throttled)
    assert problem.retry_in_s == pytest.approx(120, abs=5)
    problem = await problem_of(Fault(code=130429, status=400, headers=(("Retry-After", "soon"),)))
    assert isinstance(problem, Throttled)
    assert problem.retry_in_s is None


@pytest.mark.parametrize("code", [0, 3, 10, 33, 190, 200, 299, 368, 131005, 131031, 133010])
async def test_access_has_ended(code: int) -> None:
    assert isinstance(await problem_of(Fault.of(code)), LoggedOut)


async def test_unauthorized_without_a_code_is_logged_out() -> None:
    assert isinstance(await problem_of(Fault(status=401)), LoggedOut)


async def test_a_wrong_token_is_logged_out() -> None:
    async with Graph(latency_s=0, token="another") as graph, opened(graph.base_url) as driver:
        with pytest.raises(LoggedOut):
            await driver.send(message())


@pytest.mark.parametrize(
    "code",
    [
        100,
        130472,
        131008,
        131009,
        131021,
        131026,
        131030,
        131042,
        131047,
        131048,
        131049,
        131050,
        131051,
        131052,
        131053,
        132000,
        132001,
        132005,
        132007,
        132012,
        132015,
        132016,
        135000,
        987654,
    ],
)
async def test_the_message_is_rejected(code: int) -> None:
    problem = await problem_of(Fault(code=code, status=400))
    assert isinstance(problem, Rejected)
    assert problem.vendor_code == str(code)


async def test_an_unknown_refusal_is_rejected() -> None:
    problem = await problem_of(Fault(status=418))
    assert isinstance(problem, Rejected)
    assert problem.vendor_code == "http_418"


@pytest.mark.parametrize(
    ("fault", "maybe_sent"),
    [
        (Fault.of(500), True),
        (Fault.of(502), True),
        (Fault.of(1), True),
        (Fault.of(131000), True),
        (Fault.of(2), False),
        (Fault.of(131016), False),
        (Fault(code=131000, status=400), False),
        (Fault("late_500"), True),
        (Fault("no_id"), True),
        (Fault("drop_before"), True),
        (Fault("drop_after"), True),
        (Fault(status=408), True),
    ],
)
async def test_the_channel_is_unreachable(fault: Fault, maybe_sent: bool) -> None:
    problem = await problem_of(fault)
    assert isinstance(problem, Unreachable)
    assert problem.maybe_sent is maybe_sent


async def test_no_answer_in_time_may_have_been_sent() -> None:
    problem = await problem_of(Fault("hang"), answer_within=0.1)
    assert isinstance(problem, Unreachable)
    assert problem.maybe_sent


async def test_no_connection_has_sent_nothing() -> None:
    async with Graph() as graph:
        gone = graph.base_url
    async with opened(gone) as driver:
        with pytest.raises(Unreachable) as raised:
            await driver.send(message())
    assert not raised.value.maybe_sent


async def test_what_meta_repeats_of_the_message_is_left_out() -> None:
    details = f"Parameter '{WORDS}' to +39 333 111-2222 ({PHONE}) or button 'Window seat' is not valid"
    menu = Buttons(WORDS, (Button("w", "Window seat"),))
    fault = Fault(code=131009, status=400, details=details)
    async with Graph(latency_s=0, fault=fault) as graph, opened(graph.base_url) as driver:
        with pytest.raises(Rejected) as raised:
            await driver.send(Outbound(ID, (Identity("phone", PHONE),), menu))
    assert "Parameter '…' to +… (…) or button '…' is not valid" in str(raised.value)


async def test_a_message_that_is_not_unicode_is_rejected() -> None:
    async with Graph(latency_s=0) as graph, opened(graph.base_url) as driver:
        with pytest.raises(Rejected):
            await driver.send(message("half \ud83d"))
    assert graph.requests == 0


async def test_an_answer_that_is_no_json_may_have_been_sent() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"<html>" * 60_000)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    async with opened(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as driver:
        with pytest.raises(Unreachable) as raised:
            await driver.send(message())
    server.close()
    await server.wait_closed()
    assert raised.value.maybe_sent


async def test_marks_as_read_and_shows_typing() -> None:
    async with Graph(latency_s=0) as graph, opened(graph.base_url) as driver:
        await driver.mark_read("wamid.X", typing=False)
        await driver.mark_read("wamid.Y", typing=True)
    plain = {"messaging_product": "whatsapp", "status": "read"}
    assert graph.read_marks == [
        {**plain, "message_id": "wamid.X"},
        {**plain, "message_id": "wamid.Y", "typing_indicator": {"type": "text"}},
    ]


async def test_uploads_a_file_and_fetches_one() -> None:
    data = base64.b64encode(bytes(range(256))) * 20
    async with Graph(latency_s=0, token=TOKEN) as graph, opened(graph.base_url) as driver:
        media_id = await driver.upload(data, "application/pdf", "a.pdf")
        assert graph.media[media_id] == (data, "application/pdf")
        assert await driver.fetch(Media("document", provider_ref=media_id), len(data)) == data
        with pytest.raises(Rejected) as raised:
            await driver.fetch(Media("document", provider_ref=media_id), len(data) - 1)
        assert raised.value.vendor_code == "too_large"
        with pytest.raises(Rejected):
            await driver.fetch(Media("document", provider_ref="404"), 10)


async def test_a_file_that_is_kept_here_is_uploaded_before_its_message(tmp_path: Path) -> None:
    workspace = new_event_id()
    blobs = Blobs(tmp_path, workspace, Sealer(new_data_key(), workspace))
    ref = await blobs.write(b"a picture")
    async with Graph(latency_s=0, token=TOKEN) as graph, opened(graph.base_url) as driver:
        uploads = Uploads(driver, blobs)
        body = await uploads.ready(Media("image", mime="image/png", caption="Look", state="ready", ref=ref))
        assert isinstance(body, Media)
        assert graph.media[body.provider_ref] == (b"a picture", "image/png")
        await driver.send(Outbound(ID, (Identity("phone", PHONE),), body))
        assert graph.taken[-1].body["image"] == {"id": body.provider_ref, "caption": "Look"}
        assert await uploads.ready(body) is body
        with pytest.raises(Rejected) as raised:
            await uploads.ready(Media("image", state="ready", ref="0" * 64))
        assert raised.value.vendor_code == "no_media"


@pytest.mark.parametrize("ref", ["", "../me", "1?fields=x", "a" * 300])
async def test_a_reference_that_is_no_id_is_not_asked_for(ref: str) -> None:
    async with Graph(latency_s=0) as graph, opened(graph.base_url) as driver:
        with pytest.raises(Rejected):
            await driver.fetch(Media("image", provider_ref=ref), 10)
    assert graph.requests == 0


@pytest.mark.parametrize(
    "address",
    [
        "http://lookaside.fbsbx.com/x",
        "https://fbsbx.com.example.net/x",
        "https://evilfbsbx.com/x",
        "https://graph.facebook.com@example.net/x",
        "http://127.0.0.1:1/x",
        "/relative",
        "http://[",
    ],
)
async def test_the_token_is_shown_to_meta_only(address: str) -> None:
    async with Graph(latency_s=0, media_address=address) as graph, opened(graph.base_url) as driver:
        with pytest.raises(Rejected) as raised:
            await driver.fetch(Media("image", provider_ref=graph.add_media(b"x", "image/png")), 10)
    assert raised.value.vendor_code == "no_media"


async def test_runs_until_cancelled_and_closes_twice() -> None:
    async with opened("http://127.0.0.1:9") as driver:

        async def never(_: object) -> None: ...

        running = asyncio.create_task(driver.run(never, never))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await driver.close()


async def test_signed_statuses_come_back_with_our_id_until_the_door_takes_them() -> None:
    batches: list[bytes] = []
    refused: list[bytes] = []

    async def door(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
            body = await reader.readexactly(int(lines["content-length"]))
            assert CloudApi.verify(lines, body, {"secret": "s3"})
            first = not refused
            (refused if first else batches).append(body)
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % (503 if first else 200))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await door(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    place = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
    async with Graph(latency_s=0, door=place, secret="s3", delivered_after_s=0.03) as graph:
        async with opened(graph.base_url) as driver:
            sent = [await driver.send(message(id=str(UUID(int=n)))) for n in (1, 2)]
        await graph.until(lambda: graph.reported == 4)
    assert graph.door_failures == 1
    server.close()
    await server.wait_closed()
    receipts: list[Receipt] = [receipt for body in batches for _, receipt in CloudApi.read(body).receipts]
    assert sorted((r.provider_id, r.tracker, r.status) for r in receipts) == sorted(
        (provider.provider_id, UUID(int=n), status)
        for n, provider in enumerate(sent, 1)
        for status in ("sent", "delivered")
    )


BODY = inbound_text(NUMBER, PHONE, "Ciao", "wamid.1")
HEADERS = {name.lower(): value for name, value in signed(BODY, "s3").items()}


def test_a_signature_over_the_raw_body_is_accepted() -> None:
    assert CloudApi.verify(HEADERS, BODY, {"secret": "s3"})


@pytest.mark.parametrize(
    ("headers", "body", "secrets"),
    [
        (HEADERS, BODY + b" ", {"secret": "s3"}),
        (HEADERS, BODY, {"secret": "s4"}),
        (HEADERS, BODY, {"secret": ""}),
        (HEADERS, BODY, {}),
        ({}, BODY, {"secret": "s3"}),
        ({"x-hub-signature-256": "sha256=é\ud800"}, BODY, {"secret": "s3"}),
        ({"x-hub-signature-256": HEADERS["x-hub-signature-256"][7:]}, BODY, {"secret": "s3"}),
    ],
)
def test_any_other_signature_is_refused(headers: Any, body: bytes, secrets: Any) -> None:
    assert not CloudApi.verify(headers, body, secrets)


@given(st.text(), st.binary(max_size=50))
def test_no_guess_is_accepted(guess: str, body: bytes) -> None:
    assert not CloudApi.verify({"x-hub-signature-256": guess}, body, {"secret": "s3"})


def test_the_handshake_gives_the_challenge_to_who_knows_the_token() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "t", "hub.challenge": "1158201444"}
    assert CloudApi.handshake(query, {"verify_token": "t"}) == "1158201444"
    assert CloudApi.handshake(query, {"verify_token": "u"}) is None
    assert CloudApi.handshake(query, {"verify_token": ""}) is None
    assert CloudApi.handshake(query, {}) is None
    assert CloudApi.handshake({**query, "hub.mode": "x"}, {"verify_token": "t"}) is None
    assert CloudApi.handshake({**query, "hub.verify_token": "é\ud800"}, {"verify_token": "t"}) is None
    assert CloudApi.handshake({}, {"verify_token": "t"}) is None


def test_settings_have_names_that_flags_can_use_and_say_what_they_do() -> None:
    fields = CloudSettings.model_json_schema()["properties"]
    assert {"throttle", "max_sends", "pair_limit", "base_url"} <= set(fields)
    assert all(field["title"] and field["ui:help"] for field in fields.values())
    assert CloudSettings.model_validate({"throttle": "off", "max_sends": "off", "pair_limit": "off"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"throttle": 0},
        {"max_sends": -1},
        {"pair_limit": "no"},
        {"base_url": "ftp://x"},
        {"base_url": "https://"},
        {"base_url": "https://x/?a=1"},
        {"thottle": 3},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        CloudSettings.model_validate(wrong)


async def test_the_simulator_accepts_at_once() -> None:
    simulator = registry.driver("simulator")(Account(UUID(int=1), "sim"))
    assert (await simulator.send(message())).provider_id == f"sim:{ID}"
    assert (await simulator.send(message())).provider_id == f"sim:{ID}"
    assert simulator.capabilities.own_message_id
    assert simulator.capabilities.buttons == 3
    assert simulator.capabilities.list_rows == 10
    await simulator.close()


def test_the_registry_finds_drivers_by_folder() -> None:
    assert {"cloud_api", "simulator"} <= set(registry.names())
    for name in registry.names():
        driver = registry.driver(name)
        assert driver.channel == driver.capabilities.channel == name
    with pytest.raises(NotFound):
        registry.driver("carrier_pigeon")
