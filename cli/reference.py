"""The parts of the documentation that are read off the code: settings, commands, routes.

    python -m cli.reference            write them into docs/ anew
    python -m cli.reference --check    end with 1 if one is out of date

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

from cli import main, output, settings

DOCS = Path(__file__).parent.parent / "docs"
COMMON = {"--help", "--json", "--server", "--key"}
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written(text: str) -> str:
    """A page with its generated parts anew."""
    return PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", text)


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that is shown, by its full name, sorted."""
    yield from _below("chatloom", typer.main.get_command(main.build()))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for each in sorted(inner):
        if not inner[each].hidden:
            yield from _below(f"{name} {each}", inner[each])


def _settings() -> str:
    rows = ["| variable | default | what |", "|---|---|---|"]
    for variable, default, what in settings.described():
        rows.append(f"| `{variable}` | {f'`{default}`' if default else ''} | {what} |")
    return "\n".join(rows) + "\n"


def _commands() -> str:
    parts: list[str] = []
    for name, command in commands():
        arguments = [each for each in command.params if each.param_type_name == "argument"]
        words = [_word(each) for each in arguments]
        parts.append(f"### {' '.join([name, *words])}\n\n{command.help.strip()}\n")
        examples = [
            line.removeprefix("Example: ") for line in command.epilog.split("\n\n") if "Example: " in line
        ]
        parts.append("```sh\n" + "\n".join(examples) + "\n```\n")
        options = [
            f"- `{', '.join(each.opts)}`: {each.help}"
            for each in command.params
            if each.param_type_name == "option" and not each.hidden and not COMMON & set(each.opts)
        ]
        if options:
            parts.append("\n".join(options) + "\n")
    return "\n".join(parts)


def _word(argument: Any) -> str:
    word = argument.metavar or argument.name.upper()
    return word if argument.required else f"[{word}]"


def _exits() -> str:
    _, _, codes = output.EXITS.partition("Exit codes: ")
    rows = ["| code | meaning |", "|---|---|"]
    for each in re.split(r", (?=\d)", codes.rstrip(".")):
        code, _, meaning = each.partition(" ")
        rows.append(f"| {code} | {meaning} |")
    return "\n".join(rows) + "\n"


def _routes() -> str:
    from admin_api.app import api

    rows = ["| request | does | answers |", "|---|---|---|"]
    for path, methods in api().openapi()["paths"].items():
        for method, operation in methods.items():
            codes = ", ".join(operation["responses"])
            summary = operation.get("description", operation["summary"]).split("\n")[0]
            rows.append(f"| `{method.upper()} {path}` | {summary} | {codes} |")
    return "\n".join(rows) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "settings": _settings,
    "commands": _commands,
    "exits": _exits,
    "routes": _routes,
}


def export(check: bool) -> list[Path]:
    """The pages that were out of date; written unless `check`."""
    stale: list[Path] = []
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text()
        if (anew := written(text)) != text:
            stale.append(page)
            if not check:
                page.write_text(anew)
    return stale


if __name__ == "__main__":
    found = export("--check" in sys.argv)
    for page in found:
        print(f"{'out of date' if '--check' in sys.argv else 'written'}: {page}")
    sys.exit(bool(found) and "--check" in sys.argv)
