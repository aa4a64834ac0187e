"""chat: talk to a bot in the terminal, with no server and no database."""

from pathlib import Path
from typing import Annotated

import typer

from cli import folder, output
from cli.output import epilog


def register(app: typer.Typer) -> None:
    """Add `chat`."""
    app.command(epilog=epilog("chatloom chat bots/hello"))(chat)


def chat(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")],
    channel: Annotated[str, typer.Option(help="Fit messages to this channel.")] = "simulator",
    trace: Annotated[bool, typer.Option("--trace", help="Show steps and outcomes.")] = False,
) -> None:
    """Talk to a bot: only the engine runs. A number taps a button; /help lists commands."""
    from cli.chat import Chat
    from sessions import registry

    _, compiled = folder.compiled(path)
    output.say(
        typer.style("Write to the bot. A number taps a button. /help for more, Ctrl-D ends.", dim=True)
    )
    Chat(compiled, registry.driver(channel).capabilities, trace).run()
