"""Linking a phone from the terminal, against a number's process without the phone."""

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import segno

from cli import pairing
from cli.pairing import NOBODY, Pairing, drawn
from sessions.driver import Rejected
from store import migrate
from tests.cli.calling import CHATLOOM, Called, call, printed
from tests.live import KEY, MASTERS, Live, live
from tests.runtime.linked import Line, Process, pocket
from tests.until import until as until_true

QR = "2@secret-of-the-code"


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Live]:
    migrate.upgrade(database_url)
    with live(database_url, rate_limit=0) as running:
        yield running


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    return pocket(monkeypatch)


class Shop:
    """A number with its process, and the commands that are called on it."""

    def __init__(self, server: Live, name: str) -> None:
        self.name = name
        self.known = {"CHATLOOM_SERVER": server.url, "CHATLOOM_OPERATOR_KEY": KEY}
        self.process: Any = None

    def run(self, *words: str) -> Called:
        return call("numbers", words[0], self.name, *words[1:], **self.known)

    def unlinked(self) -> bool:
        return "unlinked" in self.run("session").stdout

    def start(self, *words: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*CHATLOOM, "numbers", words[0], self.name, *words[1:]],
            env={**os.environ, **self.known, "COLUMNS": "120"},
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def shop(server: Live, line: Line, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Shop]:
    shop = Shop(server, re.sub(r"\W", "-", request.node.name)[:60])
    added = call("numbers", "add", "--channel", "pocket", "--name", shop.name, "--json", **shop.known)
    line.linked = False
    shop.process = Process(server.config.database_url, tmp_path, MASTERS, UUID(printed(added)["id"]), line)
    with shop.process.running():
        asyncio.run(until_true(shop.unlinked))
        yield shop


def ends(started: subprocess.Popen[str], code: int) -> tuple[str, str]:
    out, err = started.communicate(timeout=30)
    assert started.returncode == code, (out, err)
    return out or "", err


def until(started: subprocess.Popen[str], text: str) -> str:
    """What was printed up to a line that holds `text`."""
    assert started.stdout is not None
    lines: list[str] = []
    for line in started.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def test_a_code_is_drawn_and_scanned(shop: Shop, line: Line) -> None:
    started = shop.start("pair")
    shown = until(started, "scan this code")
    assert "\n".join(drawn(QR, coloured=False)) in shown
    shop.process.do(line.say, "connecting")
    shop.process.do(line.say, "online", account="491700000002")
    out, _ = ends(started, 0)
    assert out.splitlines()[-1] == "online as +491700000002"


def test_events_as_lines_for_programs(shop: Shop, line: Line) -> None:
    started = shop.start("pair", "--phone", "+49 170 1", "--json")
    event = json.loads(until(started, '"pairing"').splitlines()[-1])
    assert (event["qr"], line.asked) == (QR, [("pair", "491701")])
    shop.process.do(line.say, "pairing", "Type it.", code="ABCD-1234")
    assert "ABCD-1234" in until(started, "ABCD")
    shop.process.do(line.say, "online")
    out, _ = ends(started, 0)
    assert json.loads(out.splitlines()[-1])["state"] == "online"


def test_a_linking_that_fails_says_why(shop: Shop, line: Line) -> None:
    started = shop.start("pair")
    until(started, "scan this code")
    shop.process.do(line.say, "unlinked", "Nobody scanned a code in time. Pair again.")
    _, err = ends(started, 1)
    assert "Nobody scanned a code in time. Pair again." in err


def test_an_order_that_is_refused_says_why(shop: Shop, line: Line) -> None:
    line.refuses = Rejected("busy", "the phone is busy")
    done = shop.run("pair")
    assert (done.returncode, "the phone is busy" in done.stderr) == (1, True)
    assert json.loads(shop.run("pair", "--json").stderr)["error"]


def test_an_interrupt_stops_the_linking(shop: Shop, line: Line) -> None:
    started = shop.start("pair")
    until(started, "scan this code")
    started.send_signal(signal.SIGINT)
    out, _ = ends(started, 130)
    assert "no more codes" in out
    shown = shop.run("session")
    assert shown.returncode == 0


def test_on_a_terminal_the_next_code_takes_the_place_of_the_last(shop: Shop, line: Line) -> None:
    outer, inner = pty.openpty()
    started = shop.start("pair", stdout=inner)
    os.close(inner)
    seen = b""
    while b"scan this code" not in seen:
        seen += os.read(outer, 65536)
    height = len(drawn(QR, coloured=True)) + 2
    shop.process.do(line.say, "pairing", "Scan the code.", qr="2@next")
    while f"\x1b[{height}F\x1b[J".encode() not in seen:
        seen += os.read(outer, 65536)
    shop.process.do(line.say, "online", account="4917")
    while b"online as +4917" not in seen:
        seen += os.read(outer, 65536)
    ends(started, 0)
    os.close(outer)


def test_the_session_and_its_history_are_shown_and_orders_carried_out(shop: Shop, line: Line) -> None:
    assert "RuntimeError" in shop.run("restart").stderr
    asked = call("numbers", "unlink", shop.name, stdin="n\n", **shop.known)
    assert (asked.returncode, line.asked) == (1, [("restart",)])
    unlinked = shop.run("unlink", "--yes")
    assert unlinked.returncode == 0, unlinked.stderr
    assert "numbers pair" in unlinked.stdout
    changes = printed(shop.run("history", "--json"))
    assert [one["state"] for one in changes] == ["logged_out", "unlinked", "connecting"]
    assert "You unlinked it here." in shop.run("history").stdout
    assert printed(shop.run("session", "--json"))["state"] == "logged_out"


def test_a_number_that_is_not_linked_ends_with_3(server: Live) -> None:
    known = {"CHATLOOM_SERVER": server.url, "CHATLOOM_OPERATOR_KEY": KEY}
    printed(call("numbers", "add", "--channel", "simulator", "--name", "plain", "--json", **known))
    assert call("numbers", "pair", "plain", **known).returncode == 3


def said(state: str, order: dict[str, Any] | None, why: str = "") -> dict[str, Any]:
    return {"state": state, "why": why, "account": "", "qr": "", "code": "", "until": None, "order": order}


def test_an_order_that_nobody_takes_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(pairing.time, "monotonic", lambda: now[0])
    waits = Pairing("1", quiet=False)
    waits.hear(said("stopped", {"id": "1", "error_code": "", "done_at": None}, "No process serves it."))
    waits.hear(None)
    assert not waits.over
    assert "Waiting for it" in capsys.readouterr().out
    now[0] = 131
    waits.hear(None)
    assert (waits.over, waits.linked, waits.why) == (True, False, NOBODY)


def test_a_session_that_was_unlinked_before_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(pairing.time, "monotonic", lambda: now[0])
    begun = {"id": "1", "error_code": "", "done_at": "2026-01-01"}
    waits = Pairing("1", quiet=True)
    waits.hear(said("unlinked", begun))
    assert not waits.over
    waits.hear(said("pairing", begun))
    waits.hear(said("unlinked", begun))
    assert (waits.over, waits.linked) == (True, False)
    silent = Pairing("1", quiet=True)
    silent.hear(said("unlinked", begun))
    now[0] = 91
    silent.hear(None)
    assert (silent.over, silent.linked) == (True, False)


def test_what_is_drawn_is_the_code() -> None:
    rows: list[list[bool]] = []
    for text in drawn(QR, coloured=False):
        rows.append([each in " ▄" for each in text])
        rows.append([each in " ▀" for each in text])
    dark = [list(map(bool, row)) for row in segno.make(QR, error="l", micro=False).matrix_iter(border=2)]
    assert rows[: len(dark)] == dark
