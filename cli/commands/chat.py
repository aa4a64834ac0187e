"""chat: talk to a bot in the terminal, with no server and no database."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from cli import folder, output
from cli.output import epilog

if TYPE_CHECKING:
    from flows.compiled import Compiled
    from schemas.flow import BeginDocument


def register(app: typer.Typer) -> None:
    """Add `chat`."""
    app.command(
        epilog=epilog(
            "chatloom chat bots/hello",
            "chatloom chat bots/hello --record bots/hello/tests/hello-again.yaml",
            "chatloom chat bots/table-booking --begin booking.confirm --data '{\"guests\": 4}'",
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
    begin: Annotated[
        str, typer.Option(metavar="FLOW.STEP", help="Begin at this step; FLOW alone: at its first.")
    ] = "",
    data: Annotated[
        str, typer.Option(metavar="JSON", help="What the flow's data holds by then; with --begin.")
    ] = "",
) -> None:
    """Talk to a bot: only the engine runs. A number taps a button; /help lists commands."""
    from cli.chat import Chat
    from flows.testing import stubs_of
    from sessions import registry

    if record is not None and (record.exists() or not record.parent.is_dir()):
        why = "there is such a file already" if record.exists() else "there is no such folder"
        raise typer.BadParameter(why, param_hint="--record")
    bot, compiled = folder.compiled(path)
    beginning = _beginning(compiled, begin, data)
    output.say(
        typer.style("Write to the bot. A number taps a button. /help for more, Ctrl-D ends.", dim=True)
    )
    Chat(compiled, registry.driver(channel).capabilities, stubs_of(bot), trace, record, beginning).run()


def _beginning(compiled: "Compiled", begin: str, data: str) -> "BeginDocument | None":
    from flows.beginning import faults_of
    from flows.place import dotted
    from schemas.flow import BeginDocument

    if not begin:
        if data:
            raise typer.BadParameter("it belongs to a step: say which with --begin", param_hint="--data")
        return None
    try:
        held = json.loads(data or "{}")
    except ValueError as fault:
        raise typer.BadParameter(f"this is not JSON: {fault}", param_hint="--data") from None
    if not isinstance(held, dict):
        raise typer.BadParameter('write an object, as {"count": 2}', param_hint="--data")
    flow, _, step = begin.partition(".")
    at = BeginDocument(flow=flow, step=step, data=cast("dict[str, Any]", held))
    for fault in faults_of(compiled, at):
        hint = "--data" if fault.pointer.startswith("/begin/data") else "--begin"
        raise typer.BadParameter(f"{dotted(fault.pointer)}: {fault.whole}", param_hint=hint)
    return at
