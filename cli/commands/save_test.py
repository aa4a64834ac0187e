"""save-test: a real conversation as a test of its bot."""

from pathlib import Path
from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, epilog


def register(app: typer.Typer) -> None:
    """Add `save-test`."""
    app.command(
        "save-test",
        epilog=epilog(
            "chatloom save-test trattoria 0192f0c1-2222-7333-8444-555566667777",
            "chatloom save-test trattoria 0192f0c1-2222-7333-8444-555566667777 --name 'no table' --folder bots/table-booking",
        ),
    )(save_test)


def save_test(
    number: Annotated[str, typer.Argument(help="The number's name.")],
    conversation: Annotated[str, typer.Argument(help="The conversation's id.")],
    run: Annotated[str, typer.Option(help="Which run of it. Default: the latest.")] = "",
    name: Annotated[str, typer.Option(help="What the test is called.")] = "a real talk",
    path: Annotated[
        Path | None,
        typer.Option("--folder", help="Write it into the tests/ of this bot's folder.", exists=True),
    ] = None,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Write a real conversation down as a test, with personal data replaced. It passes on the version that had it.

    What the contact wrote that had to stay, for the bot to go on as it did, is named: read it before you share the test.
    """
    body = {"name": name, **({"run": run} if run else {})}
    with Client.of(settings.load(), server, key) as api:
        saved = api.post(f"/numbers/{number}/conversations/{conversation}/save-as-test", body)
    file = None if path is None else path / saved["path"]
    if file is not None:
        if file.exists():
            raise typer.BadParameter(f"there is {file} already", param_hint="--name")
        file.parent.mkdir(exist_ok=True)
        file.write_text(saved["text"], encoding="utf-8")
    if as_json:
        output.show(saved, True)
        return
    output.say(f"Written: {file}" if file else saved["text"].rstrip("\n"))
    if not saved["same_way"]:
        typer.echo("It does not go quite the way that the conversation went: read it.", err=True)
    for words in saved["own_words"]:
        typer.echo(f"in the contact's own words: {words}", err=True)
