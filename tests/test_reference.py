"""The documentation names what there is: commands, options, settings, routes; and so do the deployment files."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from cli import main, reference, settings
from tests.api.described import document

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHELL = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(chatloom [^`]+)`")
VARIABLE = re.compile(r"\b(CHATLOOM_[A-Z_]+|DATABASE_[A-Z_]+|REDIS_URL|PROMETHEUS_[A-Z_]+)\b")
NOT_SETTINGS = {"CHATLOOM_NUMBER", "CHATLOOM_DOMAIN"}  # compose.yaml's own
COMMANDS = typer.main.get_command(main.build())


def examples() -> list[str]:
    """Every call of `chatloom` that the documentation and the commands' own help show."""
    found: set[str] = set()
    for page in PAGES:
        text = page.read_text()
        lines = "\n".join(SHELL.findall(text)).replace("\\\n", " ").splitlines()
        found |= {line.strip() for line in lines} | set(INLINE.findall(text))
    for _, command in reference.commands():
        found |= set(re.findall(r"Example: (.+)", command.epilog))
    parts = (part.split("#")[0].strip() for line in found for part in line.split("&&"))
    calls = (re.sub(r"^(docker compose exec serve |[A-Z_]+=\S+ |\.venv/bin/)+", "", part) for part in parts)
    return sorted({call for call in calls if re.match(r"chatloom( [^<]|$)", call)})


def test_examples_parse() -> None:
    found = examples()
    assert len(found) > 40
    for example in found:
        assert (fault := fault_of(example)) is None, f"{example}: {fault}"


def fault_of(example: str) -> str | None:
    """What keeps a call from being understood."""
    command: Any = COMMANDS
    words = [word for word in shlex.split(example)[1:] if word != "…"]
    options: list[str] = []
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return f"there is no {words[0]}"
        command = command.commands[words.pop(0)]
    for word in words:
        if word.startswith("-") and word != "-h":
            options = [name for each in command.params for name in (*each.opts, *each.secondary_opts)]
            if word.partition("=")[0] not in options:
                return f"there is no {word}"
    return None


def test_the_generated_parts_are_up_to_date() -> None:
    assert reference.export(check=True) == [], "run: make schemas"


@pytest.mark.parametrize(
    "file", [".env.example", "Dockerfile", "compose.yaml", "Makefile", "README.md", "docs/operating.md"]
)
def test_variables_are_settings(file: str) -> None:
    known = {variable for variable, _, _ in settings.described()}
    named = set(VARIABLE.findall((ROOT / file).read_text()))
    assert named - known - NOT_SETTINGS == set()
    if file == ".env.example":
        assert known - named == set()


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_each_route_of_the_api_has_its_line() -> None:
    shown = (ROOT / "docs" / "api.md").read_text()
    for path, methods in document()["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}`" in shown


def test_compose_runs_commands_that_exist() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for name in ("migrate", "serve", "work", "supervise", "number"):
        command: Any = COMMANDS
        for word in services[name]["command"]:
            if hasattr(command, "commands"):
                command = command.commands[word]


def test_our_containers_can_write_nowhere_but_to_their_volumes() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for name, service in services.items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "mem_limit" in service, name
        if name != "postgres":
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name


def test_the_image_is_built_with_the_same_uv_as_make() -> None:
    version = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert version is not None
    assert f"bootstrap.py /build/uv {version[1]}\n" in (ROOT / "Dockerfile").read_text()
