"""test: a bot's conversation tests, without a server."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli import folder, output
from cli.output import Json, epilog


@dataclass(frozen=True)
class Asked:
    """What is to be played, and where it is written."""

    path: Path
    only: str
    coverage: bool
    html: Path | None
    junit: Path | None
    update: bool
    jobs: int
    as_json: bool


def register(app: typer.Typer) -> None:
    """Add `test`."""
    app.command(
        epilog=epilog(
            "chatloom test bots/table-booking",
            "chatloom test bots/table-booking --watch",
            "chatloom test bots/table-booking --junit report.xml --html coverage.html",
        )
    )(test)


def test(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")],
    only: Annotated[str, typer.Option(help="Only tests whose file or name holds this.")] = "",
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Name steps, outcomes and languages not reached.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write what was reached to this file, as a page.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the results to this file, as JUnit XML.")] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Write what the bot now says into tests that differ.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Play them again when a file changes.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes. 0: as it is worth.")] = 0,
    as_json: Json = False,
) -> None:
    """Play the talks in the folder's tests/ against the engine. Ends with 1 when one differs, or when they reach less
    than bot.yaml demands."""
    asked = Asked(path, only, coverage, html, junit, update, jobs, as_json)
    if watch:
        _watch(asked)
    elif not _once(asked):
        raise typer.Exit(output.FAILED)


def _once(asked: Asked) -> bool:
    """Whether nothing is to be mended. A bot with errors ends the command: they are printed."""
    from cli import coverage_page, test_report, test_run

    path = asked.path
    bot, compiled = folder.compiled(path)
    run = test_run.run(bot, compiled, asked.only, asked.jobs)
    if asked.update and run.failed and _update(path, {each.result.file for each in run.failed}):
        bot, compiled = folder.compiled(path)
        run = test_run.run(bot, compiled, asked.only, asked.jobs)
    if asked.junit is not None:
        asked.junit.write_bytes(test_report.junit(run, folder.bot_name(path)))
    if asked.html is not None and run.coverage is not None:
        asked.html.write_text(coverage_page.page(run.coverage, folder.bot_name(path)), encoding="utf-8")
    if asked.as_json:
        output.show(test_report.as_json(run), True)
    else:
        test_report.say(run, path, asked.coverage)
    return run.sound


def _update(path: Path, files: set[str]) -> bool:
    """Write what the bot now says into tests; whether there was something to write. The author reads the difference."""
    from cli import test_run
    from flows.testing import stubs_of
    from flows.updating import updated

    bot, compiled = folder.compiled(path)
    changed = False
    for file, read in bot.tests:
        if file in files:
            text = updated(compiled, read, test_run.channels(), stubs_of(bot))
            if text != read.source.text:
                (path / file).write_text(text, encoding="utf-8")
                typer.echo(f"{path / file}: updated", err=True)
                changed = True
    return changed


def _watch(asked: Asked) -> None:
    """Play now, and whenever a file of the folder changes; until Ctrl-C."""
    from watchfiles import watch

    folder.read(asked.path)
    written = {str(each.resolve()) for each in (asked.html, asked.junit) if each is not None}
    first = True
    # The first time out says that the watch has begun: what changes while tests are played is not missed.
    for changes in watch(asked.path, raise_interrupt=False, rust_timeout=200, yield_on_timeout=True):
        if not first and not {file for _, file in changes} - written:
            continue
        if not first:
            output.say()
        first = False
        try:
            _once(asked)
        except typer.Exit:
            pass  # what is wrong with the bot is printed
        except folder.FolderUnfit as problem:
            output.say(str(problem))
        output.say(typer.style(f"Watching {asked.path}. Ctrl-C ends.", dim=True))
