"""chatloom forms export: Flow JSON on standard output or in a file; what cannot be exported says why."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.commands.forms import FormTooLarge, NoSuchForm
from cli.main import build

FLOW = """
chatloom: flow/v1
id: f
data:
  schema: {type: object, properties: {name: {type: string, title: NAME}, photo: {type: object, format: photo}}}
steps:
  - {id: ask, action: collect, with: {fields: [name, photo]}, then: {timeout: stop, cancelled: stop, failed: stop}}
  - {id: end, action: stop}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "bot.yaml").write_text(
        "{chatloom: bot/v1, id: b, languages: [en, it], flows: [f], fallback: f}"
    )
    (tmp_path / "flows/f.yaml").write_text(FLOW.replace("NAME", "Name"))
    return tmp_path


def run(*words: Any) -> Any:
    return CliRunner().invoke(build(), ["forms", "export", *map(str, words)])


def test_it_writes_flow_json_and_names_what_the_chat_asks(folder: Path) -> None:
    shown = run(folder, "f.ask", "--language", "it")
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["screens"][0]["id"] == "FORM"
    assert "The chat asks for photo" in shown.stderr
    assert run(folder, "f.ask", "--to", folder / "form.json").exit_code == 0
    assert json.loads((folder / "form.json").read_text())["version"] == "7.3"


@pytest.mark.parametrize("step", ["f.end", "f.nothing"])
def test_a_step_that_does_not_collect_is_refused(folder: Path, step: str) -> None:
    assert isinstance(run(folder, step).exception, NoSuchForm)


def test_a_form_over_a_limit_is_refused(folder: Path) -> None:
    (folder / "flows/f.yaml").write_text(FLOW.replace("NAME", "A name that is far too long"))
    assert isinstance(run(folder, "f.ask").exception, FormTooLarge)
