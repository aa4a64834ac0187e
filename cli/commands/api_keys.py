"""api-keys: what programs call with."""

import datetime as dt
from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.commands.users import RoleName
from cli.output import Json, Key, Server, Sort, epilog


def register(app: typer.Typer) -> None:
    """Add `api-keys`."""
    keys = typer.Typer(help="Keys by which programs call the API.", no_args_is_help=True)
    app.add_typer(keys, name="api-keys")
    keys.command(
        epilog=epilog(
            "chatloom api-keys create ci --role editor --days 90",
            "chatloom api-keys create crm --role agent --scope numbers:read --scope conversations",
        )
    )(create)
    keys.command("list", epilog=epilog("chatloom api-keys list"))(listing)
    keys.command(epilog=epilog("chatloom api-keys revoke 0192f0c1-2222-7333-8444-555566667777"))(revoke)


def create(
    name: Annotated[str, typer.Argument(help="Which program it is for.")],
    role: Annotated[RoleName, typer.Option(help="What it may do at most.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="A resource that it is for, or resource:read. May be repeated. Without: all."),
    ] = None,
    days: Annotated[int, typer.Option(min=0, help="How long it counts; 0: it does not expire.")] = 0,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Make a key. It is printed here and never shown again."""
    ends = (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).isoformat() if days else None
    body = {"name": name, "role": role.value, "scopes": scope or None, "expires_at": ends}
    with Client.of(settings.load(), server, key) as api:
        made = api.post("/api-keys", body)
    if as_json:
        output.show(made, True)
    else:
        output.say(f"Key {name} ({made['id']}), role {made['role']}. It is shown only now:")
        output.say(made["key"])


def listing(sort: Sort = "", server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List the keys, without themselves."""
    with Client.of(settings.load(), server, key) as api:
        columns = ["id", "name", "hint", "role", "scopes", "expires_at", "used_at"]
        output.show(api.pages("/api-keys", sort=sort or None), as_json, columns)


def revoke(
    id: Annotated[str, typer.Argument(help="The key's id, as listed.")],
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Revoke a key. It opens nothing from now on."""
    with Client.of(settings.load(), server, key) as api:
        api.delete(f"/api-keys/{id}")
    output.show({"revoked": id}, as_json)
