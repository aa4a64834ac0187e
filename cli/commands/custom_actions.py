"""custom-actions: kinds of steps that integrations declare, on the server and in a bot's folder."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from cli import folder, output, settings
from cli.client import Client, ServerRefused
from cli.output import Json, Key, Server, epilog
from schemas.problems import Refused

COLUMNS = ["name", "title", "outcomes", "url", "answer_within_s"]
KEPT = (
    "name",
    "title",
    "description",
    "input_schema",
    "ui_schema",
    "outcomes",
    "result_schema",
    "answer_within_s",
)
HEAD = "# As the workspace declares it: chatloom custom-actions pull\n"

Name = Annotated[str, typer.Argument(help="The action's name.")]


class FileUnfit(Refused):
    """The file declares no custom action."""

    code = "custom_actions.file_unfit"
    sentence = "{file} declares no custom action: {why}"


def register(app: typer.Typer) -> None:
    """Add `custom-actions`."""
    group = typer.Typer(help="Kinds of steps that integrations declare.", no_args_is_help=True)
    app.add_typer(group, name="custom-actions")
    group.command("list", epilog=epilog("chatloom custom-actions list"))(listing)
    group.command(epilog=epilog("chatloom custom-actions pull bots/table-booking"))(pull)
    group.command(
        epilog=epilog(
            "chatloom custom-actions declare actions/crm_find.yaml --url https://crm.example/chatloom"
        )
    )(declare)
    group.command(
        "try", epilog=epilog("""chatloom custom-actions try crm_find '{"email": "a@b.example"}'""")
    )(attempt)
    group.command(epilog=epilog("chatloom custom-actions new-secret crm_find"))(new_secret)
    group.command(epilog=epilog("chatloom custom-actions remove crm_find"))(remove)


def listing(server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """List what is declared."""
    with Client.of(settings.load(), server, key) as api:
        output.show(api.pages("/custom-actions"), as_json, COLUMNS)


def pull(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")],
    every: Annotated[bool, typer.Option("--all", help="Also those that no flow here uses.")] = False,
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Write the actions that a folder's flows use into its actions/, so that check, test and chat know them."""
    from flows.bot import load

    bot = load(folder.read(path))
    used = {step.action for flow in bot.flows.values() for step in flow.document.steps} | set(bot.actions)
    with Client.of(settings.load(), server, key) as api:
        there = {row["name"]: row for row in api.pages("/custom-actions")}
    written: list[str] = []
    for name, row in there.items():
        if every or name in used:
            known = bot.actions.get(name)
            file = known.source.path if known and known.source.path.endswith("ml") else f"actions/{name}.yaml"
            target = path / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_text(row), encoding="utf-8")
            written.append(file)
    gone = sorted(set(bot.actions) - set(there))
    if as_json:
        output.show({"written": written, "unknown": gone}, True)
        return
    for file in written:
        output.say(f"written: {file}")
    for name in gone:
        output.say(f"the server does not have {name}, which {bot.actions[name].source.path} declares")
    if not written:
        output.say("No flow here uses a custom action that the server has.")


def declare(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file as in a folder's actions/.", exists=True)
    ],
    url: Annotated[str, typer.Option(help="Where it is answered. Needed for a new one.")] = "",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Declare a custom action, or change the one of that name. A new one's secret is printed, this once."""
    shape = _read(file)
    name = shape["name"]
    with Client.of(settings.load(), server, key) as api:
        try:
            api.get(f"/custom-actions/{name}")
        except ServerRefused as problem:
            if problem.document().get("code") != "not_found":
                raise
            if not url:
                raise typer.BadParameter("a new action needs an address", param_hint="--url") from None
            made = api.post("/custom-actions", {**shape, "url": url})
        else:
            changed = {field: value for field, value in shape.items() if field != "name"}
            made = api.patch(f"/custom-actions/{name}", {**changed, **({"url": url} if url else {})})
    output.show(made if as_json else {field: made.get(field) for field in (*COLUMNS, "secret")}, as_json)


def attempt(
    name: Name,
    sample: Annotated[str, typer.Argument(metavar="INPUT", help="A sample of its input, as JSON.")] = "{}",
    server: Server = "",
    key: Key = "",
    as_json: Json = False,
) -> None:
    """Call it once with a sample. Ends with 1 when the answer is none."""
    import json

    try:
        given = json.loads(sample)
    except ValueError as fault:
        raise typer.BadParameter(f"this is not JSON: {fault}", param_hint="INPUT") from None
    with Client.of(settings.load(), server, key) as api:
        tried = api.post(f"/custom-actions/{name}/try", {"input": given})
    output.show(tried, as_json)
    if tried["fault"]:
        raise typer.Exit(output.FAILED)


def new_secret(name: Name, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Give it a new secret, printed here and never again. The one before signs too, for 24 hours."""
    with Client.of(settings.load(), server, key) as api:
        made = api.post(f"/custom-actions/{name}/new-secret")
    output.show({field: made[field] for field in ("name", "secret", "old_secret_until")}, as_json)


def remove(name: Name, server: Server = "", key: Key = "", as_json: Json = False) -> None:
    """Remove one that no version in service uses."""
    with Client.of(settings.load(), server, key) as api:
        api.delete(f"/custom-actions/{name}")
    output.show({"removed": name}, as_json)


def _text(row: dict[str, Any]) -> str:
    shape = {
        "chatloom": "action/v1",
        **{field: row[field] for field in KEPT if row[field] not in ("", {}, None)},
    }
    return HEAD + yaml.safe_dump(shape, sort_keys=False, allow_unicode=True, width=100)


def _read(file: Path) -> dict[str, Any]:
    from flows.bot import load

    read = load({f"actions/{file.name}": file.read_bytes()})
    for declared in read.actions.values():
        shape = declared.document.model_dump(exclude={"chatloom"})
        return {**shape, "answer_within_s": round(shape["answer_within_s"])}
    faults = [one for one in read.diagnostics if one.file.startswith("actions/")]
    raise FileUnfit(file=file, why=f"line {faults[0].line}: {faults[0].message}" if faults else "it is empty")
