"""numbers: what is served."""

from typing import Annotated, Any

import typer

from cli import number_sessions, output, settings
from cli.client import Client
from cli.output import Json, Key, Server, Sort, epilog
from cli.secret_values import from_environment

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The number's name or id.")]
COLUMNS = ["name", "channel", "account", "desired", "state", "state_why", "bot", "version", "id"]


def register(app: typer.Typer) -> None:
    """Add `numbers`."""
    numbers = typer.Typer(help="The numbers that are served.", no_args_is_help=True)
    app.add_typer(numbers, name="numbers")
    numbers.command(
        epilog=epilog(
            "chatloom numbers add --channel cloud_api --app meta --phone-number-id 123 "
            "--access-token-env TOKEN --bot table-booking",
            "chatloom numbers add --channel linked_device --name shop --bot table-booking",
        )
    )(add)
    numbers.command("list", epilog=epilog("chatloom numbers list"))(listing)
    numbers.command(epilog=epilog("chatloom numbers show demo --json"))(show)
    numbers.command(epilog=epilog("chatloom numbers assign demo table-booking --version 2"))(assign)
    numbers.command("set", epilog=epilog("chatloom numbers set demo --set throttle=off"))(set_)
    numbers.command(epilog=epilog("chatloom numbers states demo"))(states)
    numbers.command(epilog=epilog("chatloom numbers templates demo --sync"))(templates)
    numbers.command(epilog=epilog("chatloom numbers pause demo"))(pause)
    numbers.command(epilog=epilog("chatloom numbers resume demo"))(resume)
    numbers.command(
        epilog=epilog("chatloom numbers remove demo --dry-run", "chatloom numbers remove demo --yes")
    )(remove)
    number_sessions.register(numbers)


def templates(
    number: Number,
    sync: Annotated[bool, typer.Option("--sync", help="Read them from the channel first.")] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """List a number's templates, as its channel has them. Bots are checked against those that are approved."""
    with Client.of(settings.load(), server, key) as api:
        if sync:
            api.post(f"/numbers/{number}/templates/sync")
        rows = api.pages(f"/numbers/{number}/templates")
    output.show(rows, as_json, ["name", "language", "status", "category", "synced_at"])


def add(
    channel: Annotated[str, typer.Option(help="simulator, cloud_api, linked_device, …")],
    name: Annotated[str, typer.Option(help="The number's name here. Default: the vendor's id.")] = "",
    phone_number_id: Annotated[
        str, typer.Option("--phone-number-id", "--account", help="The vendor's id of the number.")
    ] = "",
    app: Annotated[str, typer.Option(help="The app by which its webhooks come in.")] = "",
    access_token_env: Annotated[str, typer.Option(help="Variable that holds the access token.")] = "",
    secret_env: Annotated[list[str] | None, typer.Option(help="name=VARIABLE of another secret.")] = None,
    base_url: Annotated[str, typer.Option(help="Setting base_url: where requests to the vendor go.")] = "",
    throttle: Annotated[
        str, typer.Option(help="Setting throttle: messages a minute a contact, or off.")
    ] = "",
    max_sends: Annotated[str, typer.Option(help="Setting max_sends: sends a second, or off.")] = "",
    pair_limit: Annotated[str, typer.Option(help="Setting pair_limit: on or off.")] = "",
    set_option: Annotated[
        list[str] | None, typer.Option("--set", help="Another setting: name=value.")
    ] = None,
    bot: Annotated[str, typer.Option(help="The bot that it serves.")] = "",
    version: Annotated[
        int | None, typer.Option(help="The bot's version. Default: the published one.")
    ] = None,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Take a number into service."""
    if not name and not phone_number_id:
        raise typer.BadParameter("give --name or --phone-number-id")
    given = {"base_url": base_url, "throttle": throttle, "max_sends": max_sends, "pair_limit": pair_limit}
    chosen = {each: _value(value) for each, value in given.items() if value} | _settings(set_option)
    secrets = dict(_secret(pair) for pair in secret_env or [])
    if access_token_env:
        secrets["access_token"] = from_environment("--access-token-env", access_token_env)
    body = {
        "name": name or phone_number_id,
        "channel": channel,
        "account": phone_number_id,
        "app": app or None,
        "settings": chosen,
        "secrets": secrets,
        "bot": bot or None,
        "version": version,
    }
    with Client.of(settings.load(), server, key) as api:
        made = api.post("/numbers", body)
        output.show(made, as_json)
        if not as_json:
            _what_next(api, made["name"], channel, app)


def listing(sort: Sort = "", server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List the numbers."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/numbers", sort=sort or None), as_json, COLUMNS)


def show(number: Number, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Show a number."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.get(f"/numbers/{number}"), as_json)


def assign(
    number: Number,
    bot: Annotated[str, typer.Argument(help="The bot's name.")],
    version: Annotated[int | None, typer.Option(help="A version. Default: whatever is published.")] = None,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Let a number serve a bot, from the next run on."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.post(f"/numbers/{number}/assign", {"bot": bot, "version": version}), as_json)


def set_(
    number: Number,
    set_option: Annotated[list[str] | None, typer.Option("--set", help="A setting: name=value.")] = None,
    secret_env: Annotated[list[str] | None, typer.Option(help="name=VARIABLE of a secret.")] = None,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Change settings or secrets of a number; those that are not named stay."""
    with Client.of(settings.load(), server, key) as api:
        known = api.get(f"/numbers/{number}")
        secrets = dict(_secret(pair) for pair in secret_env or [])
        body = {"settings": known["settings"] | _settings(set_option), "secrets": secrets}
        seen = {"If-Match": f'"{known["etag"]}"'}
        output.show(api.call("PATCH", f"/numbers/{number}", body, headers=seen), as_json)


def states(number: Number, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """What became of a number in 90 days, the latest first."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages(f"/numbers/{number}/states"), as_json, ["at", "desired", "state", "why"])


def pause(number: Number, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Stop receiving and sending. Conversations stay where they are."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.post(f"/numbers/{number}/pause"), as_json)


def resume(number: Number, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Go on where it was paused, or given up after failures."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.post(f"/numbers/{number}/resume"), as_json)


def remove(
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Take a number out of service for good. Its conversations stay, its secrets go."""
    if dry_run:
        with Client.of(settings.load(), server, key) as api:
            output.show(api.get(f"/numbers/{number}/removal"), as_json)
        return
    if not yes:
        typer.confirm(f"Remove number {number} for good?", abort=True)
    with Client.of(settings.load(), server, key) as api:
        api.delete(f"/numbers/{number}", sure="true")
    output.show({"removed": number}, as_json)


def _what_next(api: Client, name: str, channel: str, app: str) -> None:
    """What is left to do before messages come in."""
    output.say()
    if channel == "simulator":
        output.say(f"Chat with it: chatloom simulator {name}")
    if any(one["name"] == channel and one["links"] for one in api.get("/channels")):
        output.say(f"Link it with a phone: chatloom numbers pair {name}")
    hooks = [row["hook"] for row in api.pages("/apps") if row["name"] == app]
    if hooks:
        address = hooks[0] if "://" in hooks[0] else f"{api.server}{hooks[0]}"
        output.say("Next, in Meta's App Dashboard, WhatsApp > Configuration > Webhook:")
        output.say(f"  Callback URL   {address}")
        output.say(f"  Verify token   what you gave to `chatloom apps add {app} --verify-token-env …`")
        output.say("  Webhook field  subscribe to `messages`")
        if not address.startswith("https://"):
            output.say("Meta calls only https:// addresses: set CHATLOOM_PUBLIC_URL to yours.")


def _settings(pairs: list[str] | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"{pair!r} is not name=value", param_hint="--set")
        found[name] = _value(value)
    return found


def _value(text: str) -> int | float | str | None:
    if text == "null":
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _secret(pair: str) -> tuple[str, str]:
    name, equals, variable = pair.partition("=")
    if not equals:
        raise typer.BadParameter(f"{pair!r} is not name=VARIABLE", param_hint="--secret-env")
    return name, from_environment("--secret-env", variable)
