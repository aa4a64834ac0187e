"""users: people who sign in."""

from enum import StrEnum
from typing import Annotated

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, Sort, epilog
from cli.secret_values import from_environment


class RoleName(StrEnum):
    """What a person may do; each includes the ones before."""

    viewer = "viewer"
    agent = "agent"
    editor = "editor"
    admin = "admin"


Email = Annotated[str, typer.Argument(help="The person's address.")]
Role = Annotated[RoleName, typer.Option(help="What the person may do.")]
PasswordEnv = Annotated[
    str, typer.Option(help="Variable that holds the password. Without it, you are asked for it.")
]
COLUMNS = ["email", "name", "role", "second_factor", "signed_in_at"]


def register(app: typer.Typer) -> None:
    """Add `users`."""
    users = typer.Typer(help="People who sign in, and their roles.", no_args_is_help=True)
    app.add_typer(users, name="users")
    users.command(epilog=epilog("chatloom users create ana@example.com --role admin"))(create)
    users.command(epilog=epilog("chatloom users invite nino@example.com --role agent"))(invite)
    users.command(epilog=epilog("chatloom users accept --server https://bots.example.com"))(accept)
    users.command("list", epilog=epilog("chatloom users list"))(listing)
    users.command(epilog=epilog("chatloom users role ana@example.com editor"))(role)
    users.command(epilog=epilog("chatloom users reset ana@example.com"))(reset)
    users.command("sign-out", epilog=epilog("chatloom users sign-out ana@example.com"))(sign_out)
    users.command(epilog=epilog("chatloom users remove ana@example.com"))(remove)


def create(
    email: Email,
    role: Role,
    name: Annotated[str, typer.Option(help="How others see him. Default: the address before the @.")] = "",
    password_env: PasswordEnv = "",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Add a person with a password: the first admin, for example."""
    body = {
        "email": email,
        "name": name or email.partition("@")[0],
        "role": role.value,
        "password": _password(password_env),
    }
    with Client.of(settings.load(), server, key) as api:
        output.show(api.post("/users", body), as_json)


def invite(email: Email, role: Role, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Invite a person, who then chooses a password. Prints the one-time token, good for 7 days."""
    with Client.of(settings.load(), server, key) as api:
        _tell(api.post("/invitations", {"email": email, "role": role.value}), api.server, as_json)


def accept(
    name: Annotated[str, typer.Option(help="How others see you. Default: your address before the @.")] = "",
    token_env: Annotated[
        str,
        typer.Option(help="Variable that holds the invitation's token. Without it, you are asked for it."),
    ] = "",
    password_env: PasswordEnv = "",
    server: Server = "",
    as_json: Json = False,
) -> None:
    """Accept an invitation: choose your password. Takes no key."""
    token = (
        from_environment("--token-env", token_env) if token_env else typer.prompt("Token", hide_input=True)
    )
    with Client.nobodys(settings.load(), server) as api:
        invited = api.post("/invitations/look", {"token": token})
        output.say(f"{invited['invited_by']} invites {invited['email']} as {invited['role']}.")
        body = {"token": token, "name": name or None, "password": _password(password_env)}
        output.show(api.post("/invitations/accept", body), as_json)


def listing(sort: Sort = "", server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List the people."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/users", sort=sort or None), as_json, COLUMNS)


def role(
    email: Email,
    role: Annotated[RoleName, typer.Argument(help="What the person may do from now on.")],
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Give a person another role. It counts at once."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.patch(f"/users/{email}", {"role": role.value}), as_json)


def reset(
    email: Email,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Remove the second factor instead, for a lost phone.")
    ] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Let a person who forgot the password choose a new one. Prints a one-time token, good for 7 days."""
    with Client.of(settings.load(), server, key) as api:
        if second_factor:
            api.delete(f"/users/{email}/second-factor")
            output.show({"second_factor_removed": email}, as_json)
        else:
            _tell(api.post(f"/users/{email}/reset"), api.server, as_json)


def sign_out(email: Email, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Sign a person out on all devices."""
    with Client.of(settings.load(), server, key) as api:
        api.delete(f"/users/{email}/sign-ins")
    output.show({"signed_out": email}, as_json)


def remove(email: Email, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Take a person out of the workspace. His sign-ins end at once."""
    with Client.of(settings.load(), server, key) as api:
        api.delete(f"/users/{email}")
    output.show({"removed": email}, as_json)


def _tell(invitation: dict[str, str], server: str, as_json: bool) -> None:
    if as_json:
        output.show(invitation, True)
        return
    output.say(f"Token for {invitation['email']}: {invitation['token']}")
    output.say(f"It counts once, until {invitation['expires_at']}. Pass it on by a safe way. It is used by:")
    output.say(f"chatloom users accept --server {server}")


def _password(variable: str) -> str:
    if variable:
        return from_environment("--password-env", variable)
    return typer.prompt("Password", hide_input=True, confirmation_prompt=True)
