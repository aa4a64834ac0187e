"""config: check the settings and show what counts."""

import os
from typing import Any

import typer

from cli import output, settings
from cli.output import Json, epilog
from schemas.problems import Problem


def register(app: typer.Typer) -> None:
    """Add `config`."""
    config = typer.Typer(help="Settings.", no_args_is_help=True)
    app.add_typer(config, name="config")
    config.command(epilog=epilog("chatloom config check"))(check)


def check(as_json: Json = False) -> None:
    """Validate settings and the master key, and print what counts here, with secrets masked."""
    loaded = settings.load()
    shown: dict[str, Any] = dict(loaded.shown())
    faults: list[str] = []
    from keys.master import FILE_NAME, load_master_keys

    named = loaded.master_key or loaded.master_key_file or loaded.master_key_command
    if named or (loaded.home / FILE_NAME).exists():
        try:
            keys = load_master_keys(loaded.home, os.environ, create=False)
            shown["master key"] = f"{keys.current} from {keys.source}"
        except Problem as problem:
            faults.append(str(problem))
    else:
        shown["master key"] = "none yet: the first start makes one"
    if bool(loaded.database_direct_url) and not loaded.database_url:
        faults.append("DATABASE_DIRECT_URL is set without DATABASE_URL")
    output.show({**shown, "faults": faults} if as_json else shown, as_json)
    for fault in faults if not as_json else []:
        typer.secho(fault, fg=typer.colors.RED, err=True)
    if faults:
        raise typer.Exit(output.FAILED)
