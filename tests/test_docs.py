"""Every YAML block in the docs is a document that loads; flows compile, and their test blocks pass."""

import re
from pathlib import Path

import pytest
import yaml

from flows import bot, compiler, testing
from flows.world import World
from sessions.registry import driver

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[str]:
    return BLOCK.findall(page.read_text())


def kind_of(text: str) -> str:
    document = yaml.load(text, Loader=yaml.BaseLoader)
    return document.get("chatloom", "test/v1" if "test" in document else "")


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_the_yaml_in_the_docs_is_true(page: Path) -> None:
    files: dict[str, str] = {}
    for place, text in enumerate(blocks(page)):
        match kind_of(text):
            case "bot/v1" | "stubs/v1" | "texts/v1":
                pass  # shown for its keys; the flows below are what runs
            case "flow/v1":
                files[f"flows/f{place}.yaml"] = text
            case "test/v1":
                files[f"tests/t{place}.yaml"] = text
            case other:
                pytest.fail(f"{page.name}: block {place} is of no known kind: {other!r}")
    ids = re.findall(r"^id: (\w+)", "\n".join(files.values()), re.MULTILINE)
    files["bot.yaml"] = (
        f"{{chatloom: bot/v1, id: docs, languages: [en, it], flows: [{', '.join(ids)}], fallback: {ids[0]}}}"
    )
    read = bot.load(files)
    compiled, found = compiler.build(read, World())
    assert [str(one) for one in found if one.severity == "error"] == []
    assert compiled is not None
    for result in testing.run_tests(compiled, read, {"cloud_api": driver("cloud_api").capabilities}):
        assert result.passed, result.failure


def test_bot_documents_in_the_docs_load() -> None:
    for page in PAGES:
        for text in blocks(page):
            if kind_of(text) == "bot/v1":
                assert bot.load({"bot.yaml": text}).diagnostics == ()
