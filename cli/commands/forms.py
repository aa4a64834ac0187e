"""forms: a collect step as a form that WhatsApp shows itself."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from cli import folder, output
from cli.output import epilog
from schemas.problems import Refused


class NoSuchForm(Refused):
    """The bot has no such step, or it does not collect."""

    code = "form.not_found"
    sentence = "{step!r} is no collect step of this bot. Write it as FLOW.STEP; there are {known}."


class FormTooLarge(Refused):
    """The form has texts that WhatsApp does not take."""

    code = "form.over_limits"
    sentence = "WhatsApp would refuse this form: {what}. Shorten it, for example with ui:title."


def register(app: typer.Typer) -> None:
    """Add `forms`."""
    forms = typer.Typer(no_args_is_help=True, help="Forms that WhatsApp shows itself.")
    forms.command(
        "export", epilog=epilog("chatloom forms export bots/table-booking booking.form --language it")
    )(export)
    app.add_typer(forms, name="forms")


def export(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")],
    step: Annotated[str, typer.Argument(metavar="FLOW.STEP", help="A collect step.")],
    language: Annotated[str, typer.Option(help="One of the bot's languages; its first without.")] = "",
    to: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
) -> None:
    """Write a collect step as WhatsApp Flow JSON, with its limits checked.

    Publish it with Meta, and give its id to the step: `form: {id: "…"}`. What it cannot ask is named; the chat asks it.
    """
    from flows.actions.collect import Collect
    from flows.native_form import native_form

    _, compiled = folder.compiled(path)
    steps = {
        each.name: (flow, each)
        for flow in compiled.flows.values()
        for each in flow.steps.values()
        if isinstance(each.action, Collect)
    }
    if step not in steps:
        raise NoSuchForm(step=step, known=", ".join(steps) or "none")
    flow, found = steps[step]
    if not isinstance(found.action, Collect):
        raise NoSuchForm(step=step, known=", ".join(steps))
    fields = [found.fields[name] for name in found.action.fields]
    made = native_form(
        fields, flow.document.title or flow.id, language or compiled.languages[0], compiled.languages
    )
    if made.over:
        raise FormTooLarge(what="; ".join(f"{at}: {why}" for at, why in made.over))
    _write(made.document, to)
    for at, why in made.left_out:
        typer.echo(f"The chat asks for {at}: {why}.", err=True)


def _write(document: dict[str, Any], to: Path | None) -> None:
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
    if to is None:
        output.say(text)
    else:
        to.write_text(text + "\n")
