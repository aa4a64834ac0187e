"""secrets: values that flows name as secret("name")."""

from pathlib import Path
from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, epilog
from cli.secret_values import one_of

Name = Annotated[str, typer.Argument(help="The secret's name, as flows use it.")]


def register(app: typer.Typer) -> None:
    """Add `secrets`."""
    secrets = typer.Typer(help="Secrets that flows may use.", no_args_is_help=True)
    app.add_typer(secrets, name="secrets")
    secrets.command("set", epilog=epilog("chatloom secrets set crm_token --env CRM_TOKEN"))(put)
    secrets.command("list", epilog=epilog("chatloom secrets list"))(listing)
    secrets.command(epilog=epilog("chatloom secrets remove crm_token"))(remove)


def put(
    name: Name,
    env: Annotated[str, typer.Option(help="Variable that holds the value.")] = "",
    file: Annotated[Path | None, typer.Option(help="File that holds the value.", exists=True)] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the value from standard input.")] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Keep a value under a name. It is sealed, and never shown again."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.put(f"/secrets/{name}", {"value": one_of(env, file, stdin)}), as_json)


def listing(server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List the names of all secrets."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/secrets"), as_json, ["name", "updated_at"])


def remove(name: Name, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Forget a secret."""
    with Client.of(settings.load(), server, key) as api:
        api.delete(f"/secrets/{name}")
    output.show({"removed": name}, as_json)
