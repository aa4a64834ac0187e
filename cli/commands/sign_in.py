"""login, logout, whoami: commands in one's own name, at servers anywhere."""

from typing import Annotated

import typer

from cli import output, settings, signed_in
from cli.client import Client, ServerRefused
from cli.output import Json, Key, Server, epilog
from cli.secret_values import from_environment


def register(app: typer.Typer) -> None:
    """Add `login`, `logout` and `whoami`."""
    app.command(epilog=epilog("chatloom login https://bots.example.com --name prod"))(login)
    app.command(epilog=epilog("chatloom logout --server prod"))(logout)
    app.command(epilog=epilog("chatloom whoami --server prod"))(whoami)


def login(
    server: Annotated[str, typer.Argument(help="The server's URL, or the name of its profile.")] = "",
    name: Annotated[str, typer.Option(help="A name for --server. Default: the server's host.")] = "",
    email: Annotated[str, typer.Option(help="Your address. Without it, you are asked for it.")] = "",
    password_env: Annotated[
        str, typer.Option(help="Variable that holds the password. Without it, you are asked for it.")
    ] = "",
    code: Annotated[str, typer.Option(help="Of your authenticator app, where a second factor is on.")] = "",
    as_json: Json = False,
) -> None:
    """Sign in at a server. Commands with --server NAME are then in your own name; programs use CHATLOOM_KEY."""
    url = Client.server_of(settings.load(), server)
    body = {
        "email": email or typer.prompt("E-mail"),
        "password": from_environment("--password-env", password_env)
        if password_env
        else typer.prompt("Password", hide_input=True),
        "code": code,
    }
    try:
        who = signed_in.begin(url, name, body)
    except ServerRefused as refused:
        if code or password_env or refused.said.get("code") != "sign_in.code_needed":
            raise
        who = signed_in.begin(url, name, {**body, "code": typer.prompt("Code")})
    output.show(who, as_json)


def logout(server: Server = "", as_json: Json = False) -> None:
    """Sign out at a server. It is forgotten here even if the server does not answer."""
    url = Client.server_of(settings.load(), server)
    signed_in.end(url)
    output.show({"signed_out": url}, as_json)


def whoami(server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Show as whom commands call, and where."""
    with Client.of(settings.load(), server, key) as api:
        output.show({"server": api.server, **api.get("/me")}, as_json)
