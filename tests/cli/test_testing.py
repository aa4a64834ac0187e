"""`chatloom test` on a folder: reports, updating, watching, and what bot.yaml demands."""

import json
import os
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.calling import CHATLOOM, call

FILES = {
    "bot.yaml": "chatloom: bot/v1\nid: b\nlanguages: [en, it]\nflows: [f]\nfallback: f\n",
    "flows/f.yaml": (
        "chatloom: flow/v1\nid: f\nsteps:\n"
        "  - {id: hi, action: send, with: {text: {en: Hello, it: Ciao}}}\n"
        "  - {id: call, action: webhook, with: {url: 'https://a.example', json: {}}, then: {failed: sorry}}\n"
        "  - {id: thanks, action: send, with: {text: {en: Thanks, it: Grazie}}, next: stop}\n"
        "  - {id: sorry, action: send, with: {text: {en: Sorry, it: Scusa}}}\n"
    ),
    "stubs.yaml": "chatloom: stubs/v1\nstubs: {call: {after: 5s, returns: {status: 200}}}\n",
    "tests/a.yaml": "test: thanks\ntalk:\n  - user: hi\n  - bot: Hallo\n  - after: 5s\n  - bot: Thanks\n",
    "tests/b.yaml": "test: 'control \\x01 <&>'\ntalk:\n  - user: hi\n  - bot: Hello\n",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "greeter"
    for file, text in FILES.items():
        (made / file).parent.mkdir(parents=True, exist_ok=True)
        (made / file).write_text(text)
    return made


def test_what_failed_is_shown_reported_and_brought_up_to_date(path: Path, tmp_path: Path) -> None:
    junit, html = tmp_path / "junit.xml", tmp_path / "coverage.html"
    report = ("--junit", str(junit), "--html", str(html))
    failed = call("test", str(path), *report, "-j", "2")
    assert failed.returncode == 1
    assert f"{path}/tests/a.yaml:4: failed: thanks" in failed.stdout
    assert "      - Hallo" in failed.stdout
    assert "      + Hello" in failed.stdout
    suites = ElementTree.parse(junit).getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")
    case = suites.find("testsuite/testcase[@name='thanks']")
    assert case is not None
    assert (case.get("file"), case.get("line")) == ("tests/a.yaml", "4")
    assert "✗ sorry" in html.read_text()
    assert "not reached: it" in html.read_text()
    only = call("test", str(path), "--only", "b.yaml", "--json")
    assert (only.returncode, json.loads(only.stdout)["coverage"]) == (0, None)
    done = call("test", str(path), "--update", "--coverage")
    assert (done.returncode, "updated" in done.stderr) == (0, True)
    assert (path / "tests/a.yaml").read_text() == FILES["tests/a.yaml"].replace("Hallo", "Hello")
    assert "not reached: f.sorry\n" in done.stdout


def test_a_bot_demands_how_much_its_tests_reach(path: Path) -> None:
    (path / "tests/a.yaml").unlink()
    with (path / "bot.yaml").open("a") as file:
        file.write("coverage: {steps: 60, languages: 50}\n")
    low = call("test", str(path))
    assert low.returncode == 1
    assert "too little: the tests reach 50 % of its steps, not 60 %" in low.stdout
    said = json.loads(call("test", str(path), "--json").stdout)
    assert [one["kind"] for one in said["short"]] == ["steps"]
    assert said["coverage"]["percent"] == {"steps": 50.0, "outcomes": 0.0, "languages": 50.0}
    assert [line["languages"] for line in said["coverage"]["by_step"]] == [["en"], ["en"], [], []]
    (path / "stubs.yaml").write_text("chatloom: stubs/v1\nstubs: {call: {returns: {}}}\n")
    assert call("test", str(path)).returncode == 0


def test_tests_are_played_again_when_a_file_changes(path: Path) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    words = [*CHATLOOM, "test", str(path), "--watch", "--only", "thanks"]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None

        def until(part: str) -> None:
            for line in watching.stdout or ():
                if part in line:
                    return
            raise AssertionError(f"it ended without {part!r}")

        until("Watching")
        (path / "tests/a.yaml").write_text(FILES["tests/a.yaml"].replace("Hallo", "Hello"))
        until("passed: thanks")
        until("Watching")
        (path / "flows/f.yaml").write_text("chatloom: flow/v1\nid: f\n")
        until("cannot run before that is mended")
        until("Watching")
        (path / "flows/f.yaml").write_text(FILES["flows/f.yaml"])
        until("passed: thanks")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(10) in (0, 130)
    assert call("test", str(path / "tests"), "--watch").returncode == 5


def test_a_talk_in_the_terminal_is_recorded_as_a_test(path: Path) -> None:
    (path / "tests/a.yaml").unlink()
    file = path / "tests/mine.yaml"
    talked = call("chat", str(path), "--record", str(file), stdin="hi\n/wait soon\n/wait 5s\n/state\n/quit\n")
    assert talked.returncode == 0, talked.stderr
    assert "'soon' is not a duration" in talked.stdout
    assert "bot > Thanks" in talked.stdout
    text = file.read_text()
    assert text.startswith("test: mine\nat: ")
    assert (
        "  - user: hi\n  - bot: Hello\n  - after: 5s\n  - bot: Thanks\nexpect: {ended: f, how: done}\n"
        in text
    )
    assert call("test", str(path)).returncode == 0
    assert call("chat", str(path), "--record", str(file)).returncode == 2
    assert call("chat", str(path), "--record", str(path / "none/x.yaml")).returncode == 2


def test_a_talk_whose_calls_have_no_stub_is_recorded_too(path: Path) -> None:
    (path / "stubs.yaml").unlink()
    (path / "tests/a.yaml").unlink()
    talked = call("chat", str(path), "--record", str(path / "tests/mine.yaml"), stdin="hi\n")
    assert "it has no stub, so it fails" in talked.stdout
    assert "fails: no network in chat" in (path / "tests/mine.yaml").read_text()
    assert call("test", str(path)).returncode == 0
