"""contacts: the people who write to the numbers."""

import csv
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import output, settings
from cli.client import Client
from cli.output import Json, Key, Server, Sort, epilog

Contact = Annotated[str, typer.Argument(metavar="CONTACT", help="The contact's id.")]
IMPORTED = 1000  # lines at a time
COLUMNS = ["id", "name", "language", "tags", "opted_out", "updated_at"]


class FieldType(StrEnum):
    """What a field holds."""

    string = "string"
    integer = "integer"
    number = "number"
    boolean = "boolean"
    date = "date"


def register(app: typer.Typer) -> None:
    """Add `contacts`."""
    contacts = typer.Typer(help="The people who write to the numbers.", no_args_is_help=True)
    app.add_typer(contacts, name="contacts")
    contacts.command("list", epilog=epilog("chatloom contacts list --phone '+39 333 1234567'"))(listing)
    contacts.command(epilog=epilog("chatloom contacts show 0192f3a4-7d1e-7c51-9a53-0b7d2f6f7b11"))(show)
    contacts.command(
        "set", epilog=epilog("chatloom contacts set 0192f3a4-7d1e-7c51-9a53-0b7d2f6f7b11 --field city=Rome")
    )(set_)
    contacts.command(
        "opt-out", epilog=epilog("chatloom contacts opt-out 0192f3a4-7d1e-7c51-9a53-0b7d2f6f7b11")
    )(opt_out)
    contacts.command(
        "opt-in", epilog=epilog("chatloom contacts opt-in 0192f3a4-7d1e-7c51-9a53-0b7d2f6f7b11")
    )(opt_in)
    known = "chatloom contacts import members.csv --field verified=true --dry-run"
    contacts.command("import", epilog=epilog(known))(import_)
    merging = "chatloom contacts merge 0192f3a4-7d1e-7c51-9a53-0b7d2f6f7b11 0192f3a4-7d1e-7c51-9a53-0b7d2f6f7b12 --dry-run"
    contacts.command(epilog=epilog(merging))(merge)
    contacts.command(
        epilog=epilog("chatloom contacts export 0192f3a4-7d1e-7c51-9a53-0b7d2f6f7b11 --to ana.zip")
    )(export)
    contacts.command(epilog=epilog("chatloom contacts erase 0192f3a4-7d1e-7c51-9a53-0b7d2f6f7b11"))(erase)
    contacts.command(epilog=epilog("chatloom contacts fields"))(fields)
    contacts.command(epilog=epilog("chatloom contacts declare city --type string --no-pii"))(declare)


def listing(
    phone: Annotated[str, typer.Option(help="Exactly who has this number, with country code.")] = "",
    identity: Annotated[str, typer.Option(help="Exactly whom a channel names so: kind:value.")] = "",
    tag: Annotated[str, typer.Option(help="Only those with this tag.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 100,
    sort: Sort = "",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """List contacts, the latest first."""
    wanted = {"phone": phone or None, "identity": identity or None, "tag": tag or None}
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/contacts", limit, sort=sort or None, **wanted), as_json, COLUMNS)


def show(contact: Contact, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Show a contact with all that is known of him."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.get(f"/contacts/{contact}"), as_json)


def set_(
    contact: Contact,
    name: Annotated[str | None, typer.Option(help="His name; empty clears it.")] = None,
    language: Annotated[str | None, typer.Option(help="His language: it, pt-BR; empty clears it.")] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="A declared field: name=value; null clears it.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="His tags from now on; each one again.")] = None,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Change a contact; what is not named stays."""
    built_in = {"name": name, "language": language}
    body: dict[str, Any] = {each: value or None for each, value in built_in.items() if value is not None}
    with Client.of(settings.load(), server, key) as api:
        if field:
            kinds = {row["name"]: row["type"] for row in api.pages("/contact-fields")}
            body["fields"] = dict(_field(pair, kinds) for pair in field)
        if tag is not None:
            body["tags"] = tag
        output.show(api.patch(f"/contacts/{contact}", body), as_json)


def opt_out(contact: Contact, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Write to him no more, on any number."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.post(f"/contacts/{contact}/opt-out"), as_json)


def opt_in(contact: Contact, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Let him be written to again. Only if he wants it."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.post(f"/contacts/{contact}/opt-in"), as_json)


def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file whose first line has names: phone, name, city …")],
    field: Annotated[
        list[str] | None, typer.Option(help="A declared field that holds for all of them: name=value.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Import contacts, such as those who are verified, a thousand lines at a time."""
    try:
        head, *lines = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    except (ValueError, csv.Error):
        raise typer.BadParameter("it is no CSV file in UTF-8 with a first line of names") from None
    counts = {"made": 0, "changed": 0}
    with Client.of(settings.load(), server, key) as api:
        kinds = {row["name"]: row["type"] for row in api.pages("/contact-fields")} if field else {}
        fields = dict(_field(pair, kinds) for pair in field or ())
        for first in range(0, len(lines), IMPORTED):
            part = io.StringIO()
            csv.writer(part).writerows([head, *lines[first : first + IMPORTED]])
            body = {"csv": part.getvalue(), "fields": fields, "dry_run": dry_run}
            done = api.post("/contacts/import", body)
            counts = {name: counts[name] + done[name] for name in counts}
    output.show(counts, as_json)


def merge(
    contact: Contact,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The id of who is the same person.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would move.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Merge OTHER into CONTACT: his names, fields, tags and conversations. It cannot be taken back."""
    if not dry_run and not yes:
        typer.confirm(f"Merge contact {other} into {contact}, for good?", abort=True)
    with Client.of(settings.load(), server, key) as api:
        body = {"other": other, "dry_run": dry_run}
        output.show(api.post(f"/contacts/{contact}/merge", body), as_json)


def export(
    contact: Contact,
    to: Annotated[Path, typer.Option(help="The zip archive to write.")],
    server: Server = "",
    key: Key = "",
) -> None:
    """Write everything that is kept of a contact, and his files, to a zip archive, to be handed to him."""
    with Client.of(settings.load(), server, key) as api:
        api.download(f"/contacts/{contact}/export", to)
    output.say(f"What is kept of contact {contact} is in {to}.")


def erase(
    contact: Contact,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Forget a contact for good, with everything that is kept of him."""
    if not yes:
        typer.confirm(f"Erase contact {contact} and everything that is kept of him, for good?", abort=True)
    with Client.of(settings.load(), server, key) as api:
        output.show(api.delete(f"/contacts/{contact}", sure="true"), as_json)


def fields(server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List the fields that contacts may have."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/contact-fields"), as_json, ["name", "type", "pii", "title"])


def declare(
    name: Annotated[str, typer.Argument(help="The field's name, as flows write it: contact.NAME.")],
    kind: Annotated[FieldType, typer.Option("--type", help="What it holds.")],
    pii: Annotated[bool, typer.Option(help="Whether it says who somebody is: lists leave it out.")] = True,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Declare a field that contacts may have."""
    with Client.of(settings.load(), server, key) as api:
        body = {"type": kind.value, "pii": pii, "title": title}
        output.show(api.put(f"/contact-fields/{name}", body), as_json)


def _field(pair: str, kinds: dict[str, str]) -> tuple[str, Any]:
    """A text stays one; any other type is read as JSON."""
    name, equals, value = pair.partition("=")
    if not equals:
        raise typer.BadParameter(f"{pair!r} is not name=value", param_hint="--field")
    if value == "null":
        return name, None
    if kinds.get(name) in ("integer", "number", "boolean"):
        try:
            return name, json.loads(value)
        except ValueError:
            raise typer.BadParameter(f"{name} is {kinds[name]}", param_hint="--field") from None
    return name, value
