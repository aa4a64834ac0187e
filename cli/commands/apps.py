"""apps: accounts with vendors that sign their webhooks."""

from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, epilog
from cli.secret_values import from_environment

Name = Annotated[str, typer.Argument(help="The app's name, part of its webhook's address.")]


def register(app: typer.Typer) -> None:
    """Add `apps`."""
    apps = typer.Typer(help="Vendors' apps, by which webhooks come in.", no_args_is_help=True)
    app.add_typer(apps, name="apps")
    apps.command(
        epilog=epilog("chatloom apps add meta --secret-env META_SECRET --verify-token-env META_VERIFY")
    )(add)
    change = "chatloom apps set meta --secret-env NEW_META_SECRET --both-hours 2"
    apps.command("set", epilog=epilog(change))(set_)
    apps.command("list", epilog=epilog("chatloom apps list"))(listing)
    apps.command(epilog=epilog("chatloom apps remove meta"))(remove)


def add(
    name: Name,
    secret_env: Annotated[str, typer.Option(help="Variable that holds the app's secret.")],
    verify_token_env: Annotated[str, typer.Option(help="Variable that holds the verify token.")],
    channel: Annotated[str, typer.Option(help="The channel.")] = "cloud_api",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Add an app. Prints the address that the vendor is to call."""
    body = {
        "name": name,
        "channel": channel,
        "secrets": {
            "secret": from_environment("--secret-env", secret_env),
            "verify_token": from_environment("--verify-token-env", verify_token_env),
        },
    }
    with Client.of(settings.load(), server, key) as api:
        app = api.post("/apps", body)
        hook = app["hook"] if "://" in app["hook"] else f"{api.server}{app['hook']}"
    if as_json:
        output.show(app, True)
    else:
        output.say(f"App {name} added. Webhook address: {hook}")


def set_(
    name: Name,
    secret_env: Annotated[str, typer.Option(help="Variable that holds the new secret.")] = "",
    verify_token_env: Annotated[str, typer.Option(help="Variable that holds the new verify token.")] = "",
    both_hours: Annotated[int, typer.Option(help="How long those before open too.", min=0, max=720)] = 24,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Change an app's secrets in place. For a while those before open its door too."""
    named = {"secret": ("--secret-env", secret_env), "verify_token": ("--verify-token-env", verify_token_env)}
    secrets = {each: from_environment(*pair) for each, pair in named.items() if pair[1]}
    if not secrets:
        raise typer.BadParameter("Name a variable: --secret-env, --verify-token-env, or both.")
    with Client.of(settings.load(), server, key) as api:
        row = api.patch(f"/apps/{name}", {"secrets": secrets, "both_hours": both_hours})
    if as_json:
        output.show(row, True)
    else:
        output.say(
            f"The secrets of {name} are changed; those before open its door until {row['old_secrets_until'] or 'now'}."
        )


def listing(server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List the apps."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/apps"), as_json, ["name", "channel", "hook", "created_at"])


def remove(name: Name, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Remove an app that no number uses. Its door answers 404 from then on."""
    with Client.of(settings.load(), server, key) as api:
        api.delete(f"/apps/{name}")
    output.show({"removed": name}, as_json)
