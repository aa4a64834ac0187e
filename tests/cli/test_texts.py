"""`chatloom texts`: what is to be translated, and files for translators, on a folder."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import build

MAIN = "chatloom: bot/v1\nid: b\nlanguages: [en, it, fr]\nflows: [f]\nfallback: f\n"
FLOW = (
    "chatloom: flow/v1\nid: f\nsteps:\n"
    "  - {id: hi, action: send, with: {text: {en: Hi, it: Ciao}}}\n"
    "  - {id: bye, action: send, with: {text: Bye}}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bot = tmp_path / "bot"
    (bot / "flows").mkdir(parents=True)
    (bot / "bot.yaml").write_text(MAIN)
    (bot / "flows/f.yaml").write_text(FLOW)
    return bot


def run(*words: str | Path) -> str:
    done = CliRunner().invoke(build(), [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.stdout


def counts(folder: Path) -> dict[str, tuple[int, int, int]]:
    out = json.loads(run("texts", "status", folder, "--json"))
    return {row["language"]: (row["translated"], row["missing"], row["shared"]) for row in out["languages"]}


def test_texts_go_to_translators_and_back(folder: Path) -> None:
    assert counts(folder) == {"it": (1, 0, 1), "fr": (0, 1, 1)}
    assert "flows/f.yaml:4: missing in fr: flows/f/steps/hi/with/text" in run("texts", "status", folder)
    for name, language in (("fr.po", "fr"), ("it.xlf", "it")):
        file = folder.parent / name
        run("texts", "export", folder, file, "--language", language)
        text = file.read_text()
        text = text.replace('msgid "Bye"\nmsgstr ""', 'msgid "Bye"\nmsgstr "Salut"')
        text = text.replace(
            '<target state="needs-translation" />', '<target state="translated">Addio</target>'
        )
        file.write_text(text)
        assert f"{language}: 1 translations are new or changed" in run("texts", "import", folder, file)
    assert counts(folder) == {"it": (2, 0, 0), "fr": (1, 1, 0)}
    table = folder.parent / "all.csv"
    run("texts", "export", folder, table)
    table.write_bytes(table.read_bytes() + b"gone,,x,y,z\r\n")
    out = json.loads(run("texts", "import", folder, table, "--json"))
    assert out == {"languages": [{"language": "it", "changed": 0}, {"language": "fr", "changed": 0}], "unknown": ["gone"]}  # fmt: skip
    assert "from: Bye" in (folder / "texts/fr.yaml").read_text()
    run("check", folder)


def test_what_cannot_be_done_is_said(folder: Path) -> None:
    for words in (
        ("texts", "export", folder, folder / "x.doc"),
        ("texts", "export", folder, folder / "x.po"),
        ("texts", "export", folder, folder / "x.po", "-l", "de"),
    ):
        assert CliRunner().invoke(build(), [str(word) for word in words]).exit_code != 0
