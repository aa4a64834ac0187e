"""chatloom import: a folder that checks and talks, notes a line each, and refusals that say what to do."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.commands.imports import FileUnreadable, FolderTaken, NoSuchVendor
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
    ]
    for words, problem in cases:
        assert isinstance(run("import", *words).exception, problem), words
        assert not to.exists()


@pytest.mark.parametrize("text", [b"\xff", b"[" * 100_000], ids=["no text", "deep"])
def test_what_is_no_json_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "a.json").write_bytes(text)
    shown = run("import", "typebot", tmp_path / "a.json", "--to", tmp_path / "b")
    assert isinstance(shown.exception, FileUnreadable)
