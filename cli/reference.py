"""The parts of the documentation that are read off the code: settings, commands, routes.

    python -m cli.reference            write them into docs/ anew
    python -m cli.reference --check    end with 1 if one is out of date

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; a file that is shown whole between
`<!-- file: PATH -->` and `<!-- end -->`. The pages of `cli/language_pages.py` are made whole.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from cli import language_pages, main, output, settings
from importers import textit, twilio, typebot

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
LANGUAGE = DOCS / "language"
TRANSLATED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "typebot": ("Typebot's block", typebot.BLOCKS),
    "twilio": ("Studio's widget", twilio.WIDGETS),
    "textit": ("TextIt's action", textit.ACTIONS),
}
COMMON = {"--help", "--json", "--server", "--key"}
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
FILE = re.compile(r"(<!-- file: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written(text: str) -> str:
    """A page with its generated parts anew."""
    text = PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", text)
    return FILE.sub(lambda found: f"{found[1]}\n{_file(found[2])}\n{found[3]}", text)


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


def _file(path: str) -> str:
    return f"`{path}`:\n\n```yml\n{(ROOT / path).read_text().rstrip()}\n```\n"


def _translated(vendor: str) -> str:
    """What an importer translates, from the docstrings of its functions."""
    head, kinds = TRANSLATED[vendor]
    rows = [f"| {head} | in Chatloom |", "|---|---|"]
    for each in dict.fromkeys(kinds.values()):
        names = ", ".join(name for name, other in kinds.items() if other is each)
        rows.append(f"| {names} | {each.__doc__} |")
    return "\n".join(rows) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "typebot": lambda: _translated("typebot"),
    "twilio": lambda: _translated("twilio"),
    "textit": lambda: _translated("textit"),
    "settings": _settings,
    "commands": _commands,
    "exits": _exits,
    "routes": _routes,
}


def export(check: bool) -> list[Path]:
    """The pages that were out of date; written, or removed where nothing makes them any more, unless `check`."""
    made = {LANGUAGE / path: text for path, text in language_pages.pages().items()}
    known = {path: path.read_text() for path in sorted(DOCS.rglob("*.md"))}
    wanted = {**{path: written(text) for path, text in known.items()}, **made}
    hand_written = {LANGUAGE / name for name in language_pages.READ_FIRST}
    gone = {path for path in known if LANGUAGE in path.parents} - made.keys() - hand_written
    stale = sorted({path for path, text in wanted.items() if known.get(path) != text} | gone)
    for path in () if check else stale:
        if path in gone:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path])
    return stale


if __name__ == "__main__":
    found = export("--check" in sys.argv)
    for page in found:
        print(f"{'out of date' if '--check' in sys.argv else 'written'}: {page}")
    sys.exit(bool(found) and "--check" in sys.argv)
