"""Sessions of linked phones through HTTP: what is shown, what is ordered, and the stream that shows codes."""

import itertools
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from admin_api import routes
from schemas.reasons import reason
from sessions.driver import Health, Rejected
from tests.api.described import check_event
from tests.live import MASTERS, Live
from tests.runtime.linked import Line, Process, pocket
from tests.until import PATIENCE_S

EVENTS = "/api/v1/numbers/{number}/session/events"

_count = itertools.count()


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    return pocket(monkeypatch)


@pytest.fixture
def number(api: httpx.Client, line: Line) -> dict[str, Any]:
    """A number on it."""
    added = api.post("/api/v1/numbers", json={"name": f"shop-{next(_count)}", "channel": "pocket"})
    assert added.status_code == 201, added.text
    return added.json()


@pytest.fixture
def process(server: Live, number: dict[str, Any], line: Line, tmp_path: Path) -> Iterator[Process]:
    """Its process, with nobody linked yet."""
    line.linked = False
    process = Process(server.config.database_url, tmp_path, MASTERS, UUID(number["id"]), line)
    with process.running():
        yield process


def at(number: dict[str, Any], rest: str = "") -> str:
    return f"/api/v1/numbers/{number['name']}/session{rest}"


class Reader(threading.Thread):
    """Reads a session's events until the stream ends."""

    def __init__(self, api: httpx.Client, number: dict[str, Any], last: str = "", **params: Any) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self._some = threading.Condition()
        self._ask = lambda: api.stream(
            "GET", at(number, "/events"), params=params, headers={"Last-Event-ID": last} if last else {}
        )
        self.start()

    def run(self) -> None:
        with self._ask() as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            for text in answer.iter_lines():
                if text.startswith("id: "):
                    self.ids.append(text[4:])
                if text.startswith("data: "):
                    with self._some:
                        self.events.append(json.loads(text[6:]))
                        check_event(EVENTS, "state", self.events[-1])
                        self._some.notify_all()

    def until(self, state: str) -> dict[str, Any]:
        with self._some:
            assert self._some.wait_for(
                lambda: any(one["state"] == state for one in self.events), PATIENCE_S
            ), self.events
        return next(one for one in self.events if one["state"] == state)


def finished(api: httpx.Client, number: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    """The order, once it is done: the stream tells."""
    with api.stream("GET", at(number, "/events"), params={"follow": True}) as answer:
        for text in answer.iter_lines():
            if text.startswith("data: "):
                said = json.loads(text[6:])["order"]
                if said and said["id"] == order["id"] and said["done_at"]:
                    return said
    raise AssertionError("the stream ended")


def test_a_phone_is_linked_by_the_stream(
    api: httpx.Client, number: dict[str, Any], line: Line, process: Process
) -> None:
    reader = Reader(api, number)
    reader.until("unlinked")
    ordered = api.post(at(number, "/pair"), json={})
    assert (ordered.status_code, ordered.json()["kind"], ordered.json()["by"]) == (202, "pair", "operator")
    shown = reader.until("pairing")
    assert shown["qr"] == "2@secret-of-the-code"
    assert re.match(r"<svg .*viewBox=.*<path fill=\"#fff\"", shown["svg"])
    assert api.get(at(number)).json().get("qr") is None
    assert "secret" not in api.get(at(number)).text
    line.linked = True
    process.do(line.say, "online", account="491700000002")
    shown = reader.until("online")
    reader.join(15)
    assert not reader.is_alive(), "the stream ends when the session is online"
    assert (shown["account"], shown["qr"], shown["svg"]) == ("491700000002", "", "")
    assert api.get(at(number)).json()["order"]["error"] == ""
    assert api.post(at(number, "/pair"), json={}).json()["code"] == "session.already_linked"


def test_the_stream_goes_on_and_is_taken_up_again(
    api: httpx.Client, number: dict[str, Any], line: Line, process: Process
) -> None:
    process.do(line.say, "online", account="4917")
    first = Reader(api, number)
    first.until("online")
    first.join(15)
    again = Reader(api, number, last=first.ids[-1], follow=True)
    process.do(line.say, "offline", "The connection is down.")
    assert again.until("offline")["why"] == "The connection is down."
    assert [one["state"] for one in again.events] == ["offline"]
    process.do(line.say, "online")
    again.until("online")
    assert api.delete(f"/api/v1/numbers/{number['name']}", params={"sure": True}).status_code == 204
    again.join(15)
    assert not again.is_alive(), "the stream ends with its number"


def test_who_watches_is_asked_again_who_he_is(
    api: httpx.Client, number: dict[str, Any], process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes.sessions, "MOST_S", 0.5)
    reader = Reader(api, number, follow=True)
    reader.join(15)
    assert not reader.is_alive()
    assert reader.events


def test_orders_reach_the_phone(
    api: httpx.Client, number: dict[str, Any], line: Line, process: Process
) -> None:
    paired = api.post(at(number, "/pair"), json={"phone": "+49 170 000-0001"}).json()
    assert finished(api, number, paired)["error_code"] == ""
    finished(api, number, api.delete(at(number, "/pair")).json())
    assert api.post(at(number, "/unlink")).json()["code"] == "session.not_sure"
    finished(api, number, api.post(at(number, "/unlink"), params={"sure": True}).json())
    assert line.asked == [("pair", "491700000001"), ("stop_pairing",), ("log_out",)]
    line.refuses = Rejected("busy", "the phone is busy")
    failed = finished(api, number, api.post(at(number, "/pair"), json={}).json())
    assert (failed["error_code"], "busy" in failed["error"]) == ("channel.rejected", True)
    assert finished(api, number, api.post(at(number, "/restart")).json())["error_code"] == "misuse"
    states = [one["state"] for one in api.get(at(number, "/history")).json()["changes"]]
    assert states == ["logged_out", "unlinked", "pairing", "unlinked", "connecting"]


def test_history_by_pages(api: httpx.Client, number: dict[str, Any], line: Line, process: Process) -> None:
    for count in range(4):
        process.do(line.say, "offline", f"why {count}")
    process.do(line.say, "online")
    Reader(api, number).join(15)
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(at(number, "/history"), params={"limit": 4, "cursor": cursor}).json()
        pages.append([f"{one['state']} {one['why']}".strip() for one in page["changes"]])
        cursor = page["next"]
    assert pages == [
        ["online", "offline why 3", "offline why 2", "offline why 1"],
        ["offline why 0", "unlinked", "connecting The session is being opened."],
    ]
    assert api.get(at(number, "/history"), params={"cursor": "x"}).status_code == 422


def test_a_reason_has_its_code_wherever_it_is_shown(
    api: httpx.Client, number: dict[str, Any], line: Line, process: Process
) -> None:
    refused = reason("session.refused", reason=503)
    fields = {"why": refused.sentence, "why_code": "session.refused", "why_facts": {"reason": 503}}
    plain = {"why": "There is no code of it.", "why_code": "", "why_facts": {}}
    assert line.hosting is not None
    process.do(line.hosting.on_health, Health("offline", refused))
    reader = Reader(api, number)
    assert reader.until("offline").items() >= fields.items()
    where = f"/api/v1/numbers/{number['name']}"
    assert api.get(at(number)).json().items() >= fields.items()
    shown = api.get(where).json()
    named = {name: shown[name] for name in ("why_code", "why_facts")}
    assert {"why": shown["state_why"], **named} == fields
    process.do(line.say, "stuck", plain["why"])
    reader.until("stuck")
    process.do(line.say, "online")
    reader.join(15)
    assert api.get(where).json()["why_code"] == ""
    for history in (at(number, "/history"), f"{where}/states"):
        found = api.get(history).json()
        online, stuck, offline, *_ = found.get("changes") or found["items"]
        assert (online["state"], online["why_code"]) == ("online", ""), history
        assert stuck.items() >= plain.items(), history
        assert offline.items() >= fields.items(), history


def test_who_writes_another_sentence_without_a_code_takes_the_code_away(
    api: httpx.Client, server: Live, number: dict[str, Any], line: Line, process: Process
) -> None:
    assert line.hosting is not None
    process.do(line.hosting.on_health, Health("offline", reason("session.refused", reason=503)))
    reader = Reader(api, number)
    reader.until("offline")
    with psycopg.connect(server.config.database_url) as db:
        db.execute("UPDATE numbers SET state_why = 'other' WHERE id = %s", (number["id"],))
        db.execute("UPDATE sessions SET why = 'other' WHERE number_id = %s", (number["id"],))
    for where in (f"/api/v1/numbers/{number['name']}", at(number)):
        shown = api.get(where).json()
        assert (shown["why_code"], shown["why_facts"]) == ("", {}), where
    process.do(line.say, "online")
    reader.join(15)


def test_a_number_that_nobody_serves_says_so(api: httpx.Client, number: dict[str, Any]) -> None:
    shown = api.get(at(number)).json()
    assert (shown["state"], shown["served"]) == ("stopped", False)
    assert "chatloom supervise" in shown["why"]
    assert api.post(at(number, "/pair"), json={}).status_code == 202, "its process may be about to start"
    api.post(f"/api/v1/numbers/{number['name']}/pause")
    assert "Resume" in api.get(at(number)).json()["why"]
    for ask in (
        lambda: api.post(at(number, "/pair"), json={}),
        lambda: api.delete(at(number, "/pair")),
        lambda: api.post(at(number, "/restart")),
        lambda: api.post(at(number, "/unlink"), params={"sure": True}),
    ):
        assert ask().json()["code"] == "session.number_paused"


def test_other_channels_have_no_session(api: httpx.Client) -> None:
    name = f"demo-{next(_count)}"
    assert api.post("/api/v1/numbers", json={"name": name, "channel": "simulator"}).status_code == 201
    for ask in (
        api.get(f"/api/v1/numbers/{name}/session"),
        api.get(f"/api/v1/numbers/{name}/session/history"),
        api.get(f"/api/v1/numbers/{name}/session/events"),
        api.post(f"/api/v1/numbers/{name}/session/pair", json={}),
        api.post(f"/api/v1/numbers/{name}/session/unlink", params={"sure": True}),
    ):
        assert (ask.status_code, ask.json()["code"]) == (409, "session.none")
    assert api.get("/api/v1/numbers/nobody/session").status_code == 404


@pytest.mark.parametrize("phone", ["abc", "12", "+49 170 0000001 x", "1" * 40])
def test_a_phone_is_a_phone(api: httpx.Client, number: dict[str, Any], phone: str) -> None:
    assert api.post(at(number, "/pair"), json={"phone": phone}).status_code == 422


def test_what_is_sealed_is_not_in_the_tables(
    server: Live, api: httpx.Client, number: dict[str, Any], process: Process
) -> None:
    finished(api, number, api.post(at(number, "/pair"), json={"phone": "491709999999"}).json())
    with psycopg.connect(server.config.database_url) as db:
        for table in ("sessions", "session_states", "number_orders"):
            rows = db.execute(f"SELECT * FROM {table} WHERE number_id = %s", (number["id"],)).fetchall()  # type: ignore[arg-type]
            assert rows
            assert b"secret-of-the-code" not in repr(rows).encode()
            assert "491709999999" not in repr(rows)
