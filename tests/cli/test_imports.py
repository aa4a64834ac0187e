"""chatloom import: a folder that checks and talks, notes a line each, and refusals that say what to do."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.commands.imports import FileUnreadable, FolderTaken, NoExports, NoSuchVendor, NowhereTo
from cli.main import build
from importers.imported import ExportUnfit

DATA = Path(__file__).parents[1] / "data" / "imports"


def run(*words: Any) -> Any:
    return CliRunner().invoke(build(), list(map(str, words)))


def test_an_export_becomes_a_folder(tmp_path: Path) -> None:
    to = tmp_path / "How was it"
    shown = run("import", "typebot", DATA / "typebot/survey.json", "--to", to)
    assert shown.exit_code == 0, shown.output
    assert "note: Why, openai: there is no equivalent of “openai”" in shown.stdout
    assert "3 notes, no errors" in shown.stdout
    assert (to / "bot.yaml").read_text().startswith("chatloom: bot/v1\nid: how_was_it\n")
    assert "openai" in (to / "IMPORT.md").read_text()
    assert run("check", to).exit_code == 0


def test_as_json(tmp_path: Path) -> None:
    shown = run("import", "textit", DATA / "textit/parent.json", "--to", tmp_path / "b", "--json")
    said = json.loads(shown.stdout)
    assert said["files"] == ["IMPORT.md", "bot.yaml", "flows/ask_name.yaml", "flows/survey.yaml"]
    assert said["errors"] == 0
    assert {"at": "Survey, send_email", "what": "there is no equivalent of “send_email”"} in said["findings"]


def test_many_at_once_are_a_table_and_one_that_is_none_stops_no_other(tmp_path: Path) -> None:
    exports, to = tmp_path / "exports", tmp_path / "bots"
    exports.mkdir()
    for name, export in {"Desk 1": "twilio/desk", "desk_1": "twilio/child", "none": "typebot/quiz"}.items():
        (exports / f"{name}.json").write_bytes((DATA / f"{export}.json").read_bytes())

    tried = run("import", "twilio", exports, "--dry-run")
    assert tried.exit_code == 1
    assert [line.split() for line in tried.stdout.splitlines()[:3]] == [
        ["file", "notes", "errors"], ["Desk", "1.json", "2", "0"], ["desk_1.json", "1", "0"],
    ]  # fmt: skip
    assert "refused: none.json: This is no export of Twilio Studio that can be read: states" in tried.stdout
    assert "2 of 3 can be read" in tried.stdout
    assert not to.exists()

    rows = json.loads(run("import", "twilio", exports, "--to", to, "--json").stdout)
    assert [(row["errors"], bool(row["refused"])) for row in rows] == [(0, False), (0, False), (1, True)]
    assert [row["to"] for row in rows] == [str(to / "desk-1"), str(to / "desk-1-2"), None]
    for bot in to.iterdir():
        assert run("check", bot).exit_code == 0
    assert (to / "desk-1-2/bot.yaml").read_text().startswith("chatloom: bot/v1\nid: desk_1_2\n")

    one, other = DATA / "twilio/orders.json", DATA / "twilio/waitlist.json"
    assert run("import", "twilio", one, other, "--to", tmp_path / "two").exit_code == 0
    assert "notes, no errors" in run("import", "twilio", one, "--dry-run").stdout


def test_what_cannot_be_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    taken, to, file = tmp_path / "taken", tmp_path / "b", tmp_path / "export.json"
    taken.mkdir()
    (taken / "a").touch()
    file.write_text("{")
    export = DATA / "twilio/orders.json"
    cases: list[tuple[list[Any], type[Exception]]] = [
        (["other", export, "--to", to], NoSuchVendor),
        (["twilio", export, "--to", taken], FolderTaken),
        (["twilio", export, "--to", file], FolderTaken),
        (["twilio", tmp_path / "none.json", "--to", to], FileUnreadable),
        (["twilio", file, "--to", to], FileUnreadable),
        (["textit", export, "--to", to], ExportUnfit),
        (["twilio", export], NowhereTo),
        (["twilio", taken, "--to", to], NoExports),
    ]
    for words, problem in cases:
        assert isinstance(run("import", *words).exception, problem), words
        assert not to.exists()


@pytest.mark.parametrize("text", [b"\xff", b"[" * 100_000], ids=["no text", "deep"])
def test_what_is_no_json_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "a.json").write_bytes(text)
    shown = run("import", "typebot", tmp_path / "a.json", "--to", tmp_path / "b")
    assert isinstance(shown.exception, FileUnreadable)
