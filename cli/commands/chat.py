"""chat: talk to a bot in the terminal, with no server and no database."""

from pathlib import Path
from typing import Annotated

import typer

from cli import folder, output
from cli.output import epilog


def register(app: typer.Typer) -> None:
    """Add `chat`."""
    app.command(
        epilog=epilog(
            "chatloom chat bots/hello", "chatloom chat bots/hello --record bots/hello/tests/hello-again.yaml"
        )
    )(chat)


def chat(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")],
    channel: Annotated[str, typer.Option(help="Fit messages to this channel.")] = "simulator",
    trace: Annotated[bool, typer.Option("--trace", help="Show steps and outcomes.")] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            help="Keep the talk as a test in this file, which is not there yet. Only /wait moves the clock."
        ),
    ] = None,
) -> None:
    """Talk to a bot: only the engine runs. A number taps a button; /help lists commands."""
    from cli.chat import Chat
    from flows.testing import stubs_of
    from sessions import registry

    if record is not None and (record.exists() or not record.parent.is_dir()):
        why = "there is such a file already" if record.exists() else "there is no such folder"
        raise typer.BadParameter(why, param_hint="--record")
    bot, compiled = folder.compiled(path)
    output.say(
        typer.style("Write to the bot. A number taps a button. /help for more, Ctrl-D ends.", dim=True)
    )
    Chat(compiled, registry.driver(channel).capabilities, stubs_of(bot), trace, record).run()
