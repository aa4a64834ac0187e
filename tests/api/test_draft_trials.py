"""Talking with a draft and playing its tests, through HTTP; and what editors learn of flows and steps."""

import itertools
import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from flows import testing
from tests.api.described import check_event
from tests.live import Live

HELLO = {
    path.relative_to("bots/hello").as_posix(): path.read_text()
    for path in sorted(Path("bots/hello").rglob("*.yaml"))
}
BOT = "chatloom: bot/v1\nid: b\ntitle: B\nlanguages: [en]\nflows: [f]\nfallback: f\n"
FLOW = """\
chatloom: flow/v1
id: f
data: {schema: {type: object, properties: {id: {type: string}}}}
steps:
  - {id: hi, action: send, with: {text: "Hi {{ contact.name }}"}}
  - id: ask
    action: menu
    with: {text: "Well?", choices: {go: Go on, no: Leave}}
    timeout: 1h
    then: {other: ask, timeout: late, no: stop}
  - id: crm
    action: webhook
    with: {url: "https://crm.example/x?k={{ secret('k') }}", json: {a: 1}, save: {id: result.json.id},
           returns: {type: object, properties: {id: {type: string}}}}
    then: {done: thanks, failed: stop}
  - {id: thanks, action: send, with: {text: "Number {{ data.id }}"}, next: stop}
  - {id: late, action: send, with: {text: Too late}}
"""
PASSES = "test: it greets\ntalk:\n  - user: hello\n  - bot: Hi Ana\ncontact: {name: Ana}\n"
FAILS = "test: it says good night\ntalk:\n  - user: hello\n  - bot: Good night\n"
TALK = {"contact": {"name": "Ana"}, "at": "2026-11-21T10:00:00Z"}
_count = itertools.count()


def drafted(api: httpx.Client, files: dict[str, str]) -> str:
    """A bot with this draft."""
    name = f"tried-{next(_count)}"
    made = api.put(f"/api/v1/bots/{name}/draft", json={"files": files}, headers={"If-None-Match": "*"})
    assert made.status_code == 201, made.text
    return name


def simulate(api: httpx.Client, name: str, *events: dict[str, Any], **more: Any) -> httpx.Response:
    return api.post(f"/api/v1/bots/{name}/draft/simulate", json={"events": events, **more})


def events(answer: httpx.Response, path: str = "test") -> list[tuple[str, Any]]:
    """What a stream of server-sent events said, as it is described."""
    said = []
    for block in answer.text.strip().split("\n\n"):
        name, data = block.split("\n")
        said.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
        check_event(f"/api/v1/bots/{{name}}/draft/{path}", *said[-1])
    return said


@pytest.fixture
def name(api: httpx.Client) -> str:
    return drafted(api, {"bot.yaml": BOT, "flows/f.yaml": FLOW})


def test_a_talk_goes_on_from_call_to_call(api: httpx.Client, name: str) -> None:
    first = simulate(api, name, {"user": "hello"}, **TALK).json()
    assert [each["text"] for each in first["events"][0]["said"]] == ["Hi Ana", "Well? [Go on | Leave]"]
    assert first["events"][0]["said"][1]["choices"][0] == {"label": "Go on", "id": "f.ask.go"}
    assert first["events"][0]["path"] == ["f.hi", "f.ask"]
    assert (first["status"], first["flow"], first["step"]) == ("running", "f", "ask")
    assert first["timers"][0] == {"timer": "timeout.0", "at": "2026-11-21T11:00:00Z"}
    second = simulate(api, name, {"user": {"choose": "Go on"}}, state=first["state"]).json()
    [call] = second["calls"]
    assert (call["step"], call["url"], call["body"]) == ("f.crm", "https://crm.example/x?k=…", {"a": 1})
    answer = {"webhook": {"step": "crm", "returns": {"json": {"id": "L-7"}}}}
    third = simulate(api, name, answer, state=second["state"]).json()
    assert third["events"][0]["said"][0]["text"] == "Number L-7"
    assert (third["status"], third["ended"]["how"], third["data"]) == ("idle", "done", {"id": "L-7"})


def test_the_same_events_at_once_or_one_by_one_give_the_same_talk(api: httpx.Client, name: str) -> None:
    happens = [{"user": "hello"}, {"after": "2h"}, {"user": "again"}]
    whole = simulate(api, name, *happens, **TALK).json()
    parts, state = [], ""
    for event in happens:
        out = simulate(api, name, event, **TALK, state=state).json()
        parts += out["events"]
        state = out["state"]
    assert whole["events"] == parts
    assert whole["events"][1]["said"][0]["text"] == "Too late"
    whole.pop("state")
    assert {**out, "events": parts, "state": ""} == {**whole, "state": ""}


def test_a_state_is_for_the_draft_that_it_came_from(api: httpx.Client, name: str) -> None:
    state = simulate(api, name, {"user": "hello"}).json()["state"]
    other = drafted(api, {"bot.yaml": BOT, "flows/f.yaml": FLOW})
    changed = state[:-8] + ("AAAAAAAA" if state[-8:] != "AAAAAAAA" else "BBBBBBBB")
    for where, what in ((other, state), (name, changed), (name, "nonsense"), (name, "é")):
        refused = simulate(api, where, {"user": "x"}, state=what)
        assert (refused.status_code, refused.json()["code"]) == (409, "simulation.state_unfit"), what
    file = f"/api/v1/bots/{name}/draft/files/flows/f.yaml"
    seen = {"If-Match": api.get(file).headers["etag"]}
    assert api.put(file, json={"text": FLOW + "# new\n"}, headers=seen).status_code == 200
    assert simulate(api, name, {"user": "x"}, state=state).status_code == 409


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"sing": "la"}, "a line is one of"),
        ({}, "a line is one of"),
        ({"user": {"choose": "Maybe"}}, "no choice 'Maybe' was shown"),
        ({"user": {"location": {"latitude": "x"}}}, "cannot be read"),
        ({"bot": "Hi"}, "not for you"),
        ({"after": "soon"}, "is not a duration"),
        ({"webhook": "crm"}, "no webhook of the step 'crm'"),
    ],
)
def test_what_cannot_happen_is_named(api: httpx.Client, name: str, event: dict[str, Any], why: str) -> None:
    refused = simulate(api, name, {"after": "1m"}, event)
    assert (refused.status_code, refused.json()["code"]) == (422, "simulation.event_unfit"), refused.text
    assert refused.json()["detail"].startswith("events.1: ")
    assert why in refused.json()["detail"]


def test_a_talk_begins_at_a_step_with_data(api: httpx.Client, name: str) -> None:
    begun = simulate(api, name, begin={"flow": "f", "step": "thanks", "data": {"id": "L-9"}}, **TALK).json()
    assert [each["text"] for each in begun["began"]["said"]] == ["Number L-9"]
    assert (begun["events"], begun["began"]["path"], begun["ended"]["how"]) == ([], ["f.thanks"], "done")
    at = {"flow": "f", "step": "crm"}
    waits = simulate(api, name, begin=at, **TALK).json()
    assert (waits["step"], waits["calls"][0]["step"], waits["began"]["said"]) == ("crm", "f.crm", [])
    answer = {"webhook": {"step": "crm", "returns": {"json": {"id": "L-7"}}}}
    whole = simulate(api, name, answer, begin=at, **TALK).json()
    for on in (
        simulate(api, name, answer, state=waits["state"]),
        simulate(api, name, answer, begin=at, state=waits["state"]),
    ):
        assert on.json()["began"] is None
        assert on.json()["events"] == whole["events"]
        assert on.json()["data"] == {"id": "L-7"}


def test_where_no_talk_can_begin_is_named(api: httpx.Client, name: str) -> None:
    for begin, at, why in (
        ({"flow": "g"}, "begin.flow", "no flow 'g'"),
        ({"flow": "f", "step": "thank"}, "begin.step", "no step 'thank'; did you mean 'thanks'?"),
        ({"flow": "f", "data": {"idd": "x"}}, "begin.data.idd", "has no field 'idd'; did you mean 'id'?"),
        ({"flow": "f", "data": {"id": 7}}, "begin.data.id", "id: 7 is not text"),
    ):
        refused = simulate(api, name, begin=begin)
        said = refused.json()
        assert (refused.status_code, said["code"]) == (422, "simulation.begin_unfit"), refused.text
        assert (said["errors"][0]["at"], why in said["errors"][0]["why"]) == (at, True), said
        assert at in said["detail"]
    italian = api.post(
        f"/api/v1/bots/{name}/draft/simulate",
        json={"begin": {"flow": "f", "step": "thank"}},
        headers={"Accept-Language": "it"},
    )
    assert "non c'è il passo 'thank'; intendevi 'thanks'?" in italian.json()["detail"]
    path = f"/api/v1/bots/{name}/draft/simulate"
    refused = api.post(path, json={"begin": {"flow": "f", "data": {"id": "a\0b"}}})
    assert (refused.status_code, refused.json()["code"]) == (422, "input.unfit")


def test_what_no_talk_can_hold_is_refused(api: httpx.Client, name: str) -> None:
    path = f"/api/v1/bots/{name}/draft/simulate"
    for body in (b'{"events": [{"user": "\\ud800"}]}', b'{"contact": {"name": "\\udc00"}}'):
        refused = api.post(path, content=body, headers={"Content-Type": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (422, "input.unfit"), refused.text
    assert simulate(api, name, channel="pigeon").status_code == 404
    assert simulate(api, name, *[{"user": "x"}] * 101).status_code == 422
    for contact in ({"name": 5}, {"language": ["en"]}, {"phone": {}}, {"id": None}, {"timezone": 1}):
        assert simulate(api, name, {"user": "x"}, contact=contact).status_code == 200, contact


def test_a_talk_that_never_rests_is_bounded(api: httpx.Client) -> None:
    tick = "chatloom: flow/v1\nid: f\nsteps:\n  - {id: a, action: wait, with: {for: 1s}, next: a}\n"
    name = drafted(api, {"bot.yaml": BOT, "flows/f.yaml": tick})
    refused = simulate(api, name, {"user": "x"}, {"after": "30d"})
    assert "more than 1000" in refused.json()["detail"]
    refused = simulate(api, name, {"user": "x"}, *[{"after": "5m"}] * 5)
    assert "send fewer at once" in refused.json()["detail"]


def test_a_draft_with_errors_is_not_tried(api: httpx.Client) -> None:
    name = drafted(api, {"bot.yaml": BOT, "flows/f.yaml": FLOW.replace("{{ contact.name }}", "{{ data.x }}")})
    for path in ("simulate", "test"):
        refused = api.post(f"/api/v1/bots/{name}/draft/{path}", json={})
        assert (refused.status_code, refused.json()["code"]) == (422, "bots.unfit"), refused.text
        assert refused.json()["diagnostics"][0]["file"] == "flows/f.yaml"


def test_tests_of_a_draft_are_told_one_by_one(api: httpx.Client) -> None:
    tests = {"tests/a.yaml": PASSES, "tests/b.yaml": FAILS}
    name = drafted(api, {"bot.yaml": BOT, "flows/f.yaml": FLOW, **tests})
    answer = api.post(f"/api/v1/bots/{name}/draft/test")
    assert answer.headers["content-type"].startswith("text/event-stream")
    (_, passed), (_, failed), (kind, reached) = events(answer)
    assert (passed["file"], passed["passed"], passed["line"]) == ("tests/a.yaml", True, None)
    assert (failed["file"], failed["passed"], failed["line"]) == ("tests/b.yaml", False, 4)
    assert "the bot should say" in failed["failure"]
    assert "Good night" in failed["failure"]
    answer = api.post(f"/api/v1/bots/{name}/draft/test", headers={"Accept-Language": "it"})
    _, (_, failed), _ = events(answer)
    assert "il bot dovrebbe dire" in failed["failure"]
    assert "Good night" in failed["failure"]
    assert {"who": "user", "text": "hello"} in failed["transcript"]
    assert (kind, reached["tests"], reached["failed"], reached["steps"]) == ("coverage", 2, 1, 5)
    assert "f.crm" in reached["missed_steps"]
    assert (reached["percent"]["steps"], reached["demanded"]["steps"], reached["short"]) == (40, 0, [])


def test_a_draft_says_that_its_tests_reach_less_than_it_demands(api: httpx.Client) -> None:
    flow = FLOW.replace("?k={{ secret('k') }}", "")
    demanding = {"bot.yaml": BOT + "coverage: {steps: 50}\n", "flows/f.yaml": flow, "tests/a.yaml": PASSES}
    name = drafted(api, demanding)
    *_, (_, reached) = events(api.post(f"/api/v1/bots/{name}/draft/test"))
    [little] = reached["short"]
    assert (little["kind"], little["percent"], little["wanted"]) == ("steps", 40, 50)
    refused = api.post(f"/api/v1/bots/{name}/draft/publish", json={})
    assert (refused.status_code, refused.json()["code"]) == (422, "bots.coverage_low"), refused.text
    assert "40 % of its steps, not 50 % (missing: f.crm, f.thanks, f.late)" in refused.json()["detail"]
    assert refused.json()["short"][0]["missed"] == ["f.crm", "f.thanks", "f.late"]
    stubs = "chatloom: stubs/v1\nstubs: {crm: {returns: {json: {id: L-7}}}}\n"
    more = "test: it goes on\ntalk:\n  - user: hello\n  - user: Go on\n  - bot: Number L-7\n"
    enough = drafted(api, {**demanding, "stubs.yaml": stubs, "tests/b.yaml": more})
    assert api.post(f"/api/v1/bots/{enough}/draft/publish", json={}).status_code == 200


def test_a_stream_of_tests_ends_when_its_reader_leaves(
    server: Live, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = {f"tests/t{each:03}.yaml": PASSES for each in range(400)}
    name = drafted(api, {"bot.yaml": BOT, "flows/f.yaml": FLOW, **many})
    played: list[str] = []
    gone = threading.Event()
    run_test = testing.run_test

    def held(compiled: Any, path: str, *more: Any) -> Any:
        if played:
            gone.wait()
        played.append(path)
        return run_test(compiled, path, *more)

    monkeypatch.setattr(testing, "run_test", held)
    with server.client() as reader, reader.stream("POST", f"/api/v1/bots/{name}/draft/test") as stream:
        first = next(line for line in stream.iter_lines() if line.startswith("data: "))
        assert '"tests/t000.yaml"' in first
    before = 0
    gone.set()
    while len(played) > before:  # what the server still plays, it plays while it answers others
        before = len(played)
        assert api.get(f"/api/v1/bots/{name}/draft").status_code == 200
    assert len(played) < len(many)


def test_editors_learn_what_flows_and_steps_hold(api: httpx.Client) -> None:
    flow = api.get("/api/v1/schemas/flow").json()
    assert flow == json.loads(Path("schemas/json/flow.json").read_text())
    shown = api.get("/api/v1/schemas/actions").json()["items"]
    actions = {each["name"]: each for each in shown if not each["custom"]}
    italian = {"Accept-Language": "it"}
    theirs = api.get("/api/v1/schemas/actions", headers=italian).json()["items"]
    assert [(each["title"], each["custom"]) for each in theirs if each["name"] == "send"] == [
        ("Invia", False)
    ]
    triggers = api.get("/api/v1/schemas/triggers", headers=italian).json()["items"]
    assert {each["title"] for each in triggers} == {"Evento", "Messaggio", "Orario"}
    assert set(actions) == {path.stem for path in Path("flows/actions").glob("[a-z]*.py")}
    for each in actions.values():
        Draft202012Validator.check_schema(each["with_schema"])
        assert "ui:order" in each["ui_schema"]
    menu = actions["menu"]
    assert menu["outcomes"] == {
        "names": ["other", "undelivered", "timeout"],
        "keys_of": "choices",
        "results_of": "",
        "must_map": ["other"],
        "ends": False,
    }
    assert actions["call"]["outcomes"]["results_of"] == "flow"
    assert actions["stop"]["outcomes"]["ends"]
    fits = Draft202012Validator(menu["with_schema"])
    assert fits.is_valid({"text": "Well?", "choices": {"go": "Go on"}})
    assert not fits.is_valid({"text": "Well?", "choices": {}})


def test_an_editor_is_told_what_can_be_written(api: httpx.Client, name: str) -> None:
    def offered(line: int, column: int, **more: Any) -> tuple[str, list[str]]:
        body = {"file": "flows/f.yaml", "line": line, "column": column, **more}
        found = api.post(f"/api/v1/bots/{name}/draft/complete", json=body)
        assert found.status_code == 200, found.text
        return found.json()["part"], [one["label"] for one in found.json()["items"]]

    name = drafted(api, {"bot.yaml": BOT, "flows/f.yaml": FLOW})
    assert offered(5, FLOW.splitlines()[4].index("contact.name") + 11) == ("na", ["name"])
    half = FLOW.replace("then: {other: ask, timeout: late, no: stop}", "then: {other: a")
    line = half.splitlines().index("    then: {other: a") + 1
    assert offered(line, 20, text=half) == ("a", ["ask"])
    body = {"file": "flows/f.yaml", "line": 5, "column": FLOW.splitlines()[4].index("contact.name") + 1}
    place = f"/api/v1/bots/{name}/draft/complete"
    items = api.post(place, json=body, headers={"Accept-Language": "it"}).json()["items"]
    assert {one["label"]: one["says"] for one in items}["money"].startswith("Un importo in una valuta")
    keys = api.post(
        place,
        json={"file": "bot.yaml", "line": 2, "column": 1, "text": "id: x\n\n"},
        headers={"Accept-Language": "it"},
    )
    told = {one["label"]: (one["detail"], one["says"]) for one in keys.json()["items"]}
    assert (told["flows"], told["burst"]) == (
        ("necessario", "I loro avvii si provano in quest'ordine"),
        ("", "Quanto aspettare altro testo, per esempio 1500ms"),
    )
    missing = api.post(f"/api/v1/bots/{name}/draft/complete", json={"file": "x", "line": 1, "column": 1})
    assert missing.status_code == 404
