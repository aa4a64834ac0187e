"""up: everything in one terminal."""

import typer

from cli.output import epilog


def register(app: typer.Typer) -> None:
    """Add `up`."""
    app.command(epilog=epilog("chatloom up", "CHATLOOM_PORT=9000 CHATLOOM_HOME=./demo chatloom up"))(up)


def up() -> None:
    """Start everything here, with its own PostgreSQL and Redis if none is configured, and a bot to chat with.

    Ctrl-C stops it all in order. A second `up` on the same home prints where the first one serves.
    """
    from dataclasses import replace

    from cli import logs, settings
    from cli.everything import run

    loaded = settings.load()
    if loaded.log_level == "info" and loaded.log_format == "auto":
        loaded = replace(loaded, log_level="warning", log_format="human")
    logs.set_up(loaded.log_level, loaded.log_format)
    run(loaded)
