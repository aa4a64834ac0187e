"""Custom actions through HTTP: declared, checked, tried, changed; and answered later."""

import asyncio
import datetime as dt
import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from schemas.effects import CallWebhook
from schemas.ids import new_event_id
from store import callback
from store.inbox import Place
from tests.api import test_draft_trials as trials
from tests.api.people import elsewhere, signed_in
from tests.api.talk import Talk, sealer_of
from tests.live import Live, live
from tests.receiver import Receiver, receiver
from tests.until import until

BOT = "chatloom: bot/v1\nid: b\ntitle: B\nlanguages: [en]\nflows: [f]\nfallback: f\n"
FLOW = """\
chatloom: flow/v1
id: f
data: {schema: {type: object, properties: {lead: {type: string}}}}
steps:
  - id: find
    action: NAME
    with: {email: "{{ message.text }}", save: {lead: result.data.id}}
    then: {missing: stop, failed: stop, timeout: stop}
  - {id: thanks, action: send, with: {text: "Lead {{ data.lead }}"}}
"""
FIND: dict[str, Any] = {
    "title": "Find in the CRM",
    "input_schema": {
        "type": "object",
        "required": ["email"],
        "properties": {"email": {"type": "string", "minLength": 3, "title": "E-mail"}},
    },
    "ui_schema": {"email": {"ui:placeholder": "you@example.com"}},
    "outcomes": ["found", "missing"],
    "result_schema": {"type": "object", "properties": {"id": {"type": "string"}}},
    "answer_within_s": 600,
}
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MANY = 8  # as many connections as a server has
_count = itertools.count()


def declare(api: httpx.Client, url: str = "https://crm.example/hook", **more: Any) -> dict[str, Any]:
    name = f"crm_find_{next(_count)}"
    made = api.post("/api/v1/custom-actions", json={**FIND, "name": name, "url": url, **more})
    assert made.status_code == 201, made.text
    return made.json()


def publish(api: httpx.Client, action: str) -> str:
    name = f"b-{action.replace('_', '-')}"
    files = {"bot.yaml": BOT, "flows/f.yaml": FLOW.replace("NAME", action)}
    assert api.put(f"/api/v1/bots/{name}", json={"files": files}).json()["diagnostics"] == []
    assert api.post(f"/api/v1/bots/{name}/versions/1/publish").status_code == 200
    return name


def test_it_is_declared_and_used_like_one_that_is_built_in(api: httpx.Client) -> None:
    made = declare(api)
    name = made["name"]
    assert made["secret"].startswith("whsec_")
    assert made["secret"] not in api.get("/api/v1/custom-actions").text
    shown = {each["name"]: each for each in api.get("/api/v1/schemas/actions").json()["items"]}[name]
    assert (shown["custom"], shown["title"]) == (True, "Find in the CRM")
    assert shown["outcomes"]["names"] == ["found", "missing", "failed", "timeout"]
    assert shown["with_schema"]["properties"]["email"]["title"] == "E-mail"
    bot = publish(api, name)
    path = f"/api/v1/bots/{bot}/draft/simulate"
    first = api.post(path, json={"events": [{"user": "a@b.c"}]}).json()
    assert (first["calls"][0]["action"], first["calls"][0]["body"]) == (name, {"email": "a@b.c"})
    answer = {"action": {"step": "find", "outcome": "found", "data": {"id": "L-7"}}}
    second = api.post(path, json={"state": first["state"], "events": [answer]}).json()
    assert second["events"][0]["said"][0]["text"] == "Lead L-7"


def test_null_takes_back_that_answers_are_checked(api: httpx.Client) -> None:
    made = declare(api)
    assert made["result_schema"] is not None
    at = f"/api/v1/custom-actions/{made['name']}"
    assert api.patch(at, json={"title": None}).json()["title"] == made["title"]
    assert api.patch(at, json={"result_schema": None}).json()["result_schema"] is None


def test_a_step_that_does_not_fit_is_an_error_with_its_place(api: httpx.Client) -> None:
    name = declare(api)["name"]
    wrong = FLOW.replace("NAME", name).replace("email:", "emial:")
    files = {"bot.yaml": BOT, "flows/f.yaml": wrong}
    said = api.put(f"/api/v1/bots/wrong-{next(_count)}", json={"files": files}).json()["diagnostics"]
    assert {(one["code"], one["line"]) for one in said} >= {("F002", 7), ("F030", 7)}
    other = {"bot.yaml": BOT, "flows/f.yaml": FLOW.replace("NAME", f"{name}x")}
    said = api.put(f"/api/v1/bots/wrong-{next(_count)}", json={"files": other}).json()["diagnostics"]
    assert [name in one["hint"] for one in said if one["code"] == "F015"] == [True]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "webhook"}, "is built in"),
        ({"outcomes": ["found", "timeout"]}, "timeout is every such step's already"),
        ({"outcomes": ["found", "found"]}, "twice"),
        ({"input_schema": {"type": "string"}}, "type: object"),
        ({"input_schema": {"type": "object", "properties": {"save": {}}}}, "where a step keeps results"),
        ({"input_schema": {"type": "objekt"}}, "not JSON Schema"),
        ({"result_schema": {"$ref": "https://evil.example/x.json"}}, "leads nowhere"),
    ],
)
def test_what_cannot_be_a_kind_of_step(api: httpx.Client, change: dict[str, Any], says: str) -> None:
    body = {**FIND, "name": "crm_unfit", "url": "https://crm.example/", **change}
    refused = api.post("/api/v1/custom-actions", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "custom_actions.unfit"), refused.text
    assert says in refused.json()["detail"]


def test_schemas_hold_any_text_but_a_nul(api: httpx.Client) -> None:
    made = declare(api, ui_schema={"email": {"ui:help": r"Write \u0000 as it is"}})
    assert made["ui_schema"]["email"]["ui:help"] == r"Write \u0000 as it is"
    body = {**FIND, "name": "crm_nul", "url": "https://crm.example/", "ui_schema": {"email": {"x": "\0"}}}
    assert api.post("/api/v1/custom-actions", json=body).status_code == 422


def test_what_bots_in_service_need_stays(api: httpx.Client) -> None:
    name = declare(api)["name"]
    bot = publish(api, name)
    path = f"/api/v1/custom-actions/{name}"
    for answer in (api.patch(path, json={"outcomes": ["found"]}), api.delete(path)):
        assert (answer.status_code, answer.json()["code"]) == (409, "custom_actions.in_use"), answer.text
        assert bot in answer.json()["detail"]
    changed = api.patch(path, json={"outcomes": ["found", "missing", "twice"], "title": "New"})
    assert changed.json()["outcomes"] == ["found", "missing", "twice"]
    plain = {"bot.yaml": BOT, "flows/f.yaml": "chatloom: flow/v1\nid: f\nsteps:\n  - {id: a, action: stop}\n"}
    api.put(f"/api/v1/bots/{bot}", json={"files": plain})
    assert api.post(f"/api/v1/bots/{bot}/versions/2/publish").status_code == 200
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_another_workspaces_are_not_seen(server: Live, api: httpx.Client) -> None:
    name = declare(api)["name"]
    with server.client(None) as client:
        theirs = signed_in(client, elsewhere(server)).client
        assert theirs.get("/api/v1/custom-actions").json()["items"] == []
        assert theirs.get(f"/api/v1/custom-actions/{name}").status_code == 404
        shown = theirs.get("/api/v1/schemas/actions").json()["items"]
        assert not [each for each in shown if each["custom"]]


@contextmanager
def listening() -> Iterator[Receiver]:
    """An integration on loopback, in a thread of its own."""
    ready: Future[Receiver] = Future()
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        async with receiver() as found:
            ready.set_result(found)
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        yield ready.result()
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def answering(body: Any, status: int = 200) -> Any:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return answer


@pytest.fixture(scope="module")
def open_server(migrated_url: str) -> Iterator[Live]:
    """A server that may call private addresses."""
    with live(migrated_url, allow_private_webhooks=True) as running:
        yield running


def test_it_is_tried_with_a_sample(open_server: Live) -> None:
    with open_server.client() as api, listening() as crm:
        made = declare(api, crm.url)
        path = f"/api/v1/custom-actions/{made['name']}/try"

        def tried(answer: Any, **sample: Any) -> dict[str, Any]:
            crm.answer = answer
            return api.post(path, json={"input": sample or {"email": "a@b.c"}}).json()

        out = tried(answering({"outcome": "found", "data": {"id": "L-7"}}))
        assert (out["status"], out["outcome"], out["data"], out["fault"]) == (200, "found", {"id": "L-7"}, "")
        [said] = crm.verified(made["secret"])
        assert (said["action"], said["input"], said["try"]) == (made["name"], {"email": "a@b.c"}, True)
        assert "none of found, missing" in tried(answering({"outcome": "lost"}))["fault"]
        assert "does not fit" in tried(answering({"outcome": "found", "data": {"id": 7}}))["fault"]
        assert "no JSON object" in tried(answering([1]))["fault"]
        assert tried(answering({}, 202))["later"]
        assert tried(answering({}, 500))["fault"] == "HTTP 500"
        assert tried(None, email="x")["code"] == "custom_actions.sample_unfit"
        api.headers["Accept-Language"] = "it"
        assert tried(None, email="x")["why"] == "'x' ha meno di 3 caratteri"
        assert tried(answering([1]))["fault"] == "la risposta non è un oggetto JSON con outcome e data"
        anew = api.post(f"/api/v1/custom-actions/{made['name']}/new-secret").json()["secret"]
        tried(answering({}))
        headers, body = crm.came[-1]
        assert Webhook(anew).verify(body, headers) == Webhook(made["secret"]).verify(body, headers)


def test_private_addresses_are_refused(api: httpx.Client) -> None:
    name = declare(api, "http://127.0.0.1:9/hook")["name"]
    out = api.post(f"/api/v1/custom-actions/{name}/try", json={"input": {"email": "a@b.c"}}).json()
    assert "private address" in out["fault"]


@pytest.mark.parametrize("token", ["x", f"{'0' * 32}.AAAA", "é", "0" * 999])
def test_an_address_that_is_none_answers_nothing(server: Live, token: str) -> None:
    with server.client(None) as anybody:
        answer = anybody.post(f"/api/v1/action-callbacks/{token}", json={"outcome": "found"})
    assert (answer.status_code, answer.json()["code"]) == (404, "action_callbacks.unknown")


def test_answers_to_our_calls_are_not_counted(server: Live, api: httpx.Client, migrated_url: str) -> None:
    sealer = sealer_of(migrated_url, Talk(server, api).number)
    until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    call = CallWebhook("POST", (), id=new_event_id(), action="gone", answer_by=until)
    token = callback.token(sealer, Place(new_event_id(), sealer.workspace_id), new_event_id(), call)
    with live(migrated_url, rate_limit=1) as narrow, narrow.client(None) as anybody:

        def answer(token: str) -> int:
            at = f"/api/v1/action-callbacks/{token}"
            return anybody.post(at, json={"outcome": "found"}).status_code

        assert [answer(token) for _ in range(3)] == [404, 404, 404]
        assert [answer(f"{token}x") for _ in range(2)] == [404, 429]


def test_a_call_of_a_simulated_talk_is_made_for_real(open_server: Live, api: httpx.Client) -> None:
    with open_server.client() as at, listening() as crm:
        secrets = {"k": "s3cret", "webhook_secret": SIGNING}
        for key, value in secrets.items():
            assert at.put(f"/api/v1/secrets/{key}", json={"value": value}).is_success
        flow = trials.FLOW.replace("https://crm.example/x", crm.url)
        name = trials.drafted(at, {"bot.yaml": trials.BOT, "flows/f.yaml": flow})
        said = {"user": "hello"}, {"user": {"choose": "Go on"}}
        state = trials.simulate(at, name, *said, **trials.TALK).json()["state"]

        def call(
            by: httpx.Client, bot: str = name, step: str = "f.crm", state: str = state
        ) -> dict[str, Any]:
            path = f"/api/v1/bots/{bot}/draft/simulate/call"
            return by.post(path, json={"state": state, "step": step}).json()

        refused = call(api)["line"]  # by a server that may not
        assert refused == {"webhook": {"step": "f.crm", "fails": "the target is on a private address"}}
        assert call(at, step="f.none")["code"] == "not_found"
        assert crm.came == []
        crm.answer = answering({"id": "L-9", "said": ["it was s3cret"]})
        made = call(at)
        assert made["line"]["webhook"]["returns"]["json"] == {"id": "L-9", "said": ["it was …"]}
        assert (crm.verified(SIGNING), made["status"], made["later"]) == ([{"a": 1}], 200, False)
        on = trials.simulate(at, name, made["line"], state=state).json()
        assert on["events"][0]["said"][0]["text"] == "Number L-9"
        crm.answer = answering({}, 500)
        assert call(at)["line"]["webhook"]["returns"]["status"] == 500
        assert len({headers["idempotency-key"] for headers, _ in crm.came}) == 2
        [told, *_] = at.get("/api/v1/audit", params={"action": "draft.call"}).json()["items"]
        assert told["changes"] == {"step": "f.crm", "to": crm.url.split("/")[2]}

        action = declare(at, crm.url)
        bot = publish(at, action["name"])
        first = {"events": [{"user": "a@b.c"}]}
        state = at.post(f"/api/v1/bots/{bot}/draft/simulate", json=first).json()["state"]
        crm.came.clear()
        crm.answer = answering({"outcome": "found", "data": {"id": "L-7"}})
        line = call(at, bot, "f.find", state)["line"]
        assert line == {"action": {"step": "f.find", "outcome": "found", "data": {"id": "L-7"}}}
        [body] = crm.verified(action["secret"])
        assert (body["input"], body["step"], body["try"]) == ({"email": "a@b.c"}, "f.find", True)
        crm.answer = answering({}, 202)
        later = call(at, bot, "f.find", state)
        assert (later["line"], later["later"]) == (None, True)
        for key in secrets:
            assert at.delete(f"/api/v1/secrets/{key}").is_success


def test_calls_that_are_tried_hold_no_connection_to_the_database(open_server: Live) -> None:
    with open_server.client() as at, listening() as crm, ThreadPoolExecutor(2 * MANY) as people:
        action = declare(at, crm.url)["name"]
        flow = trials.FLOW.replace("https://crm.example/x?k={{ secret('k') }}", crm.url)
        bot = trials.drafted(at, {"bot.yaml": trials.BOT, "flows/f.yaml": flow})
        said = {"user": "hello"}, {"user": {"choose": "Go on"}}
        state = trials.simulate(at, bot, *said, **trials.TALK).json()["state"]
        bodies = {
            f"/api/v1/custom-actions/{action}/try": {"input": {"email": "a@b.c"}},
            f"/api/v1/bots/{bot}/draft/simulate/call": {"state": state, "step": "f.crm"},
        }
        answered = threading.Event()

        async def wait(_: web.Request) -> web.StreamResponse:
            await asyncio.to_thread(answered.wait)
            return web.json_response({"outcome": "found", "data": {"id": "L-7"}})

        crm.answer = wait
        try:
            made = [
                people.submit(at.post, path, json=body) for path, body in bodies.items() for _ in range(MANY)
            ]
            asyncio.run(until(lambda: len(crm.came) == 2 * MANY))
            assert at.get("/api/v1/custom-actions").status_code == 200
        finally:
            answered.set()
        assert [one.result().json()["status"] for one in made] == [200] * 2 * MANY
