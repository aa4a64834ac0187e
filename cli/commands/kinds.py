"""kinds: what was found in the folders of actions, triggers and channels."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.output import Json, epilog

if TYPE_CHECKING:
    from cli.kind import Kind


def register(app: typer.Typer) -> None:
    """Add `kinds`."""
    app.command(epilog=epilog("chatloom kinds", "chatloom kinds menu"))(kinds)


def kinds(
    name: Annotated[str, typer.Argument(help="Show what this one takes, with an example.")] = "",
    as_json: Json = False,
) -> None:
    """List actions, triggers and channels, or show one: fields, outcomes, an example."""
    from cli import kind
    from flows import kinds as found
    from sessions import registry

    if name:
        shown = kind.of(name)
        if as_json:
            output.show([each.document() for each in shown], True)
        for each in shown if not as_json else ():
            _page(each)
        return
    rows = [
        *(
            {"kind": "action", "name": each, "what": kind.summary(cls)}
            for each, cls in found.actions().items()
        ),
        *(
            {"kind": "trigger", "name": each, "what": kind.summary(cls)}
            for each, cls in found.triggers().items()
        ),
        *(
            {"kind": "channel", "name": each, "what": kind.summary(registry.driver(each))}
            for each in registry.names()
        ),
    ]
    output.show(rows, as_json, ["kind", "name", "what"])


def _page(each: "Kind") -> None:
    output.say(f"{typer.style(each.name, bold=True)} ({each.kind}): {each.what}\n")
    fields = [
        {
            "field" if each.kind != "channel" else "setting": one.name,
            "type": one.type,
            "default": "must be given" if one.default is None else one.default,
            "what": one.what,
        }
        for one in each.parameters
    ]
    if fields:
        output.table(fields, list(fields[0]))
    if each.outcomes:
        output.say(f"\nOutcomes of the example below: {', '.join(each.outcomes)}")
    if each.example:
        output.say(f"\n{each.example}")
    output.say()
