"""kinds: what was found in the folders of actions, triggers and channels."""

import typer

from cli import output
from cli.output import Json, epilog


def register(app: typer.Typer) -> None:
    """Add `kinds`."""
    app.command(epilog=epilog("chatloom kinds"))(kinds)


def kinds(as_json: Json = False) -> None:
    """List actions, triggers and channels, with what each does."""
    from flows import kinds as found
    from sessions import registry

    rows = [
        *({"kind": "action", "name": name, "what": _first(each)} for name, each in found.actions().items()),
        *({"kind": "trigger", "name": name, "what": _first(each)} for name, each in found.triggers().items()),
        *(
            {"kind": "channel", "name": name, "what": _first(registry.driver(name))}
            for name in registry.names()
        ),
    ]
    output.show(rows, as_json, ["kind", "name", "what"])


def _first(cls: type) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0]
