"""sandbox: linked devices without a phone."""

import typer

from cli.output import epilog


def register(app: typer.Typer) -> None:
    """Add `sandbox`."""
    app.command(epilog=epilog("chatloom sandbox", "CHATLOOM_PORT=9000 chatloom sandbox"))(sandbox)


def sandbox() -> None:
    """Link a number with phones that a web page plays, and chat with its bot. No phone and no net are involved.

    Starts what `up` starts, in a home that is thrown away, and an emulated WhatsApp on loopback, with the real
    client library. It needs a checkout with the development packages: `make sandbox`. Ctrl-C stops it all.
    """
    from dataclasses import replace

    from cli import logs, settings
    from cli.sandbox import run

    loaded = settings.load()
    if loaded.log_level == "info" and loaded.log_format == "auto":
        loaded = replace(loaded, log_level="warning", log_format="human")
    logs.set_up(loaded.log_level, loaded.log_format)
    run(loaded)
