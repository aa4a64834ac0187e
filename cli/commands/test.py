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
    from flows.bot import load
    from flows.compiler import compile
    from flows.testing import coverage as coverage_of
    from flows.testing import run_tests
    from sessions import registry

    bot = load(folder.read(path))
    compiled = compile(bot)
    channels = {name: registry.driver(name).capabilities for name in registry.names()}
    results = run_tests(compiled, bot, channels)
    reached = coverage_of(compiled, results)
    failed = [each for each in results if not each.passed]
    if as_json:
        output.show(
            {
                "tests": [
                    {"file": each.file, "name": each.name, "failure": each.failure, "line": each.line}
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
            mark = typer.style("passed", fg=typer.colors.GREEN)
            if not each.passed:
                mark = typer.style("failed", fg=typer.colors.RED)
            output.say(f"{mark}  {each.file}: {each.name}")
            if not each.passed:
                for line in each.transcript:
                    output.say(f"    {line.who:>8}: {line.text}")
                output.say(f"    {each.file}:{each.line or 1}: {each.failure}")
        output.say(
            f"{len(results) - len(failed)} of {len(results)} passed; reached "
            f"{reached.steps - len(reached.missed_steps)} of {reached.steps} steps, "
            f"{reached.outcomes - len(reached.missed_outcomes)} of {reached.outcomes} outcomes"
        )
        for missed in (*reached.missed_steps, *reached.missed_outcomes) if coverage else ():
            output.say(f"    not reached: {missed}")
    if failed:
        raise typer.Exit(output.FAILED)
