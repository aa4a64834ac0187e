"""test: a bot's conversation tests, without a server."""

from pathlib import Path
from typing import Annotated

import typer

from cli import folder, output
from cli.output import Json, epilog


def register(app: typer.Typer) -> None:
    """Add `test`."""
    app.command(epilog=epilog("chatloom test bots/table-booking"))(test)


def test(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")],
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Name steps and outcomes not reached.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Play the talks in the folder's tests/ against the engine. Ends with 1 when one differs."""
    from flows.testing import coverage as coverage_of
    from flows.testing import line_of, run_tests
    from sessions import registry

    bot, compiled = folder.compiled(path)
    sources = {file: read.source for file, read in bot.tests}
    channels = {name: registry.driver(name).capabilities for name in registry.names()}
    results = run_tests(compiled, bot, channels)
    reached = coverage_of(compiled, results)
    failed = [each for each in results if not each.passed]
    if as_json:
        output.show(
            {
                "tests": [
                    {
                        "file": each.file,
                        "name": each.name,
                        "failure": each.failure,
                        "line": None if each.passed else line_of(sources[each.file], each),
                        "transcript": [{"who": line.who, "text": line.text} for line in each.transcript],
                    }
                    for each in results
                ],
                "coverage": {
                    "steps": reached.steps,
                    "outcomes": reached.outcomes,
                    "missed_steps": list(reached.missed_steps),
                    "missed_outcomes": list(reached.missed_outcomes),
                },
            },
            True,
        )
    else:
        for each in results:
            if each.passed:
                mark = typer.style("passed", fg=typer.colors.GREEN)
                output.say(f"{path / each.file}: {mark}: {each.name}")
            else:
                mark = typer.style("failed", fg=typer.colors.RED)
                output.say(f"{path / each.file}:{line_of(sources[each.file], each)}: {mark}: {each.name}")
                for line in each.transcript:
                    output.say(typer.style(f"    {line.who:>8}  {_under(line.text, 14)}", dim=True))
                output.say(f"    {_under(each.failure, 4)}")
        if not results:
            output.say(f"There are no tests in {path / 'tests'}.")
        output.say(
            f"{len(results) - len(failed)} of {len(results)} passed; reached "
            f"{reached.steps - len(reached.missed_steps)} of {reached.steps} steps, "
            f"{reached.outcomes - len(reached.missed_outcomes)} of {reached.outcomes} outcomes"
        )
        for missed in (*reached.missed_steps, *reached.missed_outcomes) if coverage else ():
            output.say(f"    not reached: {missed}")
    if failed:
        raise typer.Exit(output.FAILED)


def _under(text: str, margin: int) -> str:
    return text.replace("\n", "\n" + " " * margin)
