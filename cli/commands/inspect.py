"""inspect: what a bot's folder is made of, without a server."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import folder, output
from cli.output import Json, epilog

if TYPE_CHECKING:
    from schemas.inspection import Inspection


def register(app: typer.Typer) -> None:
    """Add `inspect`."""
    app.command(
        epilog=epilog(
            "chatloom inspect bots/table-booking",
            "chatloom inspect bots/table-booking --graph svg > booking.svg",
        )
    )(inspect)


def inspect(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")],
    graph: Annotated[
        Literal["mermaid", "svg"] | None, typer.Option(help="Draw the flows instead: mermaid or svg.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell what a bot needs from outside, what it writes, and how its flows run."""
    from flows.drawing import mermaid, svg
    from flows.inspection import inspect as inside

    seen = inside(folder.compiled(path)[1])
    if graph is not None:
        typer.echo(mermaid(seen) if graph == "mermaid" else svg(seen), nl=False)
    elif as_json:
        output.show(asdict(seen), True)
    else:
        _say(seen)


def _say(seen: "Inspection") -> None:
    output.table(
        [
            {
                "flow": flow.id,
                "steps": len(flow.steps),
                "ways": flow.ways,
                "begins by": ", ".join(flow.triggers),
                "calls": ", ".join(flow.calls),
                "ends with": ", ".join(flow.outcomes),
            }
            for flow in seen.flows
        ],
        ["flow", "steps", "ways", "begins by", "calls", "ends with"],
    )
    fields = [
        {"field": f"{flow.id}.{one.name}", "type": one.type, "written by": ", ".join(one.steps)}
        | {"": "required" * one.required, "personal": "yes" * one.pii}
        for flow in seen.flows
        for one in flow.writes
    ]
    if fields:
        output.say("")
        output.table(fields, ["field", "type", "written by", "", "personal"])
    needs = {name: value for name, value in asdict(seen.needs).items() if value}
    output.say("")
    output.say(f"languages: {', '.join(seen.languages)}")
    for call in needs.pop("webhooks", ()):
        output.say(f"webhook: {call['method']} {call['to']} ({call['step']})")
    for name, values in needs.items():
        output.say(f"{name.replace('_', ' ')}: {', '.join(values)}")
    for hint in seen.hints:
        output.say(f"hint: {hint}")
