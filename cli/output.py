"""What commands print: for people, or with --json for programs. And how they end."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.problems import Problem

OK, FAILED, USAGE, REFUSED, UNREACHABLE, NOT_HERE = range(6)

EXITS = (
    "Exit codes: 0 done, 1 what was checked has faults, 2 wrong usage, 3 refused by the server, "
    "4 no server, 5 cannot be done here (settings, keys, database)."
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Sort = Annotated[
    str,
    typer.Option("--sort", help="By which column, such as name; a minus before it: the last first."),
]
Server = Annotated[
    str, typer.Option("--server", help="The server's URL, or the name given at login. [env: CHATLOOM_SERVER]")
]
Key = Annotated[
    str,
    typer.Option(
        "--key",
        help="The key. Default: whoever is signed in there, or operator.key in the home. [env: CHATLOOM_KEY]",
    ),
]


def epilog(*examples: str) -> str:
    """The end of a command's help: examples, and the exit codes."""
    return "\n\n".join([*(f"Example: {example}" for example in examples), EXITS])


def say(text: str = "") -> None:
    """A line for people."""
    typer.echo(text)


def show(data: Any, as_json: bool, columns: Sequence[str] = ()) -> None:
    """A list as a table of `columns`, an object as lines; or JSON."""
    if as_json:
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))
    elif isinstance(data, list):
        table(data, columns or (list(data[0]) if data else ()))
    elif isinstance(data, Mapping):
        width = max((len(name) for name in data), default=0)
        for name, value in data.items():
            typer.echo(f"{name:<{width}}  {cell(value)}")


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows in columns, as wide as what they hold; nothing is cut."""
    cells = [[cell(row.get(column)) for column in columns] for row in rows]
    if not cells:
        typer.echo("(none)", err=True)
        return
    heads = [column.replace("_", " ") for column in columns]
    widths = [max(len(line[place]) for line in [heads, *cells]) for place in range(len(columns))]
    for line in [heads, *cells]:
        text = "  ".join(f"{each:<{width}}" for each, width in zip(line, widths, strict=True)).rstrip()
        typer.secho(text, bold=line is heads)


def cell(value: Any) -> str:
    """A value as people read it."""
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def diagnostics(found: Sequence[Mapping[str, Any]], folder: Path | None = None) -> None:
    """What a checker says, a line each, which begins with a place that editors open; the hint below."""
    for each in found:
        colour = typer.colors.RED if each["severity"] == "error" else typer.colors.YELLOW
        file = folder / each["file"] if folder else each["file"]
        place = f"{file}:{each['line']}:{each['column']}"
        typer.echo(f"{place}: {typer.style(each['severity'], fg=colour)} {each['code']}: {each['message']}")
        if each.get("hint"):
            typer.echo(f"    {each['hint']}")


def exit_code(problem: Problem) -> int:
    """How a command ends that met `problem`."""
    from cli.client import ServerRefused, ServerUnreachable

    match problem:
        case ServerRefused():
            return REFUSED
        case ServerUnreachable():
            return UNREACHABLE
        case _:
            return NOT_HERE


def complain(problem: Problem) -> None:
    """Print a problem: its sentence, or with --json its document, on standard error."""
    if "--json" in sys.argv:
        typer.echo(json.dumps(problem.document(), ensure_ascii=False, default=str), err=True)
        return
    typer.echo(f"{typer.style('error:', fg=typer.colors.RED, bold=True)} {problem}", err=True)
    said = problem.document()
    for each in said.get("errors") or []:
        typer.echo(f"    {each.get('at')}: {each.get('why')}", err=True)
    for each in said.get("diagnostics") or []:
        typer.echo(f"    {each['file']}:{each['line']}: {each['message']}", err=True)
    if exit_code(problem) == REFUSED and said.get("code") == "caller.key_missing":
        typer.echo(
            "    The server that answered does not know this key. It is in operator.key, in the server's home;"
            " or sign in: chatloom login",
            err=True,
        )
