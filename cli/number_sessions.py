"""The commands of `numbers` for sessions that are linked with a phone."""

import json
import time
from typing import Annotated, Any

import typer

from cli import output, settings
from cli.client import Client
from cli.output import FAILED, Json, Key, Server, epilog
from cli.pairing import NOBODY, TAKEN_S, Pairing

CODES = ("qr", "svg", "code")
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The number's name or id.")]


def register(numbers: typer.Typer) -> None:
    """Add them."""
    numbers.command(
        epilog=epilog("chatloom numbers pair shop", "chatloom numbers pair shop --phone 491700000001")
    )(pair)
    numbers.command(epilog=epilog("chatloom numbers session shop"))(session)
    numbers.command(epilog=epilog("chatloom numbers history shop --limit 20"))(history)
    numbers.command(epilog=epilog("chatloom numbers restart shop"))(restart)
    numbers.command(epilog=epilog("chatloom numbers unlink shop --yes"))(unlink)


def pair(
    number: Number,
    phone: Annotated[
        str,
        typer.Option(help="The phone's number, with country code: get a code to type instead of a QR code."),
    ] = "",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Link a phone: draw QR codes until one is scanned, or show a code to type.

    With --json, each event of the session is a line. Ends with 0 when the session is online, and with 1 when the
    phone was not linked.
    """
    with Client.of(settings.load(), server, key) as api:
        order = api.post(f"/numbers/{number}/session/pair", {"phone": phone} if phone else {})
        pairing = Pairing(order["id"], quiet=as_json)
        try:
            for event in api.events(f"/numbers/{number}/session/events", follow=True):
                if as_json and event is not None:
                    output.say(json.dumps(event, ensure_ascii=False))
                pairing.hear(event)
                if pairing.over:
                    break
        except KeyboardInterrupt:
            api.delete(f"/numbers/{number}/session/pair")
            output.say("Stopped: no more codes are shown.")
            raise typer.Exit(130) from None
    if not pairing.linked:
        _fail(pairing.why, as_json)
    if not as_json:
        output.say(pairing.why)


def session(number: Number, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Show where a number's session stands."""
    with Client.of(settings.load(), server, key) as api:
        shown = api.get(f"/numbers/{number}/session")
    output.show(shown if as_json else _readable(shown), as_json)


def history(
    number: Number,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 50,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """List what became of a number's session, the latest first."""
    with Client.of(settings.load(), server, key) as api:
        found = api.get(f"/numbers/{number}/session/history", limit=limit)
    output.show(found["changes"], as_json, ["at", "state", "why"])


def restart(number: Number, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Close a number's session and open it again. No code is needed."""
    with Client.of(settings.load(), server, key) as api:
        _carried_out(api, number, api.post(f"/numbers/{number}/session/restart"), as_json)
    if not as_json:
        output.say(f"Restarting. See `chatloom numbers session {number}`.")


def unlink(
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Unlink the phone and destroy the session's keys. To go on, link a phone anew."""
    if not yes:
        typer.confirm(f"Unlink the phone of number {number}? It must then be linked anew.", abort=True)
    with Client.of(settings.load(), server, key) as api:
        order = api.call("POST", f"/numbers/{number}/session/unlink", sure=True)
        _carried_out(api, number, order, as_json, ("unlinked", "logged_out"))
    if not as_json:
        output.say(f"Unlinked. To link a phone: chatloom numbers pair {number}")


def _carried_out(
    api: Client, number: str, order: dict[str, Any], as_json: bool, states: tuple[str, ...] = ()
) -> None:
    """Wait until the number's process took the order, and the session is in one of `states`."""
    began = time.monotonic()
    for event in api.events(f"/numbers/{number}/session/events", follow=True):
        if event is None:
            if time.monotonic() - began > TAKEN_S:
                _fail(NOBODY, as_json)
            continue
        latest = event["order"]
        if latest["id"] == order["id"] and not latest["done_at"]:
            continue
        if latest["id"] == order["id"] and latest["error_code"]:
            _fail(latest["error"], as_json)
        if states and event["state"] not in states:
            continue
        if as_json:
            output.show({name: value for name, value in event.items() if name not in CODES}, as_json)
        return


def _readable(shown: dict[str, Any]) -> dict[str, Any]:
    """A session as lines that people read."""
    order = shown["order"]
    facts = {
        "state": shown["state"],
        "why": shown["why"],
        "until": shown["until"],
        "since": shown["since"],
        "phone": f"+{shown['account']}" if shown["account"] else "",
        "vault": f"generation {shown['vault_generation']}" if shown["vault_generation"] is not None else "",
        "spool": f"{shown['spool_depth']} waiting" if shown["spool_depth"] else "",
        "order": f"{order['kind'].replace('_', ' ')} at {order['made_at']}: {_outcome(order)}"
        if order
        else "",
    }
    return {name: value for name, value in facts.items() if value or name in ("state", "why")}


def _outcome(order: dict[str, Any]) -> str:
    if order["error"]:
        return order["error"]
    return "begun" if order["done_at"] else "not taken yet"


def _fail(why: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"error": why}, ensure_ascii=False), err=True)
    else:
        typer.echo(f"{typer.style('error:', fg=typer.colors.RED, bold=True)} {why}", err=True)
    raise typer.Exit(FAILED)
