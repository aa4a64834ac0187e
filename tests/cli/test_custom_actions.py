"""Custom actions by the command line: declared from a file, pulled into a folder, and known there."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from store import migrate
from tests.cli.calling import call, printed
from tests.cli.test_commands import Run
from tests.live import KEY, live

FIND = """\
chatloom: action/v1
name: crm_find
input_schema: {type: object, required: [email], properties: {email: {type: string}}}
outcomes: [found, missing]
result_schema: {type: object, properties: {id: {type: string}}}
"""
FLOW = """\
chatloom: flow/v1
id: f
data: {schema: {type: object, properties: {lead: {type: string}}}}
steps:
  - id: find
    action: crm_find
    with: {email: "{{ message.text }}", save: {lead: result.data.id}}
    then: {missing: stop, failed: stop, timeout: stop}
  - {id: thanks, action: send, with: {text: "Lead {{ data.lead }}"}}
"""
TEST = """\
test: it finds
talk:
  - user: a@b.example
  - action: {step: find, input: {email: a@b.example}, outcome: found, data: {id: L-7}}
  - bot: Lead L-7
"""


@pytest.fixture(scope="module")
def run(database_url: str) -> Iterator[Run]:
    migrate.upgrade(database_url)
    with live(database_url, allow_private_webhooks=True) as server:
        yield lambda *words: call(*words, CHATLOOM_SERVER=server.url, CHATLOOM_OPERATOR_KEY=KEY)


class Crm(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        said = b'{"outcome": "found", "data": {"id": "L-7"}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def crm() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Crm) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook"
        finally:
            server.shutdown()
            thread.join()


def bot(path: Path) -> Path:
    for file, text in {
        "bot.yaml": "{chatloom: bot/v1, id: b, flows: [f], fallback: f}\n",
        "flows/f.yaml": FLOW,
        "tests/f.yaml": TEST,
    }.items():
        (path / file).parent.mkdir(parents=True, exist_ok=True)
        (path / file).write_text(text)
    return path


def test_a_folder_knows_an_authors_action_once_it_is_pulled(run: Run, tmp_path: Path) -> None:
    path, file = bot(tmp_path / "bot"), tmp_path / "find.yaml"
    file.write_text(FIND)
    assert call("check", str(path)).returncode == 1
    assert run("custom-actions", "declare", str(file)).returncode == 2
    made = printed(run("custom-actions", "declare", str(file), "--url", "https://crm.example/x", "--json"))
    assert made["secret"].startswith("whsec_")
    assert printed(run("custom-actions", "pull", str(path), "--json"))["written"] == ["actions/crm_find.yaml"]
    assert call("check", str(path)).returncode == 0
    assert call("test", str(path)).returncode == 0
    assert (
        "calls the custom action crm_find; it has no stub"
        in call("chat", str(path), stdin="a@b.example\n").stdout
    )
    pushed = printed(run("bots", "push", str(path), "--json"))
    assert [one for one in pushed["diagnostics"] if one["severity"] == "error"] == []


def test_a_declaration_is_changed_tried_and_removed(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(FIND.replace("crm_find", "crm_other"))
    with crm() as url:
        words = ("custom-actions", "declare", str(file), "--url", url, "--json")
        secret = printed(run(*words))["secret"]
        file.write_text(FIND.replace("crm_find", "crm_other").replace("missing]", "missing, many]"))
        assert printed(run(*words[:3], "--json"))["outcomes"] == ["found", "missing", "many"]
        assert "crm_other" in run("custom-actions", "list").stdout
        tried = run("custom-actions", "try", "crm_other", json.dumps({"email": "a@b.example"}), "--json")
        assert printed(tried)["outcome"] == "found"
    assert printed(run("custom-actions", "new-secret", "crm_other", "--json"))["secret"] != secret
    assert run("custom-actions", "try", "crm_other", "{").returncode == 2
    assert run("custom-actions", "remove", "crm_other").returncode == 0
    assert run("custom-actions", "remove", "crm_other").returncode == 3
    file.write_text("chatloom: action/v1\n")
    refused = run("custom-actions", "declare", str(file))
    assert (refused.returncode, "declares no custom action" in refused.stderr) == (5, True)
